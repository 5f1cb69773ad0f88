import { createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../../runtime/clock.ts';

/**
 * The PIN of the van: few tries, then a wait; a signed cookie that a restart of the gateway does not end and a new PIN
 * does. The key of the signature is derived slowly, so that a stolen cookie does not give the PIN away.
 */

export type PinLock = {
  isOpen(request: FastifyRequest): boolean;
  serve(app: FastifyInstance): void;
};

/** One long duty. */
const SESSION_MS = 16 * 3_600_000;
const WINDOW_MS = 15 * 60_000;
const TRIES_AN_ADDRESS = 5;
/** All addresses together: an address on a Wi-Fi costs nothing. */
const TRIES_IN_ALL = 20;
const COOKIE = 'cab';

export function makePinLock(deps: {
  readonly pin?: string;
  readonly van: string;
  readonly clock: Clock;
}): PinLock {
  const { pin, clock } = deps;
  if (pin === undefined)
    return {
      isOpen: () => true,
      serve: (app) => void app.post('/pin', async () => ({ ok: true })),
    };
  const key = scryptSync(pin, `tournee cab ${deps.van}`, 32, { N: 16_384 });
  const sign = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  const tries = makeTries(clock);

  return {
    isOpen(request) {
      const token = cookieOf(request.headers.cookie, COOKIE);
      const [expires, nonce, mac] = token?.split('.') ?? [];
      if (expires === undefined || nonce === undefined || mac === undefined) return false;
      // The wall clock of a Pi may be wrong both ways: then the PIN is asked again, no more.
      const leftMs = Number(expires) - clock.nowMs();
      return leftMs > 0 && leftMs <= SESSION_MS && isEqual(mac, sign(`${expires}.${nonce}`));
    },
    serve(app) {
      app.post<{ Body: unknown }>('/pin', async (request, reply) => {
        const waitMs = tries.waitMs(request.ip);
        if (waitMs > 0)
          return reply
            .code(429)
            .header('retry-after', Math.ceil(waitMs / 1000))
            .send({ problem: 'too many tries', waitMin: Math.ceil(waitMs / 60_000) });
        const given = (request.body as { pin?: unknown } | null)?.pin;
        if (typeof given !== 'string' || !isEqual(sign(given.slice(0, 32)), sign(pin))) {
          tries.count(request.ip);
          return reply.code(403).send({ problem: 'wrong PIN' });
        }
        const body = `${clock.nowMs() + SESSION_MS}.${randomBytes(12).toString('base64url')}`;
        reply.header(
          'set-cookie',
          `${COOKIE}=${body}.${sign(body)}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_MS / 1000}`,
        );
        return { ok: true };
      });
    },
  };
}

function isEqual(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  return header
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** Wrong tries of the last quarter of an hour, by address and in all; memory is bounded by the second. */
function makeTries(clock: Clock) {
  let wrong: { ip: string; atMs: number }[] = [];
  const recent = () => {
    wrong = wrong.filter((w) => clock.monotonicMs() - w.atMs < WINDOW_MS);
    return wrong;
  };
  const untilFree = (list: readonly { atMs: number }[], allowed: number): number =>
    list.length < allowed ? 0 : list[list.length - allowed]!.atMs + WINDOW_MS - clock.monotonicMs();
  return {
    waitMs: (ip: string) =>
      Math.max(
        untilFree(
          recent().filter((w) => w.ip === ip),
          TRIES_AN_ADDRESS,
        ),
        untilFree(recent(), TRIES_IN_ALL),
      ),
    count: (ip: string) => void recent().push({ ip, atMs: clock.monotonicMs() }),
  };
}
