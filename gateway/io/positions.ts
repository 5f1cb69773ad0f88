import type { Position } from '../../protocol/messages.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Courier } from './courier.ts';
import type { Host } from './host.ts';

/**
 * The retained `position`: the fix of each second while somebody looks, else every 10 s moving and 60 s parked; erased
 * when the duty ends. Outside the lanes, lossy by design (DESIGN §4).
 */
const MOVING_MS = 10_000;
const PARKED_MS = 60_000;
/** A fix of the same second is the same news: by its own time, for those of the wire jitter. */
const secondOf = (at: string) => at.slice(0, 19);

export function startPositions(host: Host, courier: Courier, clock: Clock): Part {
  let sent: { at: string; monoMs: number; moving: boolean } | undefined;
  let wasOnDuty = true;

  const isDue = (position: Position, last: NonNullable<typeof sent>) =>
    courier.watched()
      ? secondOf(position.at) !== secondOf(last.at)
      : clock.monotonicMs() - last.monoMs >= (position.moving ? MOVING_MS : PARKED_MS);

  const tell = () => {
    const onDuty = host.state().duty.on;
    if (!onDuty) {
      if (wasOnDuty) courier.publishPosition(undefined);
      wasOnDuty = false;
      sent = undefined;
      return;
    }
    wasOnDuty = true;
    const position = host.position();
    if (!position || position.at === sent?.at) return;
    if (sent && position.moving === sent.moving && !isDue(position, sent)) return;
    courier.publishPosition(position);
    sent = { at: position.at, monoMs: clock.monotonicMs(), moving: position.moving };
  };
  return { stop: host.onStep(tell) };
}
