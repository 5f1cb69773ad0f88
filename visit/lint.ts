import type { Agenda } from '../protocol/agenda.ts';
import type { Place } from '../protocol/geo.ts';
import { instantOf, type PlannedVisit, plannedVisits } from './agenda.ts';
import type { Bilingual } from './format.ts';
import { apartM, placeOfStop } from './place.ts';

/**
 * What is odd about an agenda. Warnings, with the path of the entry and the words for the planner; nothing here refuses
 * a file (DESIGN §6).
 */
export const LINT_CODES = [
  'unknown_stop',
  'bad_date',
  'bad_timezone',
  'dst',
  'overlap',
  'impossible_leg',
  'two_vans_one_place',
  'small_radius',
  'far_from_commune',
  'circles_meet',
] as const;
export type LintWarning = {
  readonly code: (typeof LINT_CODES)[number];
  /** As in the file: `visits.3.from`. */
  readonly path: string;
  readonly text: Bilingual;
};
/** Centres of communes by INSEE code, where the caller has a table. */
export type Communes = ReadonlyMap<string, Place>;

/** GPS parks a van within some 10 m; a smaller circle is a lottery. */
const SMALL_RADIUS_M = 30;
/** A commune is rarely wider; a stop further from its centre belongs to another or is a typing mistake. */
const COMMUNE_M = 10_000;
/** The fastest door to door over open country, m/s (108 km/h as the crow flies). */
const LEG_MPS = 30;
const SAME_PLACE_M = 50;

type Entry = PlannedVisit & { readonly index: number };
type Lint = (agenda: Agenda, planned: readonly Entry[], communes: Communes | undefined) => LintWarning[];

export function lintAgenda(agenda: Agenda, communes?: Communes): LintWarning[] {
  if (!isTimezone(agenda.timezone)) {
    const { timezone } = agenda;
    const text = { fr: `fuseau horaire inconnu : ${timezone}`, en: `unknown time zone: ${timezone}` };
    return [{ code: 'bad_timezone', path: 'timezone', text }];
  }
  const index = new Map(agenda.visits.map((visit, i) => [visit, i]));
  const planned = plannedVisits(agenda).map((p) => ({ ...p, index: index.get(p.visit)! }));
  return LINTS.flatMap((lint) => lint(agenda, planned, communes));
}

function isTimezone(timezone: string): boolean {
  try {
    return Number.isFinite(instantOf('2026-01-01', '12:00', timezone));
  } catch {
    return false;
  }
}

const unknownStop: Lint = ({ stops, visits }) => {
  const ids = new Set(stops.map(({ id }) => id));
  return visits.flatMap(({ stop }, i) =>
    ids.has(stop)
      ? []
      : [
          {
            code: 'unknown_stop',
            path: `visits.${i}.stop`,
            text: { fr: `arrêt inconnu : ${stop}`, en: `unknown stop: ${stop}` },
          },
        ],
  );
};

const badDate: Lint = ({ visits, timezone }) =>
  visits.flatMap(({ date, from }, i) => {
    try {
      instantOf(date, from, timezone);
      return [];
    } catch {
      const text = { fr: `date qui n’existe pas : ${date}`, en: `no such date: ${date}` };
      return [{ code: 'bad_date', path: `visits.${i}.date`, text }];
    }
  });

const HOUR_MS = 3_600_000;

/** A local time that the change of the hour skips or repeats, or a window that is longer or shorter by it. */
const dst: Lint = ({ timezone }, planned) =>
  planned.flatMap(({ visit, index, fromMs, toMs }): LintWarning[] => {
    const path = `visits.${index}.from`;
    const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
    const shownMs = ((minutes(visit.to) - minutes(visit.from) + 1440) % 1440 || 1440) * 60_000;
    const dayMs = instantOf(visit.date, '00:00', timezone, 1) - instantOf(visit.date, '00:00', timezone);
    const isCrossed = Math.abs(toMs - fromMs - shownMs) >= HOUR_MS / 2;
    const isNight = dayMs !== 24 * HOUR_MS && minutes(visit.from) >= 60 && minutes(visit.from) < 240;
    if (!isCrossed && !isNight) return [];
    const hours = (ms: number) => Math.round((ms / HOUR_MS) * 10) / 10;
    return [
      {
        code: 'dst',
        path,
        text: {
          fr: `changement d’heure le ${visit.date} : ${visit.from}–${visit.to} dure ${hours(toMs - fromMs)} h`,
          en: `clocks change on ${visit.date}: ${visit.from}–${visit.to} lasts ${hours(toMs - fromMs)} h`,
        },
      },
    ];
  });

/** Pairs of consecutive visits of one van. */
function legsOf(planned: readonly Entry[]): [Entry, Entry][] {
  const newest = new Map<string, Entry>();
  return planned
    .filter(({ visit }) => !visit.cancelled)
    .flatMap((entry): [Entry, Entry][] => {
      const van = entry.visit.van ?? '';
      const before = newest.get(van);
      newest.set(van, before && before.toMs > entry.toMs ? before : entry);
      return before ? [[before, entry]] : [];
    });
}

const placeOf = ({ visit, stop }: Entry) =>
  visit.movedTo ? { latitude: visit.movedTo.lat, longitude: visit.movedTo.lon } : placeOfStop(stop);

const legs: Lint = (_, planned) =>
  legsOf(planned).flatMap(([a, b]): LintWarning[] => {
    const path = `visits.${b.index}.from`;
    if (b.fromMs < a.toMs)
      return [
        {
          code: 'overlap',
          path,
          text: {
            fr: `${b.stop.name} commence à ${b.visit.from}, avant la fin à ${a.stop.name} (${a.visit.to})`,
            en: `${b.stop.name} begins at ${b.visit.from}, before ${a.stop.name} ends (${a.visit.to})`,
          },
        },
      ];
    const meters = apartM(placeOf(a), placeOf(b));
    const minutes = (b.fromMs - a.toMs) / 60_000;
    if (meters <= LEG_MPS * 60 * minutes) return [];
    const km = Math.round(meters / 1000);
    return [
      {
        code: 'impossible_leg',
        path,
        text: {
          fr: `${km} km de ${a.stop.name} à ${b.stop.name} en ${Math.round(minutes)} min`,
          en: `${km} km from ${a.stop.name} to ${b.stop.name} in ${Math.round(minutes)} min`,
        },
      },
    ];
  });

const MAX_PAIRS = 40;

const vans: Lint = (_, planned) =>
  planned.flatMap((b, i): LintWarning[] =>
    planned
      .slice(Math.max(0, i - MAX_PAIRS), i)
      .filter(
        (a) =>
          a.toMs > b.fromMs &&
          (a.visit.van ?? '') !== (b.visit.van ?? '') &&
          apartM(placeOf(a), placeOf(b)) < SAME_PLACE_M,
      )
      .map((a) => ({
        code: 'two_vans_one_place',
        path: `visits.${b.index}.van`,
        text: {
          fr: `${b.stop.name} : ${a.visit.van ?? '?'} et ${b.visit.van ?? '?'} en même temps`,
          en: `${b.stop.name}: ${a.visit.van ?? '?'} and ${b.visit.van ?? '?'} at the same time`,
        },
      })),
  );

const radius: Lint = ({ stops }) =>
  stops.flatMap((stop, i) =>
    stop.radius >= SMALL_RADIUS_M || stop.polygon
      ? []
      : [
          {
            code: 'small_radius',
            path: `stops.${i}.radius`,
            text: {
              fr: `${stop.name} : ${stop.radius} m est moins que ce que le GPS distingue (${SMALL_RADIUS_M} m)`,
              en: `${stop.name}: ${stop.radius} m is less than GPS can tell (${SMALL_RADIUS_M} m)`,
            },
          },
        ],
  );

const commune: Lint = ({ stops }, _, communes) =>
  stops.flatMap((stop, i): LintWarning[] => {
    const centre = communes?.get(stop.commune);
    const meters = centre ? apartM(centre, placeOfStop(stop)) : 0;
    if (meters <= COMMUNE_M) return [];
    const km = Math.round(meters / 1000);
    return [
      {
        code: 'far_from_commune',
        path: `stops.${i}.lat`,
        text: {
          fr: `${stop.name} est à ${km} km du centre de la commune ${stop.commune}`,
          en: `${stop.name} is ${km} km from the centre of commune ${stop.commune}`,
        },
      },
    ];
  });

/** Consecutive visits whose circles meet: GPS must choose by the nearer centre. */
const circles: Lint = (_, planned) =>
  legsOf(planned).flatMap(([a, b]): LintWarning[] => {
    const meters = apartM(placeOf(a), placeOf(b));
    if (meters < SAME_PLACE_M || meters >= a.stop.radius + b.stop.radius) return [];
    return [
      {
        code: 'circles_meet',
        path: `visits.${b.index}.stop`,
        text: {
          fr: `les cercles de ${a.stop.name} et ${b.stop.name} se touchent (${Math.round(meters)} m)`,
          en: `the circles of ${a.stop.name} and ${b.stop.name} meet (${Math.round(meters)} m)`,
        },
      },
    ];
  });

const LINTS: readonly Lint[] = [unknownStop, badDate, dst, legs, vans, radius, commune, circles];
