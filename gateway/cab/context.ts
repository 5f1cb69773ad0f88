import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { clock, type Language } from '../../visit/format.ts';
import type { Same } from '../../web/dictionary.ts';
import { cabWords } from '../../web/dictionaryCab.ts';
import type { CabPress } from '../core/cabView.ts';

/** What every part of the page needs: words, times in words, and the way to tell the gateway. */
export type Page = {
  readonly language: Language;
  readonly timezone: string;
  /** `9 h 24` of epoch ms. */
  readonly time: (ms: number) => string;
  /** Tells an act; the page shows what became of it. */
  readonly tell: (act: Omit<CabPress, 'key'>) => void;
  readonly open: (panel: Panel | undefined) => void;
  /** An act is on its way: buttons wait. */
  readonly busy: boolean;
};

export type Panel =
  | 'late'
  | 'other'
  | 'cancel'
  | 'moved'
  | 'pause'
  | 'visits'
  | 'alerts'
  | 'messages'
  | 'settings'
  | 'mine';

export type Words = Same<typeof cabWords.fr>;

export const PageContext = createContext<Page>({
  language: 'fr',
  timezone: 'Europe/Paris',
  time: (ms) => clock('fr', ms, 'Europe/Paris'),
  tell: () => {},
  open: () => {},
  busy: false,
});

export const usePage = (): Page => useContext(PageContext);
export const useWords = () => cabWords[usePage().language];
