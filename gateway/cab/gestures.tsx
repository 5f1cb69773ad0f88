import { Typeset } from '../../web/text.tsx';
import type { CabAct, CabView, CabVisit } from '../core/cabView.ts';
import { usePage, useWords } from './context.ts';
import { Countdown } from './countdown.tsx';
import { undoOf } from './undo.ts';

type Props = {
  readonly view: CabView;
  readonly viewMs: number;
  readonly visit: CabVisit | undefined;
  readonly now: number | undefined;
};

/** What waits and can be taken back; else what the last gesture came to, and the three big ones. */
export function Gestures({ view, viewMs, visit, now }: Props) {
  const words = useWords();
  return (
    <section class="gestures" id="gestures" tabIndex={-1} aria-label={words.gestures}>
      {view.pending ? (
        <Countdown pending={view.pending} viewMs={viewMs} />
      ) : (
        <>
          <LastAct view={view} now={now} />
          {view.duty.on || view.at === undefined ? (
            <OnDuty view={view} visit={visit} />
          ) : (
            <OffDuty view={view} />
          )}
        </>
      )}
    </section>
  );
}

function OnDuty({ view, visit }: { view: CabView; visit: CabVisit | undefined }) {
  const { tell, open, busy, time } = usePage();
  const words = useWords();
  const other = (
    <button type="button" onClick={() => open('other')}>
      {words.other}
    </button>
  );
  if (!visit)
    return (
      <div class="big">
        {view.visits.length > 0 ? (
          <button type="button" class="primary" onClick={() => open('visits')}>
            {words.whichVisit}
          </button>
        ) : null}
        {other}
      </div>
    );
  return (
    <>
      <p class="about">
        <span>
          <Typeset text={words.gesturesFor(visit.name, time(visit.fromMs))} />
        </span>
        {view.visits.length > 1 ? (
          <button type="button" class="link" aria-label={words.chooseVisit} onClick={() => open('visits')}>
            {words.change}
          </button>
        ) : null}
      </p>
      <div class="big">
        <button
          type="button"
          class="primary"
          disabled={busy}
          onClick={() => tell({ act: visit.open ? 'closed' : 'open', visit: visit.visit })}
        >
          {visit.open ? words.close : words.open}
        </button>
        <button type="button" disabled={busy} onClick={() => open('late')}>
          {words.late}
        </button>
        {other}
      </div>
    </>
  );
}

function OffDuty({ view }: { view: CabView }) {
  const { tell, busy, time, open } = usePage();
  const words = useWords();
  const until = view.duty.why === 'switch' ? view.duty.until : undefined;
  return (
    <>
      <p class="off-duty">{until === undefined ? words.isOffDuty : words.isPaused(time(until))}</p>
      <div class="big">
        <button type="button" class="primary" disabled={busy} onClick={() => tell({ act: 'on_duty' })}>
          {words.onDuty}
        </button>
        <button type="button" onClick={() => open('other')}>
          {words.other}
        </button>
      </div>
    </>
  );
}

/** How long a told act is confirmed on the page. */
const SHOWN_MS = 2 * 60_000;

/** «Ouvert, dit à 9 h 31. Gardé à bord…» with its undo, which is a new act. */
function LastAct({ view, now }: { view: CabView; now: number | undefined }) {
  const { tell, busy, time } = usePage();
  const words = useWords();
  const act = view.lastAct;
  if (!act || (now !== undefined && act.at !== undefined && now - act.at > SHOWN_MS)) return null;
  const undo = undoOf(act);
  return (
    <div class="told">
      <p>
        <strong>
          <Typeset text={words.told(nameOf(act, words), act.at === undefined ? undefined : time(act.at))} />
        </strong>{' '}
        {act.received ? words.received : words.keptOnBoard}
      </p>
      {undo ? (
        <button type="button" disabled={busy} onClick={() => tell(undo)}>
          {words.undo}
        </button>
      ) : null}
    </div>
  );
}

function nameOf(act: Pick<CabAct, 'act' | 'minutes'>, words: ReturnType<typeof useWords>): string {
  if (act.act === 'late' && act.minutes === 0) return words.onTime;
  const name = words.acts[act.act];
  return act.minutes ? `${name} ${words.minutes(act.minutes)}` : name;
}
