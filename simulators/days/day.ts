import type { Agenda } from '../../protocol/agenda.ts';
import { makeRandom, type Random } from '../random.ts';
import {
  type Drive,
  type Halt,
  lengthOf,
  type Moment,
  makeVan,
  type Point,
  road,
  trafficHaltS,
  type Van,
} from './drive.ts';
import type { DayKind } from './kinds.ts';
import {
  type Format,
  type Origin,
  type ReceiverPlan,
  type Report,
  receive,
  type Span,
  toDegrees,
} from './receiver.ts';

/**
 * One day of two stops as a receiver, a battery and a driver tell it, with the truth beside it. Independent of the
 * gateway: nothing here knows the rule that is scored.
 */
export type TrueStay = { readonly visit: string; readonly from: number; readonly to: number };
export type Line = {
  /** Second of the day at which the line is read: the feed's clock. */
  readonly s: number;
  readonly text: string;
};
export type Day = {
  readonly kind: DayKind;
  readonly seed: number;
  readonly agenda: Agenda;
  readonly startMs: number;
  readonly seconds: number;
  readonly stays: readonly TrueStay[];
  /** Window of each visit, seconds of the day. */
  readonly windows: Readonly<Record<string, Span>>;
  readonly lines: readonly Line[];
  /** Where the van parks at each stop, week after week. */
  readonly spots: Readonly<Record<string, { readonly latitude: number; readonly longitude: number }>>;
  /** 1 for each second in which a position was read in time. */
  readonly seen: Uint8Array;
};
export type DayOptions = {
  readonly power?: boolean;
  readonly seed: number;
  readonly kind: DayKind;
};

type Place = Point & {
  readonly id: string;
  readonly radiusM: number;
  readonly spot: Point;
  readonly streetM: number;
};
/** What the script of a day collects while the van drives. */
type Script = {
  readonly kind: DayKind;
  readonly random: Random;
  readonly van: Van;
  readonly stays: TrueStay[];
  readonly gaps: Span[];
  readonly cold: Span[];
  readonly stuck: Span[];
  readonly delays: Span[];
  readonly acts: { s: number; act: string; visit: string }[];
  readonly withButton: boolean;
  readonly hit: 'v1' | 'v2';
};

const MINUTE = 60;

function placeAt(id: string, at: Point, kind: DayKind, random: Random): Place {
  const radiusM = [40, 50, 60, 60, 80, 80, 100, 120, 150][Math.floor(random.next() * 9)]!;
  const share = kind === 'edge' ? random.between(0.85, 1.1) : random.between(0, 0.55);
  const angle = random.between(0, 2 * Math.PI);
  return {
    ...at,
    id,
    radiusM,
    spot: { x: at.x + share * radiusM * Math.cos(angle), y: at.y + share * radiusM * Math.sin(angle) },
    streetM: random.between(-0.5, 0.5) * radiusM,
  };
}

/** The street past a place, west to east, long enough to reach cruising speed. */
const street = (place: Place): Point[] => [
  { x: place.x - 900, y: place.y + place.streetM },
  { x: place.x + 900, y: place.y + place.streetM },
];

function drive(script: Script, path: readonly Point[], more: Partial<Drive> = {}): void {
  const { van, random } = script;
  const halts: Halt[] = [...(more.halts ?? [])];
  const total = lengthOf(path);
  for (let atM = random.between(200, 2500); atM < total - 200; atM += random.between(600, 3500))
    halts.push({ atM, seconds: trafficHaltS(random) });
  van.drive({
    cruiseMps: random.between(11, 22),
    slowM: 900,
    slowMps: random.between(7, 13),
    ...more,
    path,
    halts,
  });
}

/** To the place and onto its parking spot. */
function arrive(script: Script, place: Place): void {
  const { van, random } = script;
  const west = random.next() < 0.5;
  const [a, b] = street(place);
  const entry = west ? a! : b!;
  const turn = { x: place.spot.x + (west ? -1 : 1) * random.between(8, 25), y: place.y + place.streetM };
  const path = [...road(van.here(), entry, random), turn, place.spot];
  const total = lengthOf(path);
  const halts: Halt[] = [];
  if (script.kind === 'jam' && random.next() < 0.7)
    halts.push(...jamHalts(total - place.radiusM - 40, total - 12, random));
  if (script.kind === 'red_light' && random.next() < 0.5)
    halts.push({ atM: total - random.between(15, place.radiusM + 30), seconds: random.between(10, 60) });
  drive(script, path, { halts });
}

/** Stop and go between two metres of the way. */
function jamHalts(fromM: number, toM: number, random: Random): Halt[] {
  const halts: Halt[] = [];
  for (let atM = Math.max(0, fromM - 150); atM < toM; atM += random.between(6, 30))
    halts.push({ atM, seconds: Math.min(120, 4 - 15 * Math.log(1 - random.next())) });
  return halts;
}

/** Past the place without a visit. */
function passBy(script: Script, place: Place, halts: readonly number[]): void {
  const { van, random } = script;
  const [a, b] = street(place);
  const before = road(van.here(), a!, random);
  const toPlace = lengthOf(before) + 900;
  const inside = Math.sqrt(Math.max(0, place.radiusM ** 2 - place.streetM ** 2));
  const stops: Halt[] = halts.map((seconds) => ({
    atM: toPlace + random.between(-0.95, 0.95) * inside,
    seconds,
  }));
  if (script.kind === 'jam') stops.push(...jamHalts(toPlace - inside, toPlace + inside, random));
  drive(script, [...before, b!], { halts: stops });
}

function standUntil(van: Van, s: number): void {
  van.stand(Math.max(0, Math.round(s - van.now())));
}

function switchOff(script: Script): void {
  const { van, random } = script;
  if (random.next() < 0.2) return;
  van.stand(Math.round(random.between(4, 35)));
  van.engine(false);
}

/** A stay at the place until `untilS`, with what this kind of day brings. */
function stay(script: Script, place: Place, visit: string, untilS: number): void {
  const { van, random, kind } = script;
  const from = van.now();
  // Two stops a day: what befalls a day befalls one of them.
  const isHit = visit === script.hit;
  if (isHit && kind === 'gap_on_arrival')
    script.gaps.push({ from: from - random.between(8, 60), to: from + random.between(20, 420) });
  if (isHit && kind === 'reboot_on_site') {
    const at = from + random.between(10, 1500);
    script.gaps.push({ from: at, to: at + random.between(50, 260) });
  }
  if (isHit && kind === 'cold_start') {
    const to = from + random.between(-20, 60);
    script.gaps.push({ from: from - random.between(60, 300), to });
    script.cold.push({ from: to, to: to + random.between(60, 180) });
  }
  if (kind === 'late_data' && random.next() < 0.7) {
    const at = from + random.between(-200, 400);
    script.delays.push({ from: at, to: at + random.between(30, 500) });
  }
  if (script.withButton && random.next() < 0.65) {
    script.acts.push({ s: from + Math.round(random.between(25, 200)), act: 'open', visit });
    script.acts.push({
      s: Math.max(from + 400, untilS - Math.round(random.between(60, 400))),
      act: 'closed',
      visit,
    });
  }
  switchOff(script);
  if (isHit && kind === 'shuffle')
    for (let i = 0; i < 1 + random.next() * 2; i++) {
      van.stand(Math.round(random.between(15, 500)));
      van.engine(true);
      van.stand(4);
      const angle = random.between(0, 2 * Math.PI);
      const way = random.between(8, 35);
      const to = { x: van.here().x + way * Math.cos(angle), y: van.here().y + way * Math.sin(angle) };
      const outside = Math.hypot(to.x - place.x, to.y - place.y) > place.radiusM * 0.9;
      van.drive({ path: [van.here(), outside ? place : to], cruiseMps: random.between(1.5, 3.5) });
      switchOff(script);
    }
  standUntil(van, untilS - 5);
  van.engine(true);
  van.stand(Math.round(random.between(3, 15)));
  script.stays.push({ visit, from, to: van.now() });
}

/** Leaves by the street, so that the circle is left at speed. */
function leaveTo(script: Script, place: Place, to: Point): void {
  const { van, random } = script;
  const [a, b] = street(place);
  const exit = random.next() < 0.5 ? a! : b!;
  const near = { x: place.spot.x + Math.sign(exit.x - place.x) * 12, y: place.y + place.streetM };
  if (script.kind === 'stuck' && random.next() < 0.6) {
    const from = van.now() + random.between(-3, 120);
    script.stuck.push({ from, to: from + random.between(60, 700) });
  }
  drive(script, [van.here(), near, exit, ...road(exit, to, random).slice(1)]);
}

const FORMATS: readonly Format[] = [
  { everyS: 1, speed: true, eph: true, hdop: true, voids: true },
  { everyS: 1, speed: true, eph: true, hdop: false, voids: false },
  { everyS: 1, speed: true, eph: false, hdop: true, voids: true },
  { everyS: 1, speed: true, eph: false, hdop: false, voids: false },
  { everyS: 1, speed: false, eph: true, hdop: true, voids: true },
  { everyS: 1, speed: false, eph: false, hdop: false, voids: false },
  { everyS: 2, speed: true, eph: true, hdop: true, voids: true },
  { everyS: 5, speed: true, eph: true, hdop: true, voids: true },
];

function formatOf(kind: DayKind, random: Random): Format {
  const format = FORMATS[Math.floor(random.next() ** 1.5 * FORMATS.length)]!;
  return kind === 'sparse' ? { ...format, everyS: [15, 20, 30][Math.floor(random.next() * 3)]! } : format;
}

function receiverOf(script: Script, places: readonly Place[], seconds: number, random: Random): ReceiverPlan {
  const { kind } = script;
  const outliers =
    kind === 'outliers'
      ? Array.from({ length: 14 }, () => {
          const from = Math.round(random.between(600, seconds));
          const angle = random.between(0, 2 * Math.PI);
          const far = random.between(150, 900);
          return {
            from,
            to: from + random.between(1, 9),
            dx: far * Math.cos(angle),
            dy: far * Math.sin(angle),
          };
        })
      : [];
  return {
    format: formatOf(kind, random),
    sigmaM: random.between(1.5, kind === 'outliers' ? 4 : 5),
    tauS: random.between(110, 190),
    ...(random.next() < 0.25 ? { holdMps: random.between(0.4, 1.2) } : {}),
    gaps: kind === 'no_gps' ? [{ from: 0, to: seconds }] : script.gaps,
    outliers,
    canyons:
      kind === 'canyon'
        ? places.map((p) => ({
            x: p.x,
            y: p.y,
            radiusM: 350,
            sigmaM: random.between(15, 40),
            honest: random.next() < 0.7,
          }))
        : [],
    stuck: script.stuck,
    cold: script.cold,
    ...(kind === 'drift' ? { driftM: random.between(6, 18) } : {}),
  };
}

export function makeDay({ seed, kind, power = false }: DayOptions): Day {
  const random = makeRandom(seed * 7919 + 13).fork(kind);
  const origin: Origin = { lat: random.between(46.8, 47.6), lon: random.between(0.2, 1.1) };
  const far = random.between(5000, 11_000);
  const angle = random.between(0, 2 * Math.PI);
  const a = placeAt('a', { x: 0, y: 0 }, kind, random);
  const away = { x: far * Math.cos(angle), y: far * Math.sin(angle) };
  const meets = placeAt('b', { x: 0, y: 0 }, kind, random);
  const gap = 0.9 * (a.radiusM + meets.radiusM);
  const atB = kind === 'neighbours' ? { x: gap * Math.cos(angle), y: gap * Math.sin(angle) } : away;
  const b: Place =
    kind === 'same_twice'
      ? a
      : { ...meets, x: atB.x, y: atB.y, spot: { x: atB.x + meets.spot.x, y: atB.y + meets.spot.y } };
  const depot = { x: random.between(3000, 7000), y: -random.between(3000, 7000) };
  const lengths = [random.between(60, 110), random.between(60, 100)].map(
    (m) => Math.round(m / 5) * 5 * MINUTE,
  );
  const firstS = 100 * MINUTE;
  const secondS = firstS + lengths[0]! + Math.round(random.between(50, 90) / 5) * 5 * MINUTE;
  const windows = {
    v1: { from: firstS, to: firstS + lengths[0]! },
    v2: { from: secondS, to: secondS + lengths[1]! },
  };
  const van = makeVan(kind === 'night' ? a.spot : depot, random);
  const script: Script = {
    kind,
    random,
    van,
    stays: [],
    gaps: [],
    cold: [],
    stuck: [],
    delays: [],
    acts: [],
    withButton: power,
    hit: random.next() < 0.5 ? 'v1' : 'v2',
  };
  van.engine(false);
  const order: [string, Place][] =
    kind === 'swapped'
      ? [
          ['v1', b],
          ['v2', a],
        ]
      : [
          ['v1', a],
          ['v2', b],
        ];
  for (const [visit, place] of order) visitPlace(script, visit as 'v1' | 'v2', place, windows, depot);
  drive(script, road(van.here(), depot, random));
  van.engine(false);
  standUntil(van, windows.v2.to + 25 * MINUTE);
  return told(script, { seed, kind, power, a, b, windows, origin, random });
}

const ELSEWHERE = { x: -4000, y: 5000 };

function visitPlace(
  script: Script,
  visit: 'v1' | 'v2',
  place: Place,
  windows: Readonly<Record<string, Span>>,
  depot: Point,
): void {
  const { van, random, kind } = script;
  const { from, to } = windows[visit]!;
  const tripS = lengthOf([van.here(), place]) / 13 + 60;
  const offset =
    kind === 'late'
      ? random.between(8, 35)
      : kind === 'early'
        ? -random.between(15, 55)
        : random.between(-14, 2);
  const arriveS = from + offset * MINUTE;
  const leaveS =
    kind === 'leave_early' ? to - random.between(10, 40) * MINUTE : to + random.between(-4, 8) * MINUTE;
  const isStaying = kind === 'night' && visit === 'v1';
  if (kind === 'absence' && random.next() < 0.6) {
    van.engine(true);
    drive(script, road(van.here(), random.next() < 0.5 ? ELSEWHERE : depot, random));
    standUntil(van, to + 6 * MINUTE);
    return;
  }
  if (!isStaying) {
    before(script, place, arriveS, tripS);
    standUntil(van, arriveS - tripS);
    van.engine(true);
    van.stand(5);
    arrive(script, place);
  }
  if (kind === 'swapped') {
    // At the other place than planned: no visit, whatever the van does there.
    switchOff(script);
    standUntil(van, leaveS);
    van.engine(true);
  } else if (kind === 'lunch_out' && to - from > 50 * MINUTE) {
    stay(script, place, visit, from + (to - from) * random.between(0.3, 0.45));
    const lunch = { x: place.x + random.between(500, 2500), y: place.y + random.between(500, 2500) };
    leaveTo(script, place, lunch);
    switchOff(script);
    van.stand(Math.round(random.between(8, 18) * MINUTE));
    van.engine(true);
    arrive(script, place);
    stay(script, place, visit, Math.max(leaveS, van.now() + 600));
  } else stay(script, place, visit, leaveS);
  const isNext = kind === 'neighbours' && visit === 'v1';
  leaveTo(
    script,
    place,
    isNext
      ? { x: place.x + 3000, y: place.y }
      : { x: place.x + random.between(-1500, 1500), y: place.y + 1800 },
  );
  if (visit === 'v1') van.stand(30);
}

/** What happens near the place before the visit. */
function before(script: Script, place: Place, arriveS: number, tripS: number): void {
  const { van, random, kind } = script;
  const waits: Partial<Record<DayKind, () => number[]>> = {
    pass_by: () => [],
    red_light: () => [random.between(8, 60)],
    level_crossing: () => [random.between(50, 110)],
    jam: () => [],
    stuck: () => [],
    normal: () => (random.next() < 0.3 ? [trafficHaltS(random)] : []),
    sparse: () => (random.next() < 0.5 ? [trafficHaltS(random)] : []),
    canyon: () => (random.next() < 0.3 ? [trafficHaltS(random)] : []),
  };
  const wait = waits[kind];
  if (wait) {
    standUntil(van, arriveS - 2.2 * tripS - random.between(4, 25) * MINUTE);
    van.engine(true);
    van.stand(5);
    if (kind === 'stuck' && random.next() < 0.5) {
      const from = van.now() + random.between(30, 600);
      script.stuck.push({ from, to: from + random.between(60, 500) });
    }
    passBy(script, place, wait());
    drive(script, road(van.here(), { x: place.x + 1500, y: place.y - 1200 }, random));
    switchOff(script);
  }
  if (kind === 'next_street') {
    standUntil(van, arriveS - 2 * tripS - random.between(15, 30) * MINUTE);
    van.engine(true);
    van.stand(5);
    const side = random.between(0, 2 * Math.PI);
    const off = place.radiusM + random.between(58, 120);
    drive(script, [
      ...road(
        van.here(),
        { x: place.x + 3 * off * Math.cos(side), y: place.y + 3 * off * Math.sin(side) },
        random,
      ),
      { x: place.x + off * Math.cos(side), y: place.y + off * Math.sin(side) },
    ]);
    switchOff(script);
    van.stand(Math.round(random.between(6, 14) * MINUTE));
    van.engine(true);
    van.drive({
      path: [van.here(), { x: place.x + 4 * off * Math.cos(side), y: place.y + 4 * off * Math.sin(side) }],
      cruiseMps: 10,
    });
  }
}

type Telling = {
  readonly seed: number;
  readonly kind: DayKind;
  readonly power: boolean;
  readonly a: Place;
  readonly b: Place;
  readonly windows: Record<'v1' | 'v2', Span>;
  readonly origin: Origin;
  readonly random: Random;
};

/** The day as lines in the order in which they are read. */
function told(script: Script, { seed, kind, power, a, b, windows, origin, random }: Telling): Day {
  const { van, stays } = script;
  const moments = van.moments;
  const midnight = DATES[Math.floor(random.next() * DATES.length)]!;
  // 06:00 UTC plus: local times in minutes, so that windows are whole minutes.
  const startMs = midnight + 6 * 3_600_000;
  const plan = receiverOf(script, [a, b], moments.length, random);
  const reports = [...receive(moments, plan, origin, startMs, random.fork('receiver'))];
  const lines = linesOf(script, reports, moments, power, startMs, random.fork('lines'));
  const seen = new Uint8Array(moments.length);
  for (const { s, tpv } of reports)
    if (tpv.mode > 1 && !script.delays.some((d) => s >= d.from && s < d.to))
      seen.fill(1, s, Math.min(moments.length, s + plan.format.everyS));
  return {
    kind,
    seed,
    agenda: agendaOf(a, b, windows, origin, startMs),
    startMs,
    seconds: moments.length,
    stays,
    windows,
    lines,
    spots: Object.fromEntries([a, b].map((place) => [place.id, spotOf(place, origin)])),
    seen,
  };
}

function spotOf(place: Place, origin: Origin) {
  const { lat, lon } = toDegrees(origin, place.spot);
  return { latitude: lat, longitude: lon };
}

/** Winter, summer, and the days of both changes of time (after the change at 01:00 UTC). */
const DATES = [
  Date.UTC(2026, 0, 13),
  Date.UTC(2026, 5, 9),
  Date.UTC(2026, 2, 29),
  Date.UTC(2026, 9, 25),
  Date.UTC(2027, 3, 6),
];

function agendaOf(
  a: Place,
  b: Place,
  windows: Record<'v1' | 'v2', Span>,
  origin: Origin,
  startMs: number,
): Agenda {
  const timezone = 'Europe/Paris';
  const stop = (p: Place) => ({
    id: p.id,
    name: p.id.toUpperCase(),
    commune: '37130',
    ...toDegrees(origin, p),
    radius: p.radiusM,
  });
  const clock = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  const local = (s: number) => clock.format(startMs + s * 1000).split(' ') as [string, string];
  const visit = (id: 'v1' | 'v2', place: Place) => ({
    id,
    stop: place.id,
    date: local(windows[id].from)[0],
    from: local(windows[id].from)[1],
    to: local(windows[id].to)[1],
  });
  return {
    version: 1,
    timezone,
    stops: a === b ? [stop(a)] : [stop(a), stop(b)],
    visits: [visit('v1', a), visit('v2', b)],
  };
}

function linesOf(
  script: Script,
  reports: readonly Report[],
  moments: readonly Moment[],
  power: boolean,
  startMs: number,
  random: Random,
): Line[] {
  const iso = (s: number) => new Date(startMs + s * 1000).toISOString();
  const lines: Line[] = reports.map(({ s, tpv }) => {
    const delay = script.delays.find((d) => s >= d.from && s < d.to);
    return { s: delay ? Math.ceil(delay.to) : s, text: JSON.stringify(tpv) };
  });
  if (power) {
    const everyS = [1, 2, 5, 10][Math.floor(random.next() * 4)]!;
    for (let s = 0; s < moments.length; s += everyS) {
      const volts = moments[s]!.engineOn ? 14.1 + 0.15 * random.gauss() : 12.7 + 0.03 * random.gauss();
      lines.push({
        s,
        text: JSON.stringify({
          class: 'POWER',
          time: iso(s),
          starterV: Math.round(volts * 100) / 100,
          houseV: 12.9,
        }),
      });
    }
  }
  for (const { s, act, visit } of script.acts)
    if (s < moments.length)
      lines.push({ s, text: JSON.stringify({ class: 'ACT', time: iso(s), act, visit }) });
  // Stable: lines of one second keep the order in which they were made; a delayed line comes after that second's own.
  return lines
    .map((line, i) => ({ line, i }))
    .sort((x, y) => x.line.s - y.line.s || x.i - y.i)
    .map(({ line }) => line);
}
