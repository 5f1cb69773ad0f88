import type { Agenda } from '../../protocol/agenda.ts';
import { msOf } from '../../protocol/time.ts';
import { instantOf, plannedVisits } from '../../visit/agenda.ts';
import { localDate, localOf } from '../../visit/format.ts';
import type { AgendaLine } from './agendaTable.ts';
import { folded, icalStamp as stamp, icalText as text } from './calendar.ts';

/** The planner's calendar, out and back in (RFC 5545): one event a visit; the UID is the visit's id. */
export function agendaIcal(agenda: Agenda, publishedAt: number): string {
  const events = plannedVisits(agenda).flatMap(({ visit, stop, fromMs, toMs }) => [
    'BEGIN:VEVENT',
    `UID:${text(visit.id)}@tournee`,
    `DTSTAMP:${stamp(publishedAt)}`,
    `DTSTART:${stamp(fromMs)}`,
    `DTEND:${stamp(toMs)}`,
    `SUMMARY:${text(stop.name)}`,
    `LOCATION:${text([stop.name, stop.address].filter(Boolean).join(', '))}`,
    `GEO:${stop.lat};${stop.lon}`,
    `CATEGORIES:${text(visit.van ?? '')}`,
    `X-TOURNEE-STOP:${text(stop.id)}`,
    `STATUS:${visit.cancelled ? 'CANCELLED' : 'CONFIRMED'}`,
    'END:VEVENT',
  ]);
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Tournee//Planning//FR',
    ...events,
    'END:VCALENDAR',
    '',
  ];
  return lines.map(folded).join('\r\n');
}

const untext = (value: string) => value.replace(/\\n/gi, '\n').replace(/\\([\\;,])/g, '$1');
const MAX_EVENTS = 20_000;

/** Lines as the table gives them; an event whose place is not known by id, or by name, is named in `unknown`. */
export function linesOfIcal(
  ical: string,
  agenda: Agenda,
): { readonly lines: AgendaLine[]; readonly unknown: string[] } {
  const lines: AgendaLine[] = [];
  const unknown: string[] = [];
  let event: Map<string, string> | undefined;
  for (const line of ical.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    if (line === 'BEGIN:VEVENT') event = new Map();
    else if (line === 'END:VEVENT' && event) {
      const made = lineOf(event, agenda);
      if (made) lines.push(made);
      else unknown.push(event.get('SUMMARY') ?? '?');
      event = undefined;
      if (lines.length >= MAX_EVENTS) break;
    } else if (event) {
      const m = /^([A-Z-]+)((?:;(?:[^:"]|"[^"]*")*)?):(.*)$/.exec(line);
      if (m) event.set(m[1]!, untext(m[3]!));
      const zone = /;TZID="?([^;":]+)"?/.exec(m?.[2] ?? '')?.[1];
      if (zone !== undefined) event.set(`${m![1]} TZID`, zone);
    }
  }
  return { lines, unknown };
}

function lineOf(event: ReadonlyMap<string, string>, agenda: Agenda): AgendaLine | undefined {
  const place = [event.get('X-TOURNEE-STOP'), event.get('LOCATION'), event.get('SUMMARY')];
  const stop = agenda.stops.find((s) =>
    place.some((p) => p !== undefined && (p === s.id || p.startsWith(s.name))),
  );
  const from = localStamp(event, 'DTSTART', agenda.timezone);
  const to = localStamp(event, 'DTEND', agenda.timezone);
  if (!stop || !from || !to) return undefined;
  const id = event.get('UID')?.replace(/@.*$/, '').replace(/\s/g, '-').slice(0, 64);
  return {
    ...(id ? { id } : {}),
    ...(event.get('CATEGORIES') ? { van: event.get('CATEGORIES')! } : {}),
    stop: stop.id,
    date: from.date,
    from: from.time,
    to: to.time,
    ...(event.get('STATUS') === 'CANCELLED' ? { cancelled: 'annulé' } : {}),
  };
}

/** What Outlook writes for the zones of Western Europe (Unicode CLDR, windowsZones). */
const OUTLOOK_ZONES: Readonly<Record<string, string>> = {
  'Romance Standard Time': 'Europe/Paris',
  'W. Europe Standard Time': 'Europe/Berlin',
  'GMT Standard Time': 'Europe/London',
};

/** A UTC time, one of a named zone (TZID) or a floating one, in the agenda's zone; undefined for a day or no known zone. */
function localStamp(
  event: ReadonlyMap<string, string>,
  name: 'DTSTART' | 'DTEND',
  timezone: string,
): { date: string; time: string } | undefined {
  const m = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)$/.exec(event.get(name) ?? '');
  if (!m) return undefined;
  const [, year, month, day, hour, minute, second, utc] = m;
  const [date, time] = [`${year}-${month}-${day}`, `${hour}:${minute}`];
  const told = event.get(`${name} TZID`);
  const zone = told === undefined ? timezone : (OUTLOOK_ZONES[told] ?? told);
  if (!utc && zone === timezone) return { date, time };
  const atMs = utc ? msOf(`${date}T${time}:${second}.000Z`) : instantIn(zone, date, time);
  if (atMs === undefined) return undefined;
  const local = localOf(atMs, timezone);
  const two = (n: number) => `${n}`.padStart(2, '0');
  return { date: localDate(atMs, timezone), time: `${two(local.hour)}:${two(local.minute)}` };
}

function instantIn(zone: string, date: string, time: string): number | undefined {
  try {
    return instantOf(date, time, zone);
  } catch {
    return undefined;
  }
}
