import { parseNmeaSentence } from 'nmea-simple';
import type { Sentence } from '../lines.ts';
import { isEmpty, text } from './fields.ts';

/**
 * What a receiver tells beside its fixes, for whoever must find out why there is none: satellites in view (GSV) and its
 * own words (TXT: antenna open or short, boot banner). Never a position. Kept raw and decoded when asked, so that it
 * costs the fixes next to nothing.
 *
 *     $GPGSV,3,1,11,05,64,290,41,…*hh     3 sentences, the first, 11 satellites in view of this talker
 *     $GNTXT,01,01,02,ANTSTATUS=OPEN*hh   1 of 1, kind 02, text
 */
export type Sky = {
  readonly satellitesInView?: number;
  readonly text?: string;
};

/** GP, GL, GA, GB, BD, GQ, QZ, GI, PQ … and no more than a few at once. */
const MAX_TALKERS = 16;

const LETTER_G = 0x47;
const LETTER_S = 0x53;
const LETTER_V = 0x56;
const ONE = 0x31;

export type SkyWatch = { take(s: Sentence): void; view(): Sky };

export function makeSkyWatch(): SkyWatch {
  const first = new Map<string, string>();
  let lastText: string | undefined;

  const take = (s: Sentence) => {
    const { bytes, starts } = s;
    if (bytes[2] === LETTER_G && bytes[3] === LETTER_S && bytes[4] === LETTER_V) {
      // An empty count would come back as 0: the raw field is asked first.
      if (s.count < 4 || bytes[starts[2]!] !== ONE || isEmpty(s, 3)) return;
      const talker = text(s, 0);
      if (first.has(talker) || first.size < MAX_TALKERS) first.set(talker, bodyOf(s));
    } else if (text(s, 0).endsWith('TXT')) lastText = text(s, 4);
  };
  const view = (): Sky => {
    const counts = [...first.values()].map(inViewOf).filter((count) => count !== undefined);
    return {
      ...(counts.length > 0 ? { satellitesInView: counts.reduce((sum, count) => sum + count, 0) } : {}),
      ...(lastText ? { text: lastText } : {}),
    };
  };
  return { take, view };
}

const bodyOf = (s: Sentence): string => {
  let body = '';
  for (let i = 0, end = s.starts[s.count]! - 1; i < end; i++) body += String.fromCharCode(s.bytes[i]!);
  return body;
};

/** By nmea-simple, which throws on what it does not like (hazards.md §2.3) and knows no checksum that we keep. */
function inViewOf(body: string): number | undefined {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum ^= body.charCodeAt(i);
  try {
    const packet = parseNmeaSentence(`$${body}*${sum.toString(16).toUpperCase().padStart(2, '0')}`);
    const count = packet.sentenceId === 'GSV' ? packet.satellitesInView : Number.NaN;
    return Number.isInteger(count) && count >= 0 && count < 100 ? count : undefined;
  } catch {
    return undefined;
  }
}
