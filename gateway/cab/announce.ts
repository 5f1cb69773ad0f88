import { useEffect, useRef, useState } from 'preact/hooks';
import { alertText } from '../../web/dictionaryCab.ts';
import type { CabView } from '../core/cabView.ts';
import { chime } from './chime.ts';
import type { Prefs } from './prefs.ts';

/** Says a new alert once to a screen reader, and chimes when it is serious: not each time its figures change. */
export function useAnnounced(view: CabView | undefined, prefs: Prefs): string {
  const [spoken, setSpoken] = useState('');
  const known = useRef<ReadonlyMap<string, string>>(undefined);
  useEffect(() => {
    if (!view) return;
    const before = known.current;
    known.current = new Map(view.alerts.map((a) => [a.episode, a.severity]));
    // What was there when the page was opened is on it, and is no news.
    if (!before) return;
    const news = view.alerts.find((a) => !a.acknowledged && before.get(a.episode) !== a.severity);
    if (!news) return;
    setSpoken(alertText(prefs.language, news, view.timezone).text);
    if (prefs.sound && news.severity !== 'notice') chime();
  }, [view, prefs]);
  return spoken;
}
