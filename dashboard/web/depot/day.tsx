import { useSignal } from '@preact/signals';
import { STATE_WORDS } from '../../../web/dictionary.ts';
import { alertText } from '../../../web/dictionaryCab.ts';
import { OFFICE_WORDS } from '../../../web/dictionaryOffice.ts';
import { clock, longDate } from '../../../web/format.ts';
import { Sign } from '../../../web/signs.tsx';
import { TourLineView, type TourLineVisit, tourLineOf } from '../../../web/tourLine.tsx';
import type { DayAgain } from '../../core/dayAgain.ts';
import { addDays } from '../../core/days.ts';
import type { VisitView } from '../../core/vanView.ts';
import type { VerdictAgain } from '../../core/verdictAgain.ts';
import { Chart } from './chart.tsx';
import { Because } from './evidence.tsx';
import { useLoaded } from './loaded.ts';
import { goTo, linkTo, route } from './router.ts';
import { head, language, nameOfVan, secondMs, timezone, vanIds } from './state.ts';
import { Table } from './table.tsx';
import { TrackMap } from './trackMap.tsx';
import { lineVisits, shortName, words } from './words.ts';

type Answer = DayAgain & { readonly visits: readonly VisitView[]; readonly verdict: VerdictAgain };
const at = (ms: number) => clock(language.value, ms, timezone.value);

/** A van's day again, on one axis of time: where it was, what was said and why, battery, network, alerts. */
export function Day() {
  const w = OFFICE_WORDS[language.value].day;
  const van = route.value.parts[0] ?? vanIds.value[0];
  const date = route.value.parts[1] ?? head.value?.date;
  const path = van && date ? `/api/vans/${van}/days/${date}` : undefined;
  const loaded = useLoaded<Answer>(path).value;
  if (!van || !date) return <p class="loading">{words().loading}</p>;
  return (
    <div class="page">
      <h1>
        {words().sections.day}{' '}
        <small>
          {nameOfVan(van)}, {longDate(language.value, Date.parse(`${date}T12:00:00Z`), 'UTC')}
        </small>
      </h1>
      <div class="filters">
        <label class="field">
          <span class="spoken">{w.van}</span>
          <select value={van} onChange={(event) => goTo('journee', event.currentTarget.value, date)}>
            {vanIds.value.map((id) => (
              <option key={id} value={id}>
                {nameOfVan(id)}
              </option>
            ))}
          </select>
        </label>
        <a class="button" href={linkTo('journee', van, addDays(date, -1))}>
          {w.previous}
        </a>
        <label class="field">
          <span class="spoken">{w.date}</span>
          <input
            type="date"
            value={date}
            onChange={(event) => goTo('journee', van, event.currentTarget.value)}
          />
        </label>
        <a class="button" href={linkTo('journee', van, addDays(date, 1))}>
          {w.following}
        </a>
      </div>
      {loaded.error ? <p role="alert">{words().failed(loaded.error)}</p> : null}
      {loaded.value ? (
        <DayShown key={path} day={loaded.value} van={van} date={date} />
      ) : (
        <p>{words().loading}</p>
      )}
    </div>
  );
}

function DayShown({ day, van, date }: { day: Answer; van: string; date: string }) {
  const w = OFFICE_WORDS[language.value].day;
  const { fromMs, toMs } = spanOf(day);
  const moment = useSignal(fromMs);
  const path = `/api/vans/${van}/days/${date}`;
  const isEmpty = day.track.length === 0 && day.power.length === 0 && day.changes.length === 0;
  return (
    <>
      <TourLineView
        line={tourLineOf(
          endedBy(lineVisits(day.visits), Math.min(toMs, secondMs.peek())),
          timezone.value,
          day.gaps,
        )}
        language={language.value}
        nowMs={moment.value}
      />
      <Verdict verdict={day.verdict} visits={day.visits} />
      {isEmpty ? (
        <p>{w.nothing}</p>
      ) : (
        <>
          <label class="scrubber">
            <span>
              {w.moment} <strong>{at(moment.value)}</strong>
            </span>
            <input
              type="range"
              min={fromMs}
              max={toMs}
              step={60_000}
              value={moment.value}
              aria-valuetext={at(moment.value)}
              onInput={(event) => {
                moment.value = Number(event.currentTarget.value);
              }}
            />
          </label>
          <Moment day={day} atMs={moment.value} />
          <TrackMap track={day.track} visits={day.visits} atMs={moment.value} label={w.trackOnMap} />
          <p>{w.gaps(day.gaps.length)}</p>
          <Charts day={day} fromMs={fromMs} toMs={toMs} atMs={moment.value} />
        </>
      )}
      <Changes day={day} />
      <DayAlerts day={day} />
      <p>
        {w.exports}: <a href={`${path}/track.gpx`}>GPX</a> <a href={`${path}/track.geojson`}>GeoJSON</a> ·{' '}
        <small>{w.journaled}</small>
      </p>
    </>
  );
}

/** What has no known end is drawn to the end of the day, not to the moment of the scrubber. */
const endedBy = (visits: readonly TourLineVisit[], toMs: number): TourLineVisit[] =>
  visits.map((visit) => ({ ...visit, held: (visit.held ?? []).map((span) => ({ toMs, ...span })) }));

/** From the first to the last thing known, the planned windows included. */
function spanOf(day: Answer): { fromMs: number; toMs: number } {
  const times = [
    ...day.visits.flatMap((v) => [Date.parse(v.fromAt), Date.parse(v.toAt)]),
    ...day.track.flatMap((piece) => [piece[0]![0], piece.at(-1)![0]]),
    ...day.power.slice(0, 1).map((p) => p[0]),
    ...day.power.slice(-1).map((p) => p[0]),
  ];
  const minute = 60_000;
  const fromMs = Math.floor(Math.min(...times) / minute) * minute;
  return times.length === 0
    ? { fromMs: 0, toMs: minute }
    : { fromMs, toMs: Math.ceil(Math.max(...times) / minute) * minute };
}

/** «Why does it say late?»: what the van said at the moment of the scrubber, and its reason. */
function Moment({ day, atMs }: { day: Answer; atMs: number }) {
  const w = OFFICE_WORDS[language.value].day;
  const said = day.changes.findLast((change) => Date.parse(change.at) <= atMs);
  return (
    <p class="moment">
      {said ? (
        <>
          <Sign state={said.state} />{' '}
          {w.saidThen(`${nameOfVisit(day.visits, said.visit)}: ${STATE_WORDS[language.value][said.state]}.`)}{' '}
          <Because change={said} />
        </>
      ) : (
        w.nothingSaid
      )}
    </p>
  );
}

const nameOfVisit = (visits: readonly VisitView[], id: string): string => {
  const visit = visits.find((v) => v.id === id);
  return visit ? shortName(visit.name) : id;
};

function Verdict({ verdict, visits }: { verdict: VerdictAgain; visits: readonly VisitView[] }) {
  const w = OFFICE_WORDS[language.value].day;
  if (verdict.kind === 'not_comparable') return <p class="hint">{w.notComparable(w.why[verdict.why])}</p>;
  if (verdict.kind === 'same') return <p class="is-good">{w.same}</p>;
  return (
    <div class="banner is-bad" role="alert">
      <p>{w.differs}</p>
      <ul>
        {verdict.differences.map((difference) => (
          <li key={`${difference.visit} ${difference.at}`}>
            {at(Date.parse(difference.at))} {nameOfVisit(visits, difference.visit)}:{' '}
            {difference.van ? STATE_WORDS[language.value][difference.van] : '—'} /{' '}
            {difference.depot ? STATE_WORDS[language.value][difference.depot] : '—'}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Charts({ day, fromMs, toMs, atMs }: { day: Answer; fromMs: number; toMs: number; atMs: number }) {
  const w = OFFICE_WORDS[language.value].day;
  const ranks = ['offline', 'bad', 'degraded', 'good'] as const;
  return (
    <>
      {day.power.length > 0 ? (
        <Chart
          title={w.power}
          points={day.power}
          series={[
            { label: w.soc, token: 'here', axis: 'left' },
            { label: w.houseV, token: 'blue', axis: 'right' },
            { label: w.starterV, token: 'late', axis: 'right', dash: [6, 4] },
          ]}
          fromMs={fromMs}
          toMs={toMs}
          atMs={atMs}
          range={[0, 100]}
        />
      ) : null}
      {day.link.length > 0 ? (
        <Chart
          title={w.link}
          points={day.link}
          series={[{ label: w.link, token: 'blue', axis: 'left' }]}
          fromMs={fromMs}
          toMs={toMs}
          atMs={atMs}
          range={[-0.3, 3.3]}
          say={(value) => words().now.linkState[ranks[Math.round(value)] ?? 'offline']}
        />
      ) : null}
    </>
  );
}

function Changes({ day }: { day: Answer }) {
  const w = OFFICE_WORDS[language.value].day;
  if (day.changes.length === 0) return null;
  return (
    <>
      <h2>{w.changes}</h2>
      <Table
        name={w.changes}
        rows={day.changes}
        keyOf={(change) => `${change.at} ${change.visit} ${change.state}`}
        columns={[
          {
            title: w.columns.at,
            cell: (c) => <span class="whole">{at(Date.parse(c.at))}</span>,
            sort: (c) => c.at,
          },
          { title: w.columns.visit, cell: (c) => nameOfVisit(day.visits, c.visit), sort: (c) => c.visit },
          {
            title: w.columns.state,
            cell: (c) => (
              <span class={`whole state-${c.state}`}>
                <Sign state={c.state} /> {STATE_WORDS[language.value][c.state]}
              </span>
            ),
          },
          { title: w.columns.because, cell: (c) => <Because change={c} /> },
        ]}
      />
    </>
  );
}

function DayAlerts({ day }: { day: Answer }) {
  const w = OFFICE_WORDS[language.value].day;
  return (
    <>
      <h2>{w.alerts}</h2>
      {day.alerts.length === 0 ? (
        <p>{w.noAlerts}</p>
      ) : (
        <Table
          name={w.alerts}
          rows={day.alerts}
          keyOf={(alert) => `${alert.episode} ${alert.change} ${alert.at}`}
          columns={[
            { title: w.columns.at, cell: (a) => (a.at ? at(Date.parse(a.at)) : '?') },
            { title: w.columns.alert, cell: (a) => alertText(language.value, a, timezone.value).text },
            { title: w.columns.change, cell: (a) => w.alertChange[a.change] },
          ]}
        />
      )}
    </>
  );
}
