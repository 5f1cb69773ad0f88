import type { Log } from './log.ts';

/** Everything that runs: `startX(deps) → Part`, stopped in the reverse order of starting (DESIGN §9). */
export interface Part {
  stop(): Promise<void> | void;
}

/** Parts in the order in which they were started. */
export function makeParts(log: Log) {
  const started: { name: string; part: Part }[] = [];
  return {
    add<P extends Part>(name: string, part: P): P {
      started.push({ name, part });
      return part;
    },
    /** Stops all in reverse; a part that fails to stop is logged and the others go on. */
    async stop(): Promise<void> {
      for (const { name, part } of started.splice(0).reverse()) {
        try {
          await part.stop();
        } catch (error) {
          log.error({ name, error: String(error) }, 'part failed to stop');
        }
      }
    },
  };
}

/** A second signal this soon is the same Ctrl-C: the terminal and `npm start` both pass it on. */
const SAME_SIGNAL_MS = 500;

/**
 * First signal drains (exit 0 within `deadlineMs`), second cuts; a bug drains too and exits 1. A child of a supervisor
 * that dies (its IPC channel closes) stops too, so that no process stays behind.
 */
export function runUntilSignal(log: Log, stop: () => Promise<void>, deadlineMs = 9_000): void {
  let stoppingSince: number | undefined;
  const end = async (code: number, why: string) => {
    if (stoppingSince !== undefined) {
      if (code !== 0 || performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(code || 130);
      return;
    }
    stoppingSince = performance.now();
    log.info({ why }, 'stopping');
    setTimeout(() => process.exit(code || 1), deadlineMs).unref();
    try {
      await stop();
    } catch (error) {
      log.error({ error: String(error) }, 'stop failed');
      process.exit(1);
    }
    process.exit(code);
  };
  process.on('SIGINT', () => void end(0, 'SIGINT'));
  process.on('SIGTERM', () => void end(0, 'SIGTERM'));
  if (process.connected) process.on('disconnect', () => void end(0, 'supervisor gone'));
  const bug = (error: unknown) => {
    log.fatal({ error: error instanceof Error ? error.stack : String(error) }, 'uncaught error');
    void end(1, 'uncaught error');
  };
  process.on('uncaughtException', bug);
  process.on('unhandledRejection', bug);
}
