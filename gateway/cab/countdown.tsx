import { useEffect, useState } from 'preact/hooks';
import type { CabPending } from '../core/cabView.ts';
import { useWords } from './context.ts';
import { takeBack } from './press.ts';

/** «Hors service dans 8 s» and «Annuler ce geste»: until the end, nothing was told. */
export function Countdown({ pending, viewMs }: { pending: CabPending; viewMs: number }) {
  const words = useWords();
  const [, turn] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => turn((n) => n + 1), 250);
    return () => window.clearInterval(timer);
  }, []);
  const leftMs = Math.max(0, pending.remainingMs - (performance.now() - viewMs));
  return (
    <div class="countdown">
      <p>
        <strong>{words.inSeconds(words.acts[pending.act], Math.ceil(leftMs / 1000))}</strong>
      </p>
      <progress max={10_000} value={leftMs} aria-hidden="true" />
      <button type="button" onClick={() => void takeBack(pending.key)}>
        {words.undoGesture}
      </button>
    </div>
  );
}
