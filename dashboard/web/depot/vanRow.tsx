import { Sign } from '../../../web/signs.tsx';
import { TourLineView, tourLineOf } from '../../../web/tourLine.tsx';
import type { VanView } from '../../core/vanView.ts';
import { goTo, linkTo } from './router.ts';
import { Age } from './small.tsx';
import { language, minuteMs, nameOfVan, timezone, vanOf } from './state.ts';
import { alertSentence } from './vanDetail.tsx';
import { lineVisits, vanState, words } from './words.ts';

/** One van: state in words, age of the news, battery, link, alerts, and its day as a line. */
export function VanRow({ van, selected }: { van: string; selected: boolean }) {
  const view = vanOf(van)!.value;
  const lang = language.value;
  const state = vanState(view, minuteMs.value, timezone.value, lang);
  return (
    <li class={`row${selected ? ' is-selected' : ''} is-${view.freshness}`}>
      <div class="row-head">
        <a class="row-link" href={linkTo('maintenant', van)} aria-current={selected ? 'true' : undefined}>
          <Sign state={state.sign} />
          <strong>{nameOfVan(van)}</strong>
        </a>
        <span class={`row-state state-${state.sign}`}>{state.text}</span>
        <RowNews view={view} />
      </div>
      {view.visits.length > 0 ? (
        <TourLineView
          line={tourLineOf(lineVisits(view.visits), timezone.value)}
          language={lang}
          nowMs={minuteMs.value}
          compact
          onChoose={(visit) => goTo('maintenant', van, visit)}
        />
      ) : null}
      <WorstAlert view={view} />
      <p class="row-foot">
        {state.next ? <span>{state.next}</span> : null}
        <RowMeasures view={view} />
      </p>
    </li>
  );
}

/** What is wrong is said here, not behind a number. */
function WorstAlert({ view }: { view: VanView }) {
  const worst = view.alerts.find((alert) => !alert.acknowledged);
  return worst ? <p class={`row-alert is-${worst.severity}`}>{alertSentence(worst)}</p> : null;
}

function RowNews({ view }: { view: VanView }) {
  const w = words();
  const unseen = view.alerts.filter((alert) => !alert.acknowledged);
  return (
    <span class="row-news">
      {unseen.length > 0 ? (
        <span class={`chip is-${unseen[0]!.severity}`}>{w.now.alerts(unseen.length)}</span>
      ) : null}
      {view.heardAt ? <Age at={view.heardAt} /> : null}
    </span>
  );
}

/** Bulk waits up to five minutes by design: only what waits longer is news. */
const LATE_BACKLOG_S = 600;

function RowMeasures({ view }: { view: VanView }) {
  const w = words().now;
  const { power, link } = view;
  return (
    <span class="row-measures">
      {power?.soc !== undefined ? (
        <span>
          {w.battery} {w.percent(power.soc)}
        </span>
      ) : null}
      {link ? (
        <span>
          {link.technology?.toUpperCase() ?? w.link} {w.linkState[link.state]}
        </span>
      ) : null}
      {view.backlog && (view.backlog.oldestS ?? 0) > LATE_BACKLOG_S ? (
        <span>{w.backlog(view.backlog.rows)}</span>
      ) : null}
    </span>
  );
}
