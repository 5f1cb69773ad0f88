import { isoOf } from '../../protocol/time.ts';
import type { Language } from '../../visit/format.ts';
import type { Told } from './publicBoard.ts';

/**
 * A commune's visits as a subscribed calendar (RFC 5545): for the plan. Calendars are read again after hours, so the
 * live state is told with its time and the page's address, never as if it were now.
 */
export type CalendarOf = {
  readonly commune: string;
  readonly language: Language;
  /** Address of the commune's page. */
  readonly url: string;
  /** Right-hand side of the UIDs: the host of the pages. */
  readonly host: string;
  readonly visits: readonly Told[];
};

/** TEXT: backslash, semicolon and comma escaped, a line end written `\n`, other control characters out (§3.3.11). */
const text = (value: string) =>
  value
    .replace(/\\/g, '\\\\')
    .replace(/[;,]/g, '\\$&')
    .replace(/\r\n|\r|\n/g, '\\n')
    .replace(/[\x00-\x1f\x7f]/g, '');

const stamp = (atMs: number) => `${isoOf(atMs).slice(0, 19).replace(/[-:]/g, '')}Z`;

/** Lines folded at 75 octets, never inside a letter (§3.1). */
export function folded(line: string): string {
  const out: string[] = [];
  let part = '';
  let octets = 0;
  for (const letter of line) {
    const size = octetsOf(letter);
    if (octets + size > 75) {
      out.push(part);
      part = ' ';
      octets = 1;
    }
    part += letter;
    octets += size;
  }
  return [...out, part].join('\r\n');
}

const octetsOf = (letter: string): number => {
  const point = letter.codePointAt(0)!;
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
};

const MAX_SEQUENCE = 2 ** 31 - 1;
/** A word beside the plan (late, moved, cancelled, back again) is a revision of its own within an agenda version. */
const revisionOf = ({ facts, statement }: Told): number => {
  const word = statement.state === 'cancelled' ? 2 : statement.movedTo ? 1 : 0;
  return Math.min(MAX_SEQUENCE, (facts.agenda ?? 0) * 4 + word);
};

function eventOf(told: Told, { commune, language, url, host }: CalendarOf): string[] {
  const { facts, statement } = told;
  const fr = language === 'fr';
  const place = statement.movedTo?.name ?? [facts.name, facts.address].filter(Boolean).join(', ');
  const at = statement.movedTo ?? facts;
  const isOff = statement.state === 'cancelled';
  const name = fr ? `Agence mobile: ${commune}` : `Mobile agency: ${commune}`;
  const off = fr ? 'Annulé' : 'Cancelled';
  return [
    'BEGIN:VEVENT',
    `UID:${text(facts.id)}@${host}`,
    `DTSTAMP:${stamp(statement.atMs)}`,
    `LAST-MODIFIED:${stamp(statement.atMs)}`,
    `SEQUENCE:${revisionOf(told)}`,
    `STATUS:${isOff ? 'CANCELLED' : 'CONFIRMED'}`,
    `DTSTART:${stamp(facts.fromMs)}`,
    `DTEND:${stamp(facts.toMs)}`,
    `SUMMARY:${text(isOff ? `${off}: ${name}` : name)}`,
    `LOCATION:${text(place)}`,
    ...(at.lat === undefined || at.lon === undefined ? [] : [`GEO:${at.lat};${at.lon}`]),
    `DESCRIPTION:${text(`${statement.text[language]}\n${url}`)}`,
    `URL:${url}`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ];
}

export function calendarOf(of: CalendarOf): string {
  const name = of.language === 'fr' ? `Agence mobile · ${of.commune}` : `Mobile agency · ${of.commune}`;
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Tournee//Agence mobile//FR',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${text(name)}`,
    `NAME:${text(name)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT3H',
    'X-PUBLISHED-TTL:PT3H',
    ...of.visits.flatMap((told) => eventOf(told, of)),
    'END:VCALENDAR',
    '',
  ]
    .map(folded)
    .join('\r\n');
}

export { stamp as icalStamp, text as icalText };
