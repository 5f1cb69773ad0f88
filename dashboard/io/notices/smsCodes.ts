import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../runtime/clock.ts';
import type { Language } from '../../../visit/format.ts';

/** A number is believed when its owner types the code that was sent to it. In memory: a restart asks again. */
export type Pending = { readonly number: string; readonly commune: string; readonly language: Language };

const VALID_MS = 600_000;
const TRIES = 3;
const HOUR_MS = 3_600_000;
/** Each code is a message that costs and that may annoy a stranger. */
const LIMITS = { address: 3, number: 2, all: 200 } as const;

export function makeSmsCodes(clock: Clock, random: () => number = () => randomInt(0, 1_000_000)) {
  const pending = new Map<string, Pending & { hash: Buffer; untilMs: number; tries: number }>();
  const counts = new Map<string, number>();
  const stop = clock.every(HOUR_MS, () => {
    counts.clear();
    for (const [number, { untilMs }] of pending) if (untilMs < clock.nowMs()) pending.delete(number);
  });
  const hashOf = (number: string, code: string) => createHash('sha256').update(`${number} ${code}`).digest();

  function takes(name: string, limit: number): boolean {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count <= limit;
  }

  return {
    /** The code to send, or nothing when one of the limits is reached. */
    ask(asked: Pending, ip: string): string | undefined {
      const ok = [
        takes(`ip ${ip}`, LIMITS.address),
        takes(asked.number, LIMITS.number),
        takes('all', LIMITS.all),
      ];
      if (!ok.every(Boolean)) return undefined;
      const code = `${random()}`.padStart(6, '0');
      pending.set(asked.number, {
        ...asked,
        hash: hashOf(asked.number, code),
        untilMs: clock.nowMs() + VALID_MS,
        tries: 0,
      });
      return code;
    },
    /** What was asked for, once, when the code is right. */
    confirm(number: string, code: string): Pending | undefined {
      const known = pending.get(number);
      if (!known || known.untilMs < clock.nowMs()) return undefined;
      known.tries++;
      const isRight = timingSafeEqual(known.hash, hashOf(number, code.replace(/\s/g, '')));
      if (isRight || known.tries >= TRIES) pending.delete(number);
      return isRight ? { number: known.number, commune: known.commune, language: known.language } : undefined;
    },
    stop,
  };
}
export type SmsCodes = ReturnType<typeof makeSmsCodes>;
