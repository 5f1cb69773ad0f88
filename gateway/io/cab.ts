import Fastify, { type FastifyInstance } from 'fastify';
import type { Clock } from '../../runtime/clock.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import { loadPageAssets, type PageAssets, serveAssets } from '../../runtime/pageAssets.ts';
import type { CabMine, CabPress, CabView } from '../core/cabView.ts';
import { serveEvents } from './cab/events.ts';
import { guard } from './cab/guard.ts';
import { makeHoldBack } from './cab/holdBack.ts';
import { servePage } from './cab/page.ts';
import { makePinLock } from './cab/pinLock.ts';
import { serveActs } from './cab/routes.ts';

/**
 * The cab page on the van's own network: what must reach the driver needs no data link (DESIGN §1.5). It never takes
 * the gateway down: a port in use is told to `onState` and tried again, and the daemon runs on.
 */

/** What an act came to; `problem` is for a person. */
export type ActOutcome = { readonly ok: true } | { readonly ok: false; readonly problem: string };

/** The engine as the page needs it. `act` and `acknowledge` answer after the commit of their row. */
export interface CabEngine {
  view(): CabView;
  /** Calls back after each commit that may change the view; returns its end. */
  subscribe(listener: () => void): () => void;
  /** The same key again is the same act: it answers as the first did. */
  act(press: CabPress): ActOutcome;
  acknowledge(episode: string): boolean;
  /** The driver has read a message of the depot. */
  read?(key: string): void;
  /** Positions stop at the touch of off duty or pause, before its row; `false` when it is taken back. */
  hush?(on: boolean): void;
  mine?(): CabMine;
}

export type CabDeps = {
  /** `http://0.0.0.0:8081`; port 0 takes a free one. */
  readonly http: string;
  readonly van: string;
  readonly engine: CabEngine;
  /** 4 to 12 digits. Absent: served on loopback alone, with a banner. */
  readonly pin?: string;
  /** Further names by which the page may be asked for. */
  readonly hosts?: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly assets?: PageAssets;
  /** The port was taken or given back: an alert (`part`, `cab`). */
  readonly onState?: (state: 'up' | 'failed', detail?: string) => void;
};

export type Cab = Part & {
  /** Where it is served; absent while it could not be. */
  url(): string | undefined;
};

const RETRY_MS = 15_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export async function startCab(deps: CabDeps): Promise<Cab> {
  const { clock, log, onState } = deps;
  const bound = new URL(deps.http);
  let app: FastifyInstance | undefined;
  let url: string | undefined;
  let cancelRetry = () => {};
  let stopped = false;

  async function tryListen(): Promise<void> {
    const problem = await listen().catch(
      (error: NodeJS.ErrnoException) => error.code ?? String(error.message),
    );
    if (problem === undefined || stopped) return;
    log.error({ url: deps.http, error: problem }, 'cab page not served');
    onState?.('failed', `${deps.http}: ${problem}`);
    cancelRetry = clock.after(RETRY_MS, () => void tryListen());
  }

  async function listen(): Promise<string | undefined> {
    if (deps.pin === undefined && !LOOPBACK.has(bound.hostname)) return 'a PIN is needed outside loopback';
    const built = buildCab(deps);
    try {
      await built.listen({ host: bound.hostname.replace(/^\[|\]$/g, ''), port: Number(bound.port) });
    } catch (error) {
      await built.close();
      throw error;
    }
    app = built;
    const { port } = built.server.address() as { port: number };
    url = `http://${bound.hostname === '0.0.0.0' ? 'localhost' : bound.hostname}:${port}`;
    log.info({ url }, 'cab page served');
    onState?.('up');
    return undefined;
  }

  await tryListen();
  return {
    url: () => url,
    async stop() {
      stopped = true;
      cancelRetry();
      url = undefined;
      await app?.close();
    },
  };
}

/** An act that cannot be written down (a journal that failed) is refused, and takes nothing else with it. */
function tellEngine({ engine, log }: CabDeps, press: CabPress): ActOutcome {
  try {
    return engine.act(press);
  } catch (error) {
    log.error({ act: press.act, error: String(error) }, 'act not written down');
    return { ok: false, problem: 'not written down' };
  }
}

/** The application without its socket: tests inject requests. */
export function buildCab(deps: CabDeps): FastifyInstance {
  const { engine, clock, van } = deps;
  const app = Fastify({
    logger: false,
    bodyLimit: 4096,
    requestTimeout: 10_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 100 },
  });
  const lock = makePinLock({ ...(deps.pin === undefined ? {} : { pin: deps.pin }), van, clock });
  const held = makeHoldBack({
    clock,
    act: (press) => tellEngine(deps, press),
    hush: (on) => engine.hush?.(on),
  });
  guard(app, { van, hosts: deps.hosts ?? [], lock });
  const assets = deps.assets ?? loadPageAssets();
  servePage(app, assets, { van, hasPin: deps.pin !== undefined });
  serveAssets(app, assets);
  lock.serve(app);
  serveActs(app, { engine, held });
  const end = serveEvents(app, { engine, held, clock });
  app.addHook('preClose', async () => {
    held.stop();
    end();
  });
  return app;
}
