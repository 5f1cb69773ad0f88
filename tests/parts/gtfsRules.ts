import type { Feed, Schedule } from './gtfs.ts';

/**
 * The rules of the public validators that this feed could break, as docs/GTFS.md lists them: the schedule's
 * (MobilityData gtfs-validator) by notice, the live feed's (gtfs-realtime-validator) by code. `[]` is clean.
 */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  agency: ['agency_id', 'agency_name', 'agency_url', 'agency_timezone'],
  stops: ['stop_id', 'stop_name', 'stop_lat', 'stop_lon'],
  routes: ['route_id', 'agency_id', 'route_long_name', 'route_type'],
  trips: ['route_id', 'service_id', 'trip_id'],
  stop_times: ['trip_id', 'arrival_time', 'departure_time', 'stop_id', 'stop_sequence'],
  calendar_dates: ['service_id', 'date', 'exception_type'],
  feed_info: ['feed_publisher_name', 'feed_publisher_url', 'feed_lang'],
  attributions: ['organization_name'],
};
const KEYS: Readonly<Record<string, readonly string[]>> = {
  agency: ['agency_id'],
  stops: ['stop_id'],
  routes: ['route_id'],
  trips: ['trip_id'],
  stop_times: ['trip_id', 'stop_sequence'],
  calendar_dates: ['service_id', 'date'],
};
const REFERENCES = [
  ['routes', 'agency_id', 'agency'],
  ['trips', 'route_id', 'routes'],
  ['trips', 'service_id', 'calendar_dates'],
  ['stop_times', 'trip_id', 'trips'],
  ['stop_times', 'stop_id', 'stops'],
] as const;

const isUrl = (text: string) => URL.canParse(text) && /^https?:/.test(text);
const isZone = (zone: string) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};
const secondsOf = (time: string): number => {
  const parts = /^(\d{2,}):([0-5]\d):([0-5]\d)$/.exec(time);
  return parts ? Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3]) : Number.NaN;
};

export function scheduleFaults(schedule: Schedule): string[] {
  const found: string[] = [];
  const fault = (broken: boolean, text: string) => void (broken && found.push(text));
  for (const [file, columns] of Object.entries(REQUIRED)) {
    fault(!schedule[file]?.length, `missing_required_file ${file}`);
    for (const row of schedule[file] ?? []) {
      for (const column of columns) fault(!row[column], `missing_required_field ${file}.${column}`);
      for (const [column, value] of Object.entries(row)) {
        fault(value !== value.trim(), `leading_or_trailing_whitespaces ${file}.${column}`);
        fault(/[\r\n]/.test(value), `new_line_in_value ${file}.${column}`);
        fault(
          column.endsWith('_url') && value !== '' && !isUrl(value),
          `invalid_url ${file}.${column} ${value}`,
        );
      }
    }
  }
  for (const [file, key] of Object.entries(KEYS)) {
    const ids = (schedule[file] ?? []).map((row) => key.map((column) => row[column]).join('|'));
    fault(new Set(ids).size !== ids.length, `duplicate_key ${file}`);
  }
  for (const [file, column, other] of REFERENCES) {
    const known = new Set(schedule[other]?.map((row) => row[column]));
    const used = new Set(schedule[file]?.map((row) => row[column]));
    for (const id of used) fault(!known.has(id), `foreign_key_violation ${file}.${column} ${id}`);
    if (other !== 'agency') for (const id of known) fault(!used.has(id), `unused ${other} ${id}`);
  }
  for (const row of schedule.agency ?? []) fault(!isZone(row.agency_timezone!), 'invalid_timezone');
  for (const row of schedule.routes ?? [])
    fault(!/^([0-7]|1[12])$/.test(row.route_type!), 'unexpected_enum_value');
  for (const row of schedule.stops ?? []) {
    const [lat, lon] = [Number(row.stop_lat), Number(row.stop_lon)];
    fault(!(Math.abs(lat) <= 90 && Math.abs(lon) <= 180), `number_out_of_range ${row.stop_id}`);
    fault(Math.abs(lat) < 1 && Math.abs(lon) < 1, `point_near_origin ${row.stop_id}`);
    fault(row.stop_desc === row.stop_name, `same_name_and_description_for_stop ${row.stop_id}`);
  }
  const dates = (schedule.calendar_dates ?? []).map((row) => row.date!);
  fault(!dates.every((date) => /^20\d\d[01]\d[0-3]\d$/.test(date)), 'invalid_date');
  const trips = grouped(schedule.stop_times ?? []);
  for (const [trip, times] of trips) {
    fault(times.length < 2, `unusable_trip ${trip}`);
    let before = Number.NEGATIVE_INFINITY;
    let sequence = -1;
    for (const row of times) {
      const [arrival, departure] = [secondsOf(row.arrival_time!), secondsOf(row.departure_time!)];
      fault(!(arrival >= before), `stop_time_with_arrival_before_previous_departure_time ${trip}`);
      fault(!(departure >= arrival), `stop_time_with_departure_before_arrival_time ${trip}`);
      fault(!(Number(row.stop_sequence) > sequence), `decreasing stop_sequence ${trip}`);
      [before, sequence] = [departure, Number(row.stop_sequence)];
    }
  }
  return found;
}

function grouped(rows: Schedule[string]): Map<string, Record<string, string>[]> {
  const groups = new Map<string, Record<string, string>[]>();
  for (const row of rows) groups.set(row.trip_id!, [...(groups.get(row.trip_id!) ?? []), row]);
  return groups;
}

const [SCHEDULED, SKIPPED, NO_DATA, CANCELED] = [0, 1, 2, 3];

export function realtimeFaults(feed: Feed, schedule: Schedule, nowMs: number): string[] {
  const found: string[] = [];
  const fault = (broken: boolean, text: string) => void (broken && found.push(text));
  const isPosix = (s: number | undefined) => s !== undefined && s > 1e9 && s < 1e10;
  const now = nowMs / 1000;
  const trips = new Map(schedule.trips!.map((row) => [row.trip_id, row]));
  const stopTimes = grouped(schedule.stop_times!);
  const stamp = feed.timestamp ?? Number.NaN;
  fault(feed.version !== '2.0', 'E038 gtfs_realtime_version');
  fault(feed.incrementality !== 0, 'E049 incrementality');
  fault(!isPosix(stamp), 'E048/E001 header.timestamp');
  fault(stamp > now + 60, 'E050 header in the future');
  fault(stamp < now - 65, 'W008 header older than 65 s');
  fault(new Set(feed.ids).size !== feed.ids.length, 'E052 entity ids are not unique');
  fault(feed.vehicles > 0, 'a vehicle position');
  const named = (of: {
    trip?: string | undefined;
    date?: string | undefined;
    route?: string | undefined;
    relationship?: number | undefined;
  }) => {
    const trip = trips.get(of.trip!);
    fault(!trip, `E003 trip ${of.trip}`);
    fault(!trip || trip.route_id !== of.route, `E004/E035 route ${of.route}`);
    fault(!/^\d{8}$/.test(of.date ?? ''), `E021 start_date ${of.date}`);
    fault(trip?.service_id !== of.date, `start_date ${of.date} is not a day of the trip`);
    fault(of.relationship === undefined, 'W009 trip schedule_relationship');
  };
  for (const update of feed.updates) {
    named(update);
    fault(update.hasVehicle, 'a vehicle is named');
    fault(!isPosix(update.timestamp), 'W001/E001 trip timestamp');
    fault(update.timestamp! > stamp, 'E012 header older than its trip');
    fault(update.stops.length === 0 && update.relationship !== CANCELED, 'E041 no stop_time_update');
    const sequences = update.stops.map((s) => s.sequence!);
    fault(
      sequences.some((s, n) => n > 0 && s <= sequences[n - 1]!),
      'E002/E036 stop_sequence',
    );
    const known = stopTimes.get(update.trip!) ?? [];
    let before = Number.NEGATIVE_INFINITY;
    for (const { sequence, stop, arrival, departure, relationship } of update.stops) {
      const planned = known.find((row) => row.stop_sequence === `${sequence}`);
      fault(!planned, `E051 stop_sequence ${sequence}`);
      fault(stop !== undefined && stop !== planned?.stop_id, `E045 stop ${stop}`);
      fault(relationship === undefined, 'W009 stop schedule_relationship');
      const times = [arrival?.time, departure?.time].filter((t) => t !== undefined);
      fault(relationship === NO_DATA && times.length > 0, 'E042 times of NO_DATA');
      fault(relationship === SCHEDULED && times.length === 0, 'E043 neither arrival nor departure');
      fault(relationship === SKIPPED && times.length > 0, 'times of a skipped stop');
      fault(
        [arrival, departure].some((e) => e && e.time === undefined),
        'E044 event without time',
      );
      fault(!times.every(isPosix), 'E001 time');
      fault(
        (arrival?.time ?? 0) > (departure?.time ?? Number.POSITIVE_INFINITY),
        'E025 departure before arrival',
      );
      fault(
        times.some((t) => t <= before),
        'E022 times do not increase',
      );
      before = Math.max(before, ...times);
    }
  }
  for (const alert of feed.alerts) {
    fault(alert.informed.length === 0, 'E032 no informed_entity');
    for (const entity of alert.informed) named(entity);
    fault(alert.period.start > alert.period.end, 'active_period ends before it starts');
    for (const language of ['fr', 'en'])
      fault(!alert.header[language] || !alert.description[language], `no ${language} text`);
  }
  return found;
}
