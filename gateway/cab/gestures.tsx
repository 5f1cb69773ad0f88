import { Typeset } from '../../web/text.tsx';
import type { CabAct, CabView, CabVisit } from '../core/cabView.ts';
import { usePage, useWords } from './context.ts';
import { undoOf } from './undo.ts';

/** The three big gestures about one visit, and under them what the last one came to. */
export function Gestures({ view, visit }: { view: CabView; visit: CabVisit | undefined }) {
  const { tell, open, busy, time } = usePage();
  const words = useWords();
  if (!view.duty.on) return <OffDuty view={view} />;
  return (
    <section class="gestures" id="gestures" tabIndex={-1} aria-label={words.skip}>
      {visit ? (
        <p class="about">
          <Typeset text={words.gesturesFor(visit.name, time(visit.fromMs))} />
          {view.visits.length > 1 ? (
            <button type="button" class="link" onClick={() => open('visits')}>
              {words.chooseVisit}
            </button>
          ) : null}
        </p>
      ) : null}
      <div class="big">
        {visit ? (
          <>
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
          </>
        ) : null}
        <button type="button" onClick={() => open('other')}>
          {words.other}
        </button>
      </div>
    </section>
  );
}

function OffDuty({ view }: { view: CabView }) {
  const { tell, busy, time, open } = usePage();
  const words = useWords();
  const paused = view.duty.why === 'switch' && view.duty.until !== undefined;
  return (
    <section class="gestures" id="gestures" tabIndex={-1} aria-label={words.skip}>
      <p class="off-duty">{paused ? words.isPaused(time(view.duty.until!)) : words.isOffDuty}</p>
      <div class="big">
        <button type="button" class="primary" disabled={busy} onClick={() => tell({ act: 'on_duty' })}>
          {words.onDuty}
        </button>
        <button type="button" onClick={() => open('other')}>
          {words.other}
        </button>
      </div>
    </section>
  );
}

/** How long a told act is confirmed on the page. */
const SHOWN_MS = 5 * 60_000;

/** «Ouvert, dit à 9 h 31. Gardé à bord…» with its undo, which is a new act. */
export function LastAct({ view, now }: { view: CabView; now: number | undefined }) {
  const { tell, busy, time } = usePage();
  const words = useWords();
  const act = view.lastAct;
  if (!act || view.pending || (now !== undefined && now - act.at > SHOWN_MS)) return null;
  const undo = undoOf(act);
  return (
    <div class="told">
      <p>
        <strong>
          <Typeset text={words.told(nameOf(act, words), time(act.at))} />
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

export function nameOf(act: Pick<CabAct, 'act' | 'minutes'>, words: ReturnType<typeof useWords>): string {
  if (act.act === 'late' && act.minutes === 0) return words.onTime;
  const name = words.acts[act.act];
  return act.minutes ? `${name} ${words.minutes(act.minutes)}` : name;
}
