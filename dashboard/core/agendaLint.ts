import type { Agenda } from '../../protocol/agenda.ts';
import type { Bilingual } from '../../visit/format.ts';
import { type LintWarning, lintAgenda } from '../../visit/lint.ts';
import centres from './communeCentres.generated.json' with { type: 'json' };
import { isHoliday } from './days.ts';

/**
 * What a planner should look at before publishing: the lint of visit/, and what only the office cares for. Warnings,
 * never a refusal; visits of before `today` are nobody's work any more.
 */
export type AgendaWarning = {
  readonly code: LintWarning['code'] | 'bank_holiday' | 'no_parking';
  /** As in the file: `visits.3.from`. */
  readonly path: string;
  readonly text: Bilingual;
};

/** Centres by INSEE code, © GeoNames; a commune that is not in the table is not judged. */
const CENTRES = new Map(
  (centres as [string, number, number][]).map(([insee, latitude, longitude]) => [
    insee,
    { latitude, longitude },
  ]),
);
const MAX_WARNINGS = 200;

export function agendaWarnings(agenda: Agenda, today: string): AgendaWarning[] {
  const isOver = (path: string) => {
    const index = /^visits\.(\d+)\./.exec(path)?.[1];
    return index !== undefined && agenda.visits[Number(index)]!.date < today;
  };
  return [...lintAgenda(agenda, CENTRES), ...holidays(agenda), ...parking(agenda, today)]
    .filter(({ path }) => !isOver(path))
    .slice(0, MAX_WARNINGS);
}

const holidays = ({ visits, stops }: Agenda): AgendaWarning[] => {
  const names = new Map(stops.map(({ id, name }) => [id, name]));
  return visits.flatMap(({ date, stop, cancelled }, n): AgendaWarning[] => {
    if (cancelled || !isHoliday(date)) return [];
    const name = names.get(stop) ?? stop;
    const text = { fr: `${name} : le ${date} est férié`, en: `${name}: ${date} is a public holiday` };
    return [{ code: 'bank_holiday', path: `visits.${n}.date`, text }];
  });
};

/** Only of places that are still served: an old stop needs no parking point. */
const parking = ({ visits, stops }: Agenda, today: string): AgendaWarning[] => {
  const served = new Set(visits.flatMap(({ stop, date }) => (date >= today ? [stop] : [])));
  return stops.flatMap(({ id, name, parking }, n): AgendaWarning[] =>
    parking || !served.has(id)
      ? []
      : [
          {
            code: 'no_parking',
            path: `stops.${n}.parking`,
            text: { fr: `${name} : point de stationnement absent`, en: `${name}: no parking point` },
          },
        ],
  );
};
