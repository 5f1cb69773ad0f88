import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Visit } from '../../../protocol/agenda.ts';
import { OFFICE_WORDS } from '../../../web/dictionaryOffice.ts';
import { shortDate } from '../../../web/format.ts';
import { addDays, isHoliday, mondayOf } from '../../core/days.ts';
import { moveVisit } from '../../core/planning.ts';
import { changes, doubtful, edit, edited, inForce, loadAgenda, today } from './draft.ts';
import { Publishing } from './publishing.tsx';
import { linkTo, route } from './router.ts';
import { head, language, mayPlan, nameOfVan, vanIds } from './state.ts';
import { StopEditor } from './stopEditor.tsx';
import { VisitEditor } from './visitEditor.tsx';
import { shortName, words } from './words.ts';

export const dayName = (date: string): string =>
  shortDate(language.value, Date.parse(`${date}T12:00:00Z`), 'UTC');

/** The agenda by week: one row a van, one column a day. What is changed is a draft until it is published. */
export function Planning() {
  const w = OFFICE_WORDS[language.value].planning;
  useEffect(() => {
    loadAgenda().catch(() => {});
  }, [head.value?.agenda]);
  const chosen = useSignal<string | undefined>(undefined);
  const agenda = edited.value;
  if (!agenda || !today.value) return <p class="loading">{words().loading}</p>;
  const monday = mondayOf(route.value.parts[0] ?? today.value);
  const days = Array.from({ length: 7 }, (_, n) => addDays(monday, n));
  const visit = agenda.visits.find((v) => v.id === chosen.value);
  return (
    <div class="page">
      <h1>
        {words().sections.planning} <small>{w.week(dayName(monday), dayName(days[6]!))}</small>
      </h1>
      <div class="filters">
        <a class="button" href={linkTo('planning', addDays(monday, -7))}>
          {w.previous}
        </a>
        <a class="button" href={linkTo('planning')}>
          {w.thisWeek}
        </a>
        <a class="button" href={linkTo('planning', addDays(monday, 7))}>
          {w.following}
        </a>
        {mayPlan.value ? (
          <button
            type="button"
            class="button is-main"
            onClick={() => {
              chosen.value = 'new';
            }}
          >
            {w.add}
          </button>
        ) : null}
      </div>
      {(inForce.value?.problems.length ?? 0) > 0 ? <FileProblems /> : null}
      <Week days={days} visits={agenda.visits} chosen={chosen.value} onChoose={(id) => (chosen.value = id)} />
      {mayPlan.value && (visit || chosen.value === 'new') ? (
        <VisitEditor
          key={chosen.value}
          visit={visit}
          date={days[0]!}
          onClose={() => (chosen.value = undefined)}
        />
      ) : null}
      <Publishing monday={monday} />
      {mayPlan.value ? <StopEditor /> : null}
    </div>
  );
}

function FileProblems() {
  const w = OFFICE_WORDS[language.value].planning;
  return (
    <div class="banner is-bad" role="alert">
      <p>{w.fileProblems}</p>
      <ul lang="en">
        {inForce.value!.problems.slice(0, 10).map((problem) => (
          <li key={problem.path + problem.got}>
            {problem.path}: expected {problem.expected}, got {problem.got}
          </li>
        ))}
      </ul>
    </div>
  );
}

type WeekProps = {
  readonly days: readonly string[];
  readonly visits: readonly Visit[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
};

function Week({ days, visits, chosen, onChoose }: WeekProps) {
  const w = OFFICE_WORDS[language.value].planning;
  const said = useSignal('');
  const only = vanIds.value.length === 1 ? vanIds.value[0] : undefined;
  const vanOfVisit = (visit: Visit) => visit.van ?? only ?? '';
  const week = visits.filter((visit) => visit.date >= days[0]! && visit.date <= days[6]!);
  const rows = [...vanIds.value, ...(week.some((v) => !vanIds.value.includes(vanOfVisit(v))) ? [''] : [])];
  const move = (id: string, date: string, van?: string) => {
    const visit = visits.find((v) => v.id === id);
    if (!visit || (visit.date === date && (van === undefined || van === vanOfVisit(visit)))) return;
    edit((agenda) => moveVisit(agenda, id, date, van === only ? undefined : van));
    said.value = w.movedTo(stopName(visit.stop), dayName(date));
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls must be reachable by keyboard
    <section class="table-frame" aria-label={w.week(dayName(days[0]!), dayName(days[6]!))} tabIndex={0}>
      <table class="week">
        <thead>
          <tr>
            <th scope="col">{w.van}</th>
            {days.map((date) => (
              <th key={date} scope="col" class={date === today.value ? 'is-today' : undefined}>
                {dayName(date)} {isHoliday(date) ? <small>{w.holiday}</small> : null}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((van) => (
            <tr key={van}>
              <th scope="row">{van === '' ? w.noVan : nameOfVan(van)}</th>
              {days.map((date) => (
                <td
                  key={date}
                  class={date === today.value ? 'is-today' : undefined}
                  onDragOver={(event) => mayPlan.value && event.preventDefault()}
                  onDrop={(event) => {
                    event.preventDefault();
                    const id = event.dataTransfer?.getData('text/plain');
                    if (id) move(id, date, van === '' ? undefined : van);
                  }}
                >
                  {week
                    .filter(
                      (v) =>
                        v.date === date &&
                        (van === '' ? !vanIds.value.includes(vanOfVisit(v)) : vanOfVisit(v) === van),
                    )
                    .sort((a, b) => (a.from < b.from ? -1 : 1))
                    .map((visit) => (
                      <Card
                        key={visit.id}
                        visit={visit}
                        chosen={visit.id === chosen}
                        onChoose={onChoose}
                        onMove={move}
                      />
                    ))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="spoken" role="status">
        {said.value}
      </p>
      {mayPlan.value ? <small>{w.moveHint}</small> : null}
    </section>
  );
}

const stopName = (id: string): string => shortName(edited.value?.stops.find((s) => s.id === id)?.name ?? id);

function Card(props: {
  readonly visit: Visit;
  readonly chosen: boolean;
  readonly onChoose: (id: string) => void;
  readonly onMove: (id: string, date: string) => void;
}) {
  const { visit, chosen, onChoose, onMove } = props;
  const w = OFFICE_WORDS[language.value].planning;
  const change = changes.value.find((c) => c.visit === visit.id);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (!event.altKey || step === undefined || !mayPlan.value) return;
    event.preventDefault();
    onMove(visit.id, addDays(visit.date, step));
  };
  return (
    <button
      type="button"
      class={`card${visit.cancelled ? ' is-cancelled' : ''}${chosen ? ' is-chosen' : ''}`}
      draggable={mayPlan.value}
      onDragStart={(event) => event.dataTransfer?.setData('text/plain', visit.id)}
      onKeyDown={onKeyDown}
      onClick={() => onChoose(visit.id)}
    >
      <span class="whole">
        {visit.from.slice(0, 5)}–{visit.to.slice(0, 5)}
      </span>{' '}
      {stopName(visit.stop)}
      {visit.cancelled ? <small> {w.kinds.cancelled}</small> : null}
      {doubtful.value.has(visit.id) ? <small class="is-doubtful"> {w.toCheck}</small> : null}
      {change ? <small class="is-changed"> {w.kinds[change.kind]}</small> : null}
    </button>
  );
}
