import { OFFICE_WORDS } from '../../../web/dictionaryOffice.ts';
import { shortDate } from '../../../web/format.ts';
import type { CommuneMonth } from '../../core/accounting.ts';
import { addDays, monthSpan } from '../../core/days.ts';
import { useLoaded } from './loaded.ts';
import { goTo, linkTo, route } from './router.ts';
import { head, language } from './state.ts';
import { Table } from './table.tsx';
import { words } from './words.ts';

type Answer = { readonly communes: readonly CommuneMonth[] };

/** What was held, by commune and month; printable, and as CSV. */
export function Accounting() {
  const w = OFFICE_WORDS[language.value].accounting;
  const month = route.value.parts[0] ?? head.value?.date?.slice(0, 7) ?? '';
  const loaded = useLoaded<Answer>(month ? `/api/accounting/${month}` : undefined).value;
  if (!month) return <p class="loading">{words().loading}</p>;
  const before = addDays(monthSpan(month).first, -1).slice(0, 7);
  const after = monthSpan(month).next.slice(0, 7);
  const communes = loaded.value?.communes ?? [];
  return (
    <div class="page">
      <h1>
        {words().sections.accounting} <small>{monthName(month)}</small>
      </h1>
      <div class="filters">
        <a class="button" href={linkTo('bilan', before)}>
          {w.previous}
        </a>
        <label class="field">
          <span class="spoken">{w.month}</span>
          <input type="month" value={month} onChange={(event) => goTo('bilan', event.currentTarget.value)} />
        </label>
        <a class="button" href={linkTo('bilan', after)}>
          {w.following}
        </a>
        <a class="button" href={`/api/accounting/${month}/communes.csv`}>
          {w.csvCommunes}
        </a>
        <a class="button" href={`/api/accounting/${month}/visits.csv`}>
          {w.csvVisits}
        </a>
        <button type="button" class="button" onClick={() => print()}>
          {w.print}
        </button>
      </div>
      {loaded.error ? <p role="alert">{words().failed(loaded.error)}</p> : null}
      {loaded.value && communes.length === 0 ? <p>{w.none}</p> : null}
      {communes.length > 0 ? <Communes communes={communes} /> : null}
      <p>
        <small>{w.note}</small>
      </p>
    </div>
  );
}

const monthName = (month: string): string =>
  new Intl.DateTimeFormat(language.value, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    Date.parse(`${month}-15T12:00:00Z`),
  );

function Communes({ communes }: { communes: readonly CommuneMonth[] }) {
  const w = OFFICE_WORDS[language.value].accounting;
  const day = (date: string) => shortDate(language.value, Date.parse(`${date}T12:00:00Z`), 'UTC');
  const sum = (of: (c: CommuneMonth) => number) => communes.reduce((total, c) => total + of(c), 0);
  return (
    <Table
      name={words().sections.accounting}
      rows={communes}
      keyOf={(c) => c.commune}
      columns={[
        { title: w.commune, cell: (c) => c.name, sort: (c) => c.name, total: w.total },
        {
          title: w.planned,
          number: true,
          cell: (c) => c.planned,
          sort: (c) => c.planned,
          total: sum((c) => c.planned),
        },
        { title: w.held, number: true, cell: (c) => c.held, sort: (c) => c.held, total: sum((c) => c.held) },
        {
          title: w.hours,
          number: true,
          cell: (c) => w.duration(c.presentMin),
          sort: (c) => c.presentMin,
          total: w.duration(sum((c) => c.presentMin)),
        },
        {
          title: w.open,
          number: true,
          cell: (c) => w.duration(c.openMin),
          sort: (c) => c.openMin,
          total: w.duration(sum((c) => c.openMin)),
        },
        { title: w.late, number: true, cell: (c) => c.late, sort: (c) => c.late, total: sum((c) => c.late) },
        {
          title: w.missed,
          number: true,
          cell: (c) => c.missed,
          sort: (c) => c.missed,
          total: sum((c) => c.missed),
        },
        {
          title: w.cancelled,
          number: true,
          cell: (c) => c.cancelled,
          sort: (c) => c.cancelled,
          total: sum((c) => c.cancelled),
        },
        {
          title: w.unknown,
          number: true,
          cell: (c) => c.unknown,
          sort: (c) => c.unknown,
          total: sum((c) => c.unknown),
        },
        {
          title: w.corrected,
          number: true,
          cell: (c) => c.corrected,
          sort: (c) => c.corrected,
          total: sum((c) => c.corrected),
        },
        { title: w.reasons, cell: (c) => c.reasons.join(' · ') },
        { title: w.next, cell: (c) => (c.next ? <span class="whole">{day(c.next)}</span> : '') },
      ]}
    />
  );
}
