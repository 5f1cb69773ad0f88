import { msOf } from '../protocol/time.ts';
import { clock, type Language } from './format.ts';
import type { PresenceChange } from './presenceChange.ts';

/**
 * The sentence of a change, from the change alone: «Arrivée à 9 h 24 (vue à 9 h 25)». What the depot shows and what
 * `replay` prints as `because` (in English).
 */
export type Told = Omit<PresenceChange, 'because'>;

type Words = (told: Told, time: (at: unknown) => string | undefined, now: string) => string;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

const reasonFr: Record<string, string> = {
  gps: 'à l’arrêt',
  engine_off: 'moteur coupé',
  engine_on: 'à l’arrêt, moteur tournant',
  learnt: 'à sa place habituelle',
};
const reasonEn: Record<string, string> = {
  gps: 'halted',
  engine_off: 'engine off',
  engine_on: 'halted with the engine running',
  learnt: 'at its usual place',
};

const isCrew = ({ evidence }: Told) => evidence.source === 'crew';
const isFlagged = ({ evidence }: Told) => evidence.contradicted === true;

/** «12 s short of 60 s»: what would have changed the answer. */
function shortOf({ evidence }: Told): [number, number] | undefined {
  const halted = number(evidence.haltedS);
  const needed = number(evidence.neededS);
  return halted === undefined || needed === undefined || halted >= needed
    ? undefined
    : [needed - halted, needed];
}

const FR: Record<PresenceChange['state'], Words> = {
  planned: (told, _time, now) => {
    if (isCrew(told)) return `De nouveau comme prévu, dit par le conducteur à ${now}`;
    const short = shortOf(told);
    return short ? `Pas encore là : il manquait ${short[0]} s sur ${short[1]} s d’arrêt` : 'Pas encore là';
  },
  approaching: () => 'Tout près du lieu, à l’arrêt ou au pas',
  on_site: (told, time, now) => {
    const since = time(told.evidence.since);
    if (isFlagged(told)) return `Le conducteur se dit en retard à ${now}, mais l’agence est sur place`;
    if (isCrew(told)) {
      const word = told.open === false ? 'Fermée' : 'Ouverte';
      return `${word} à ${now}, dit par le conducteur${since ? ` (arrivée à ${since})` : ''}`;
    }
    if (told.evidence.from === 'on_site')
      return told.open
        ? `Sans doute ouverte depuis ${now}, moteur coupé`
        : `Plus considérée comme ouverte à ${now}`;
    const by = reasonFr[text(told.evidence.neededBy) ?? 'gps'];
    return `Arrivée à ${since} (vue à ${now}) : ${by}, ${told.evidence.haltedS} s`;
  },
  left: (told, time, now) => {
    const left = time(told.evidence.since) ?? now;
    if (told.evidence.corrects) return `Venue de ${time(told.evidence.arrived)} à ${left} (su à ${now})`;
    return `Partie à ${left} (vue à ${now})`;
  },
  late: (told, time, now) => {
    const [from, to] = [time(told.evidence.expectedFrom), time(told.evidence.expectedTo)];
    const range = from && to ? `, attendue entre ${from} et ${to}` : '';
    return isCrew(told) ? `En retard, dit par le conducteur à ${now}${range}` : `En retard${range}`;
  },
  missed: (told) => {
    const near = number(told.evidence.nearestM);
    return `Pas venue${near === undefined ? '' : ` : jamais à moins de ${near} m du lieu`}`;
  },
  cancelled: (told) => `Annulée${isCrew(told) ? ' par le conducteur' : ''}${because(told)}`,
  moved: (told) => `Déplacée par le conducteur${told.movedTo?.name ? ` : ${told.movedTo.name}` : ''}`,
  unknown: (told, time) => {
    const since = time(told.evidence.since);
    return since ? `Sans nouvelles depuis ${since}` : 'Sans nouvelles : aucune position reçue';
  },
};

const EN: Record<PresenceChange['state'], Words> = {
  planned: (told, _time, now) => {
    if (isCrew(told)) return `As planned again, said by the driver at ${now}`;
    const short = shortOf(told);
    return short ? `Not there yet: ${short[0]} s short of ${short[1]} s halted` : 'Not there yet';
  },
  approaching: () => 'Close to the place, halted or at walking pace',
  on_site: (told, time, now) => {
    const since = time(told.evidence.since);
    if (isFlagged(told)) return `The driver said late at ${now}, but the agency is on site`;
    if (isCrew(told)) {
      const word = told.open === false ? 'Closed' : 'Open';
      return `${word} at ${now}, said by the driver${since ? ` (arrived at ${since})` : ''}`;
    }
    if (told.evidence.from === 'on_site')
      return told.open ? `Probably open since ${now}, engine off` : `No longer taken for open at ${now}`;
    const by = reasonEn[text(told.evidence.neededBy) ?? 'gps'];
    return `Arrived at ${since} (seen at ${now}): ${by}, ${told.evidence.haltedS} s`;
  },
  left: (told, time, now) => {
    const left = time(told.evidence.since) ?? now;
    if (told.evidence.corrects)
      return `Was there from ${time(told.evidence.arrived)} to ${left} (known at ${now})`;
    return `Left at ${left} (seen at ${now})`;
  },
  late: (told, time, now) => {
    const [from, to] = [time(told.evidence.expectedFrom), time(told.evidence.expectedTo)];
    const range = from && to ? `, expected between ${from} and ${to}` : '';
    return isCrew(told) ? `Late, said by the driver at ${now}${range}` : `Late${range}`;
  },
  missed: (told) => {
    const near = number(told.evidence.nearestM);
    return `Did not come${near === undefined ? '' : `: never within ${near} m of the place`}`;
  },
  cancelled: (told) => `Cancelled${isCrew(told) ? ' by the driver' : ''}${because(told)}`,
  moved: (told) => `Moved by the driver${told.movedTo?.name ? `: ${told.movedTo.name}` : ''}`,
  unknown: (told, time) => {
    const since = time(told.evidence.since);
    return since ? `No news since ${since}` : 'No news: no position received';
  },
};

const because = ({ evidence }: Told) => (text(evidence.reason) ? ` (${evidence.reason})` : '');

export function sentenceOf(told: Told, language: Language): string {
  const timezone = text(told.evidence.timezone) ?? 'UTC';
  const time = (at: unknown) => {
    const ms = typeof at === 'string' ? msOf(at) : undefined;
    return ms === undefined ? undefined : clock(language, ms, timezone);
  };
  const words = language === 'fr' ? FR : EN;
  const flag =
    isFlagged(told) && told.state !== 'on_site'
      ? {
          fr: ' ; le conducteur se dit sur place, la position dit le contraire',
          en: '; the driver says on site, the position says otherwise',
        }[language]
      : '';
  return words[told.state](told, time, clock(language, told.at, timezone)) + flag;
}
