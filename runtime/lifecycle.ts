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

/**
 * First signal drains (exit 0 within `deadlineMs`), second cuts; a bug drains too and exits 1.
 */
export function runUntilSignal(log: Log, stop: () => Promise<void>, deadlineMs = 9_000): void {
  let stopping = false;
  const end = async (code: number, why: string) => {
    if (stopping) process.exit(code || 130);
    stopping = true;
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
  const bug = (error: unknown) => {
    log.fatal({ error: error instanceof Error ? error.stack : String(error) }, 'uncaught error');
    void end(1, 'uncaught error');
  };
  process.on('uncaughtException', bug);
  process.on('unhandledRejection', bug);
}
