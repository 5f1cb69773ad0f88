import { instantOf } from '../../visit/agenda.ts';
import { localDate } from '../../visit/format.ts';
import type { PublicFacts } from '../../visit/public.ts';
import { communeOf, slugOf } from './communes.ts';
import type { Told } from './publicBoard.ts';

/**
 * The plan as GTFS (gtfs.org/documentation/schedule/reference), for journey planners. A visit is a trip of one day:
 * its first stop time is the visit (arrival and departure are its window), the second one, at the same stop, ends the
 * trip, because a trip of one stop time is unusable. What is live is in the GTFS-Realtime feed alone.
 */
export type Publisher = {
  readonly name: string;
  readonly origin: string;
  readonly timezone: string;
  readonly phone?: string;
};

export const AGENCY = 'agence';
export const ROUTE = 'agence-mobile';
const BUS = '3';

type Table = { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };

/** Visits that may still be taken: another day's are no news to a journey planner. Both feeds speak of these. */
export const currentOf = (visits: readonly Told[], nowMs: number): readonly Told[] =>
  visits.filter(({ facts }) => facts.toMs > nowMs || facts.date >= localDate(nowMs, facts.timezone));

/** Local time as GTFS counts it: since noon minus twelve hours, so that a night's visit goes past 24:00:00. */
export function gtfsTime(atMs: number, { date, timezone }: PublicFacts): string {
  const s = Math.round((atMs - instantOf(date, '12:00', timezone)) / 1000) + 12 * 3600;
  return [s / 3600, (s / 60) % 60, s % 60].map((n) => `${Math.floor(n)}`.padStart(2, '0')).join(':');
}

export const gtfsDate = (date: string): string => date.replaceAll('-', '');

/** One line of text, as a field must be; quoted where the format needs it (RFC 4180). */
function field(value: string): string {
  const line = value.replace(/\s+/gu, ' ').trim();
  return /[",]/.test(line) ? `"${line.replaceAll('"', '""')}"` : line;
}
const textOf = ({ head, rows }: Table): string =>
  [head, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');

function stopsOf(visits: readonly Told[], { origin }: Publisher): Table {
  const stops = new Map(visits.map(({ facts }) => [facts.stop, facts]));
  return {
    head: ['stop_id', 'stop_name', 'stop_desc', 'stop_lat', 'stop_lon', 'stop_url', 'location_type'],
    rows: [...stops.values()].map(({ stop, name, address = '', lat, lon, commune }) => {
      const page = `${origin}/c/${commune}-${slugOf(communeOf(commune)?.name ?? name)}`;
      return [stop, name, address === name ? '' : address, `${lat}`, `${lon}`, page, '0'];
    }),
  };
}

function stopTimesOf(visits: readonly Told[]): Table {
  return {
    head: ['trip_id', 'arrival_time', 'departure_time', 'stop_id', 'stop_sequence', 'timepoint'],
    rows: visits.flatMap(({ facts }) => {
      const [from, to] = [gtfsTime(facts.fromMs, facts), gtfsTime(facts.toMs, facts)];
      return [
        [facts.id, from, to, facts.stop, '1', '1'],
        [facts.id, to, to, facts.stop, '2', '1'],
      ];
    }),
  };
}

/** The files of the feed, by name. `version` changes with the plan. */
export function gtfsFiles(
  visits: readonly Told[],
  publisher: Publisher,
  version: string,
): ReadonlyMap<string, string> {
  const { name, origin, timezone, phone = '' } = publisher;
  const dates = [...new Set(visits.map(({ facts }) => gtfsDate(facts.date)))].sort();
  const tables: Record<string, Table> = {
    agency: {
      head: ['agency_id', 'agency_name', 'agency_url', 'agency_timezone', 'agency_lang', 'agency_phone'],
      rows: [[AGENCY, name, origin, timezone, 'fr', phone]],
    },
    stops: stopsOf(visits, publisher),
    routes: {
      head: ['route_id', 'agency_id', 'route_long_name', 'route_type'],
      rows: [[ROUTE, AGENCY, 'Passages dans les communes', BUS]],
    },
    trips: {
      head: ['route_id', 'service_id', 'trip_id', 'trip_headsign'],
      rows: visits.map(({ facts }) => [ROUTE, gtfsDate(facts.date), facts.id, facts.name]),
    },
    stop_times: stopTimesOf(visits),
    calendar_dates: {
      head: ['service_id', 'date', 'exception_type'],
      rows: dates.map((date) => [date, date, '1']),
    },
    feed_info: {
      head: [
        'feed_publisher_name',
        'feed_publisher_url',
        'feed_lang',
        'feed_start_date',
        'feed_end_date',
        'feed_version',
        'feed_contact_url',
      ],
      rows: [[name, origin, 'fr', dates[0] ?? '', dates.at(-1) ?? '', version, origin]],
    },
    attributions: {
      head: ['organization_name', 'is_producer', 'is_operator', 'attribution_url'],
      rows: [[name, '1', '1', origin]],
    },
  };
  return new Map(Object.entries(tables).map(([file, table]) => [`${file}.txt`, textOf(table)]));
}
