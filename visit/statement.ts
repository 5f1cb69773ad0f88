import { type Bilingual, clock, type Language, localDate, longDate } from './format.ts';
import type { PublicFacts, PublicState } from './public.ts';
import { publicStateOf } from './publicState.ts';

/** A visit's public statement: the state and the one sentence, the same on every form (PAGES, «Statements»). */
export type PublicStatement = PublicState & {
  readonly id: string;
  /** What is said of this visit. */
  readonly sentence: Bilingual;
  /** What comes after it; told when this visit is lost or done. */
  readonly following?: Bilingual;
  /** Both, in order: what API, push and calendar carry. */
  readonly text: Bilingual;
};

/** Everything that a sentence may need, in one language. */
type Telling = {
  readonly language: Language;
  readonly facts: PublicFacts;
  readonly state: PublicState;
  readonly nowMs: number;
  /** `9 h 24` · `9:24`. */
  readonly at: (ms: number) => string;
};

const either = (t: Telling, fr: string, en: string) => (t.language === 'fr' ? fr : en);
const isToday = ({ facts, nowMs }: Telling) => localDate(nowMs, facts.timezone) === facts.date;
/** Ends a text of a person's own with one full stop. (Escaped: V8 keeps a file with one such letter twice as large.) */
const stopped = (text: string) => `${text.trim().replace(/[\s.!\u2026]+$/u, '')}.`;

/** `10 h 12`, or with the day when it was not today: `hier, 17 h 02`. */
function whenNewsCame(t: Telling): string {
  const { facts, state, nowMs, language, at } = t;
  const day = localDate(state.atMs, facts.timezone);
  if (day === localDate(nowMs, facts.timezone)) return at(state.atMs);
  if (day === localDate(nowMs - 86_400_000, facts.timezone))
    return either(t, `hier, ${at(state.atMs)}`, `yesterday, ${at(state.atMs)}`);
  return either(
    t,
    `le ${longDate(language, state.atMs, facts.timezone)}`,
    longDate(language, state.atMs, facts.timezone),
  );
}

/** `Pas de nouvelles depuis 10 h 12`; a van that was never heard has no such time. */
function silenceIn(t: Telling): string {
  if (t.facts.heardMs === undefined && !t.facts.claims.gps)
    return either(t, 'Pas de nouvelles pour le moment', 'No news so far');
  return either(t, `Pas de nouvelles depuis ${whenNewsCame(t)}`, `No news since ${whenNewsCame(t)}`);
}

function planned(t: Telling): string {
  const { facts, at, language } = t;
  const [from, to] = [at(facts.fromMs), at(facts.toMs)];
  if (isToday(t))
    return either(t, `Prévue aujourd'hui de ${from} à ${to}.`, `Planned today, ${from} to ${to}.`);
  const day = longDate(language, facts.fromMs, facts.timezone);
  return either(t, `Passage prévu ${day}, de ${from} à ${to}.`, `Visit planned ${day}, ${from} to ${to}.`);
}

function onSite(t: Telling): string {
  const { facts, state, nowMs, at } = t;
  const arrived = state.arrivedMs === undefined ? undefined : at(state.arrivedMs);
  const to = at(facts.toMs);
  if (nowMs >= facts.toMs)
    return either(
      t,
      `L'agence est encore là. Le passage se terminait à ${to}.`,
      `The agency is still here. The visit was to end at ${to}.`,
    );
  if (state.open)
    return either(
      t,
      `L'agence est là et vous reçoit, jusqu'à ${to}.${arrived ? ` Arrivée à ${arrived}.` : ''}`,
      `The agency is here and open until ${to}.${arrived ? ` Arrived ${arrived}.` : ''}`,
    );
  const here = arrived
    ? either(t, `L'agence est arrivée à ${arrived}.`, `The agency arrived at ${arrived}.`)
    : either(t, "L'agence est arrivée.", 'The agency has arrived.');
  if (nowMs < facts.fromMs)
    return `${here} ${either(t, `Ouverture à ${at(facts.fromMs)}.`, `It opens at ${at(facts.fromMs)}.`)}`;
  // Not told open: what is known is the plan, not that people are received.
  if (state.open === false)
    return `${here} ${either(t, 'Elle est fermée pour le moment.', 'It is closed for the moment.')}`;
  return `${here} ${either(t, `Passage prévu jusqu'à ${to}.`, `Visit planned until ${to}.`)}`;
}

function late(t: Telling): string {
  const { state, at } = t;
  const head = either(t, 'En retard.', 'Running late.');
  if (state.expectedFromMs === undefined || state.expectedToMs === undefined)
    return `${head} ${either(t, "L'heure d'arrivée n'est pas connue.", 'The time of arrival is not known.')}`;
  const [from, to] = [at(state.expectedFromMs), at(state.expectedToMs)];
  return `${head} ${either(t, `Arrivée estimée entre ${from} et ${to}.`, `Expected between ${from} and ${to}.`)}`;
}

function left(t: Telling): string {
  const { facts, state, nowMs, at } = t;
  if (nowMs >= facts.toMs) return either(t, 'Passage terminé.', 'This visit is over.');
  const when = at(state.leftMs ?? state.atMs);
  return either(t, `L'agence est repartie à ${when}.`, `The agency left at ${when}.`);
}

function missed(t: Telling): string {
  const day = longDate(t.language, t.facts.fromMs, t.facts.timezone);
  if (isToday(t)) return either(t, "L'agence n'est pas venue aujourd'hui.", 'The agency did not come today.');
  return either(t, `L'agence n'est pas venue ${day}.`, `The agency did not come on ${day}.`);
}

function cancelled(t: Telling): string {
  const { reason } = t.state;
  return reason
    ? either(t, `Passage annulé: ${stopped(reason)}`, `Visit cancelled: ${stopped(reason)}`)
    : either(t, 'Passage annulé.', 'Visit cancelled.');
}

/** Where the agency is instead, when it is not at its stop. */
function place(t: Telling): string | undefined {
  const { facts, state, language } = t;
  if (!state.movedTo || state.state === 'missed' || state.state === 'cancelled') return undefined;
  if (state.state === 'left' || (state.state !== 'on_site' && t.nowMs >= facts.toMs)) return undefined;
  const name = stopped(state.movedTo.name);
  if (isToday(t))
    return either(t, `Aujourd'hui l'agence est ici: ${name}`, `Today the agency is here: ${name}`);
  const day = longDate(language, facts.fromMs, facts.timezone);
  return either(
    t,
    `${day[0]!.toUpperCase()}${day.slice(1)}, l'agence sera ici: ${name}`,
    `On ${day} the agency will be here: ${name}`,
  );
}

function moved(t: Telling): string {
  return place(t) ?? either(t, "L'agence a changé de place.", 'The agency has moved.');
}

function unknown(t: Telling): string {
  const { facts, state, nowMs, at } = t;
  const arrived = state.arrivedMs === undefined ? undefined : at(state.arrivedMs);
  const silence = silenceIn(t);
  const to = at(facts.toMs);
  if (arrived && nowMs >= facts.toMs)
    return either(
      t,
      `Arrivée à ${arrived}. ${silence}. Le passage se terminait à ${to}.`,
      `Arrived ${arrived}. ${silence}. The visit was to end at ${to}.`,
    );
  if (arrived)
    return either(
      t,
      `Arrivée à ${arrived}. ${silence}: elle est peut-être encore là, jusqu'à ${to}.`,
      `Arrived ${arrived}. ${silence}: it may still be here, until ${to}.`,
    );
  if (nowMs >= facts.toMs)
    return either(
      t,
      'Nous ne savons pas si ce passage a eu lieu.',
      'We cannot say if this visit took place.',
    );
  if (nowMs >= facts.fromMs)
    return either(
      t,
      `${silence}. Nous ne savons pas si elle est arrivée.`,
      `${silence}. We cannot say if it has arrived.`,
    );
  const from = at(facts.fromMs);
  return either(
    t,
    `${silence}. Passage prévu à ${from}: nous ne savons pas si elle sera à l'heure.`,
    `${silence}. Visit planned at ${from}: we cannot say if it will be on time.`,
  );
}

const TELL: Record<PublicState['state'], (t: Telling) => string> = {
  planned,
  approaching: (t) => {
    const seen = t.at(t.state.atMs);
    return either(t, `L'agence arrive. Vue à ${seen}.`, `The agency is arriving. Seen at ${seen}.`);
  },
  on_site: onSite,
  late,
  left,
  missed,
  cancelled,
  moved,
  unknown,
};

function sentence(t: Telling): string {
  const told = TELL[t.state.state](t);
  const where = t.state.state === 'moved' ? undefined : place(t);
  return where ? `${told} ${where}` : told;
}

/** After missed, cancelled and left, always the next date: a missed visit costs five weeks. */
function following(t: Telling): string | undefined {
  const { state, facts, language, at } = t;
  const over = state.state === 'unknown' && t.nowMs >= facts.toMs;
  if (!over && state.state !== 'missed' && state.state !== 'cancelled' && state.state !== 'left')
    return undefined;
  const next = facts.next;
  if (!next)
    return either(
      t,
      "Prochain passage: la date n'est pas encore connue.",
      'Next visit: the date is not known yet.',
    );
  const day = longDate(language, next.fromMs, facts.timezone);
  return either(
    t,
    `Prochain passage: ${day}, ${at(next.fromMs)}.`,
    `Next visit: ${day}, ${at(next.fromMs)}.`,
  );
}

/** The public statement of a visit at `nowMs`: the one place where its words are made. Pure. */
export function statementOf(facts: PublicFacts, nowMs: number): PublicStatement {
  return tell(facts, publicStateOf(facts, nowMs), nowMs);
}

/** The words of a state already decided. */
export function tell(facts: PublicFacts, state: PublicState, nowMs: number): PublicStatement {
  const telling = (language: Language): Telling => ({
    language,
    facts,
    state,
    nowMs,
    at: (ms) => clock(language, ms, facts.timezone),
  });
  const [fr, en] = [telling('fr'), telling('en')];
  const sentences = { fr: sentence(fr), en: sentence(en) };
  const [nextFr, nextEn] = [following(fr), following(en)];
  const after = nextFr && nextEn ? { following: { fr: nextFr, en: nextEn } } : {};
  return {
    ...state,
    id: facts.id,
    sentence: sentences,
    ...after,
    text: {
      fr: nextFr ? `${sentences.fr} ${nextFr}` : sentences.fr,
      en: nextEn ? `${sentences.en} ${nextEn}` : sentences.en,
    },
  };
}
