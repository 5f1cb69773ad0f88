import pino, { type Logger } from 'pino';

export type Log = Logger;

/**
 * Structured log on standard error, one constant phrase an event, values in fields (docs/OPERATIONS.md).
 * `part` names the daemon; parts of it take `log.child({ part })`.
 */
export function makeLog(part: string, level = process.env.TOURNEE_LOG ?? 'info'): Log {
  return pino({ level, base: { part }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}

/** A log that says nothing: for tests that do not look at it. */
export const silentLog: Log = pino({ level: 'silent' });
