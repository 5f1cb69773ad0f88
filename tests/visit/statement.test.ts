import { describe, expect, it } from 'vitest';
import type { PublicFacts } from '../../visit/public.ts';
import { gsm7, SMS_MAX, smsOf } from '../../visit/sms.ts';
import { statementOf } from '../../visit/statement.ts';
import { at, factsOf, gps } from '../parts/publicFacts.ts';

/** PAGES, «Statements»: every state, every form, both languages, side by side. */
type Row = {
  readonly name: string;
  readonly now: number;
  readonly facts: Partial<PublicFacts>;
  readonly state: string;
  readonly source: string;
  readonly fr: string;
  readonly en: string;
  readonly sms: string;
};

const next = { id: 'v2', date: '2026-12-29', from: '09:30', to: '12:00', fromMs: at('09:30', '2026-12-29') };
const heard = (time: string, moving = false) => ({ heardMs: at(time), moving });
const onSite = (open?: boolean) =>
  gps({
    state: 'on_site',
    arrivedMs: at('09:24'),
    atMs: at('09:24'),
    ...(open === undefined ? {} : { open }),
  });

const ROWS: readonly Row[] = [
  {
    name: 'planned, another day',
    now: at('10:00', '2026-11-20'),
    facts: {},
    state: 'planned',
    source: 'plan',
    fr: 'Passage prévu mardi 24 novembre, de 9 h 30 à 12 h.',
    en: 'Visit planned Tuesday 24 November, 9:30 to 12:00.',
    sms: 'Ligueil: passage prevu mardi 24 novembre, de 9h30 a 12h.',
  },
  {
    name: 'planned, later today, duty not begun',
    now: at('07:00'),
    facts: {},
    state: 'planned',
    source: 'plan',
    fr: "Prévue aujourd'hui de 9 h 30 à 12 h.",
    en: 'Planned today, 9:30 to 12:00.',
    sms: "Ligueil: prevue aujourd'hui de 9h30 a 12h.",
  },
  {
    name: 'approaching',
    now: at('09:22'),
    facts: { ...heard('09:22', true), ...gps({ state: 'approaching', atMs: at('09:20') }) },
    state: 'approaching',
    source: 'gps',
    fr: "L'agence arrive. Vue à 9 h 22.",
    en: 'The agency is arriving. Seen at 9:22.',
    sms: "Ligueil: l'agence arrive. Vue a 9h22.",
  },
  {
    name: 'on_site, not open, before the window',
    now: at('09:26'),
    facts: { ...heard('09:26'), ...onSite() },
    state: 'on_site',
    source: 'gps',
    fr: "L'agence est arrivée à 9 h 24. Ouverture à 9 h 30.",
    en: 'The agency arrived at 9:24. It opens at 9:30.',
    sms: "Ligueil: l'agence est arrivee a 9h24. Ouverture a 9h30.",
  },
  {
    name: 'on_site, window begun, nobody told open',
    now: at('09:40'),
    facts: { ...heard('09:40'), ...onSite() },
    state: 'on_site',
    source: 'gps',
    fr: "L'agence est arrivée à 9 h 24. Passage prévu jusqu'à 12 h.",
    en: 'The agency arrived at 9:24. Visit planned until 12:00.',
    sms: "Ligueil: l'agence est arrivee a 9h24. Passage prevu jusqu'a 12h.",
  },
  {
    name: 'on_site, closed for the moment',
    now: at('10:40'),
    facts: { ...heard('10:40'), ...onSite(false) },
    state: 'on_site',
    source: 'gps',
    fr: "L'agence est arrivée à 9 h 24. Elle est fermée pour le moment.",
    en: 'The agency arrived at 9:24. It is closed for the moment.',
    sms: "Ligueil: l'agence est arrivee a 9h24. Elle est fermee pour le moment.",
  },
  {
    name: 'on_site, open',
    now: at('09:40'),
    facts: { ...heard('09:40'), ...onSite(true) },
    state: 'on_site',
    source: 'gps',
    fr: "L'agence est là et vous reçoit, jusqu'à 12 h. Arrivée à 9 h 24.",
    en: 'The agency is here and open until 12:00. Arrived 9:24.',
    sms: "Ligueil: l'agence est arrivee (9h24). Ouverte jusqu'a 12h.",
  },
  {
    name: 'on_site, window over',
    now: at('12:04'),
    facts: { ...heard('12:04'), ...onSite(true) },
    state: 'on_site',
    source: 'gps',
    fr: "L'agence est encore là. Le passage se terminait à 12 h.",
    en: 'The agency is still here. The visit was to end at 12:00.',
    sms: "Ligueil: l'agence est encore la. Le passage se terminait a 12h.",
  },
  {
    name: 'late, with an estimate',
    now: at('10:10'),
    facts: {
      ...heard('10:10', true),
      claims: {
        crew: { state: 'late', atMs: at('10:02'), expectedFromMs: at('10:41'), expectedToMs: at('10:53') },
      },
    },
    state: 'late',
    source: 'crew',
    fr: 'En retard. Arrivée estimée entre 10 h 40 et 10 h 55.',
    en: 'Running late. Expected between 10:40 and 10:55.',
    sms: 'Ligueil: en retard. Arrivee estimee entre 10h40 et 10h55.',
  },
  {
    name: 'late, nobody knows how late',
    now: at('09:40'),
    facts: { ...heard('09:40', true), ...gps({ state: 'late', atMs: at('09:35') }) },
    state: 'late',
    source: 'gps',
    fr: "En retard. L'heure d'arrivée n'est pas connue.",
    en: 'Running late. The time of arrival is not known.',
    sms: "Ligueil: en retard. L'heure d'arrivee n'est pas connue.",
  },
  {
    name: 'left, window open',
    now: at('11:45'),
    facts: {
      ...heard('11:45', true),
      next,
      ...gps({ state: 'left', arrivedMs: at('09:24'), leftMs: at('11:40'), atMs: at('11:41') }),
    },
    state: 'left',
    source: 'gps',
    fr: "L'agence est repartie à 11 h 40. Prochain passage: mardi 29 décembre, 9 h 30.",
    en: 'The agency left at 11:40. Next visit: Tuesday 29 December, 9:30.',
    sms: "Ligueil: l'agence est repartie a 11h40. Prochain passage: mardi 29 decembre, 9h30.",
  },
  {
    name: 'left, window over',
    now: at('12:30'),
    facts: {
      ...heard('12:30', true),
      next,
      ...gps({ state: 'left', leftMs: at('12:02'), atMs: at('12:03') }),
    },
    state: 'left',
    source: 'gps',
    fr: 'Passage terminé. Prochain passage: mardi 29 décembre, 9 h 30.',
    en: 'This visit is over. Next visit: Tuesday 29 December, 9:30.',
    sms: 'Ligueil: passage termine. Prochain passage: mardi 29 decembre, 9h30.',
  },
  {
    name: 'missed',
    now: at('12:05'),
    facts: { ...heard('12:05', true), next, ...gps({ state: 'missed', atMs: at('12:00') }) },
    state: 'missed',
    source: 'gps',
    fr: "L'agence n'est pas venue aujourd'hui. Prochain passage: mardi 29 décembre, 9 h 30.",
    en: 'The agency did not come today. Next visit: Tuesday 29 December, 9:30.',
    sms: "Ligueil: l'agence n'est pas venue aujourd'hui. Prochain passage: mardi 29 decembre, 9h30.",
  },
  {
    name: 'cancelled by the crew',
    now: at('08:45'),
    facts: { next, claims: { crew: { state: 'cancelled', reason: 'panne du véhicule', atMs: at('08:40') } } },
    state: 'cancelled',
    source: 'crew',
    fr: 'Passage annulé: panne du véhicule. Prochain passage: mardi 29 décembre, 9 h 30.',
    en: 'Visit cancelled: panne du véhicule. Next visit: Tuesday 29 December, 9:30.',
    sms: 'Ligueil: passage annule: panne du vehicule. Prochain passage: mardi 29 decembre, 9h30.',
  },
  {
    name: 'cancelled in the plan, no next date known',
    now: at('08:45'),
    facts: { claims: { planner: { state: 'cancelled', reason: 'neige.', atMs: at('08:00') } } },
    state: 'cancelled',
    source: 'plan',
    fr: "Passage annulé: neige. Prochain passage: la date n'est pas encore connue.",
    en: 'Visit cancelled: neige. Next visit: the date is not known yet.',
    sms: "Ligueil: passage annule: neige. Prochain passage: la date n'est pas encore connue.",
  },
  {
    name: 'moved today',
    now: at('09:10'),
    facts: {
      ...heard('09:10', true),
      claims: { crew: { state: 'moved', atMs: at('09:00'), movedTo: { name: 'devant le gymnase' } } },
    },
    state: 'moved',
    source: 'crew',
    fr: "Aujourd'hui l'agence est ici: devant le gymnase.",
    en: 'Today the agency is here: devant le gymnase.',
    sms: "Ligueil: aujourd'hui l'agence est ici: devant le gymnase.",
  },
  {
    name: 'moved on a coming day',
    now: at('09:10', '2026-11-20'),
    facts: {
      claims: {
        planner: { state: 'moved', atMs: at('09:00', '2026-11-20'), movedTo: { name: 'devant le gymnase' } },
      },
    },
    state: 'moved',
    source: 'plan',
    fr: "Mardi 24 novembre, l'agence sera ici: devant le gymnase.",
    en: 'On Tuesday 24 November the agency will be here: devant le gymnase.',
    sms: "Ligueil: mardi 24 novembre, l'agence sera ici: devant le gymnase.",
  },
  {
    name: 'moved, then arrived there',
    now: at('09:40'),
    facts: {
      ...heard('09:40'),
      claims: {
        crew: { state: 'moved', atMs: at('09:00'), movedTo: { name: 'devant le gymnase' } },
        gps: { state: 'on_site', open: true, arrivedMs: at('09:24'), atMs: at('09:24') },
      },
    },
    state: 'on_site',
    source: 'gps',
    fr: "L'agence est là et vous reçoit, jusqu'à 12 h. Arrivée à 9 h 24. Aujourd'hui l'agence est ici: devant le gymnase.",
    en: 'The agency is here and open until 12:00. Arrived 9:24. Today the agency is here: devant le gymnase.',
    sms: "Ligueil: l'agence est arrivee (9h24). Ouverte jusqu'a 12h. Aujourd'hui l'agence est ici: devant le gymnase.",
  },
  {
    name: 'unknown, before the window',
    now: at('10:20'),
    facts: { from: '10:30', ...heard('10:12') },
    state: 'unknown',
    source: 'plan',
    fr: "Pas de nouvelles depuis 10 h 12. Passage prévu à 10 h 30: nous ne savons pas si elle sera à l'heure.",
    en: 'No news since 10:12. Visit planned at 10:30: we cannot say if it will be on time.',
    sms: "Ligueil: pas de nouvelles depuis 10h12. Passage prevu a 10h30: nous ne savons pas si elle sera a l'heure.",
  },
  {
    name: 'unknown, window begun, not seen',
    now: at('10:20'),
    facts: { ...heard('10:12', true), ...gps({ state: 'approaching', atMs: at('10:10') }) },
    state: 'unknown',
    source: 'gps',
    fr: 'Pas de nouvelles depuis 10 h 12. Nous ne savons pas si elle est arrivée.',
    en: 'No news since 10:12. We cannot say if it has arrived.',
    sms: 'Ligueil: pas de nouvelles depuis 10h12. Nous ne savons pas si elle est arrivee.',
  },
  {
    name: 'unknown, never heard',
    now: at('09:35'),
    facts: {},
    state: 'unknown',
    source: 'plan',
    fr: 'Pas de nouvelles pour le moment. Nous ne savons pas si elle est arrivée.',
    en: 'No news so far. We cannot say if it has arrived.',
    sms: 'Ligueil: pas de nouvelles pour le moment. Nous ne savons pas si elle est arrivee.',
  },
  {
    name: 'unknown, last heard yesterday',
    now: at('09:35'),
    facts: { heardMs: at('17:02', '2026-11-23') },
    state: 'unknown',
    source: 'plan',
    fr: 'Pas de nouvelles depuis hier, 17 h 02. Nous ne savons pas si elle est arrivée.',
    en: 'No news since yesterday, 17:02. We cannot say if it has arrived.',
    sms: 'Ligueil: pas de nouvelles depuis hier, 17h02. Nous ne savons pas si elle est arrivee.',
  },
  {
    name: 'unknown after on_site',
    now: at('10:20'),
    facts: { ...heard('10:12'), ...onSite(true) },
    state: 'unknown',
    source: 'gps',
    fr: "Arrivée à 9 h 24. Pas de nouvelles depuis 10 h 12: elle est peut-être encore là, jusqu'à 12 h.",
    en: 'Arrived 9:24. No news since 10:12: it may still be here, until 12:00.',
    sms: "Ligueil: arrivee a 9h24. Pas de nouvelles depuis 10h12: elle est peut-etre encore la, jusqu'a 12h.",
  },
  {
    name: 'unknown, seen there, window over',
    now: at('15:00'),
    facts: { ...heard('10:12'), ...onSite(true), next },
    state: 'unknown',
    source: 'gps',
    fr: 'Arrivée à 9 h 24. Pas de nouvelles depuis 10 h 12. Le passage se terminait à 12 h. Prochain passage: mardi 29 décembre, 9 h 30.',
    en: 'Arrived 9:24. No news since 10:12. The visit was to end at 12:00. Next visit: Tuesday 29 December, 9:30.',
    sms: 'Ligueil: arrivee a 9h24. Pas de nouvelles depuis 10h12. Le passage se terminait a 12h. Prochain passage: mardi 29 decembre, 9h30.',
  },
  {
    name: 'unknown, window over',
    now: at('13:00'),
    facts: { ...heard('08:30'), next },
    state: 'unknown',
    source: 'plan',
    fr: 'Nous ne savons pas si ce passage a eu lieu. Prochain passage: mardi 29 décembre, 9 h 30.',
    en: 'We cannot say if this visit took place. Next visit: Tuesday 29 December, 9:30.',
    sms: 'Ligueil: nous ne savons pas si ce passage a eu lieu. Prochain passage: mardi 29 decembre, 9h30.',
  },
  {
    name: 'the van has lost its position and says so',
    now: at('09:50'),
    facts: { ...heard('09:50'), ...gps({ state: 'unknown', lastSeenMs: at('09:20'), atMs: at('09:41') }) },
    state: 'unknown',
    source: 'gps',
    fr: 'Pas de nouvelles depuis 9 h 20. Nous ne savons pas si elle est arrivée.',
    en: 'No news since 9:20. We cannot say if it has arrived.',
    sms: 'Ligueil: pas de nouvelles depuis 9h20. Nous ne savons pas si elle est arrivee.',
  },
  {
    name: 'corrected by head office, van silent',
    now: at('12:40'),
    facts: {
      ...heard('10:12'),
      next,
      claims: {
        office: { state: 'left', leftMs: at('12:00'), atMs: at('12:35') },
        gps: { state: 'missed', atMs: at('12:00') },
      },
    },
    state: 'left',
    source: 'office',
    fr: 'Passage terminé. Prochain passage: mardi 29 décembre, 9 h 30.',
    en: 'This visit is over. Next visit: Tuesday 29 December, 9:30.',
    sms: 'Ligueil: passage termine. Prochain passage: mardi 29 decembre, 9h30.',
  },
];

describe('the public statement', () => {
  it.each(ROWS)('$name', ({ now, facts, state, source, fr, en, sms }) => {
    const whole = factsOf(facts);
    const statement = statementOf(whole, now);
    expect({ state: statement.state, source: statement.source, ...statement.text }).toEqual({
      state,
      source,
      fr,
      en,
    });
    expect(smsOf(statement, 'Ligueil', 'fr')).toBe(sms);
    expect(statement.atMs, 'a statement has an age').toBeLessThanOrEqual(now);
  });

  it('says every state of the vocabulary', () => {
    expect(new Set(ROWS.map((row) => row.state)).size).toBe(9);
  });

  it.each(ROWS)('in both languages as a text message: $name', ({ now, facts }) => {
    for (const commune of ['Ligueil', 'Saint-Rémy-sur-Creuse et ses très lointains hameaux dispersés'])
      for (const language of ['fr', 'en'] as const) {
        const whole = factsOf(facts);
        const message = smsOf(statementOf(whole, now), commune, language);
        expect(message.length, message).toBeLessThanOrEqual(SMS_MAX);
        expect(gsm7(message), 'nothing outside the alphabet').toBe(message);
      }
  });

  it('cuts the reason of a long message, never the state or the next date', () => {
    const facts = factsOf({
      next,
      claims: {
        crew: { state: 'cancelled', reason: `accident ${'très '.repeat(40)}grave`, atMs: at('08:40') },
      },
    });
    const message = smsOf(statementOf(facts, at('09:00')), 'Ligueil', 'fr');
    expect(message).toMatch(
      /^Ligueil: passage annule: accident tres .* Prochain passage: mardi 29 decembre, 9h30\.$/,
    );
    expect(message.length).toBeLessThanOrEqual(SMS_MAX);
  });

  it('lets nothing of a reason out of its line', () => {
    expect(gsm7('a\r\nBEGIN:🚐«x»…')).toBe('a BEGIN: "x"...');
  });
});
