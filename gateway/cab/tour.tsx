import { STATE_WORDS } from '../../web/dictionary.ts';
import { Sign } from '../../web/signs.tsx';
import { shortNames } from '../../web/stopNames.ts';
import { Typeset } from '../../web/text.tsx';
import { TourLineView, tourLineOf } from '../../web/tourLine.tsx';
import type { CabView, CabVisit } from '../core/cabView.ts';
import { usePage, useWords } from './context.ts';

/** Where we are in the tour, what tenants are told right now, and what comes next. */
export function Tour({
  view,
  visit,
  now,
}: {
  view: CabView;
  visit: CabVisit | undefined;
  now: number | undefined;
}) {
  const { language, timezone } = usePage();
  if (view.at === undefined) return <Undated visit={visit} />;
  const labels = shortNames(view.visits.map(({ name }) => name));
  const line = tourLineOf(
    view.visits.map(({ visit: id, fromMs, toMs, state, held }, n) => ({
      id,
      label: labels[n]!,
      fromMs,
      toMs,
      state,
      held,
    })),
    timezone,
  );
  return (
    <>
      <TourLineView
        line={line}
        language={language}
        {...(now === undefined ? {} : { nowMs: now })}
        {...(visit ? { chosen: visit.visit } : {})}
      />
      <Told view={view} visit={visit} />
    </>
  );
}

/** Neither satellite nor network has given the time: what works all the same, in words. */
function Undated({ visit }: { visit: CabVisit | undefined }) {
  const words = useWords();
  return (
    <section class="statement state-unknown">
      <h2>
        {words.shownToTenants}
        {visit ? ` · ${visit.name}` : ''}
      </h2>
      <p class="told-text">{words.undated}</p>
      <p>{words.undatedActs}</p>
    </section>
  );
}

function Told({ view, visit }: { view: CabView; visit: CabVisit | undefined }) {
  const { language, time } = usePage();
  const words = useWords();
  const next = view.visits.find((v) => v.visit === view.next);
  return (
    <section class={`statement state-${visit?.state ?? 'planned'}`}>
      <h2>
        {words.shownToTenants}
        {visit ? ` · ${visit.name}` : ''}
      </h2>
      {view.statement ? (
        <p class="told-text">
          {visit ? <Sign state={visit.state} size={20} /> : null}
          <span>
            {visit ? <span class="spoken">{STATE_WORDS[language][visit.state]}: </span> : null}
            <Typeset text={view.statement[language]} />
          </span>
        </p>
      ) : (
        <p>{words.nothingShown}</p>
      )}
      {view.statementUnreceived ? <p class="tone-late">{words.notYetReceived}</p> : null}
      {next ? (
        <p class="next-stop">
          {words.next}: <Typeset text={`${next.name}, ${time(next.fromMs)}`} />
        </p>
      ) : view.visits.length > 0 ? (
        <p>{words.noMore}</p>
      ) : null}
    </section>
  );
}
