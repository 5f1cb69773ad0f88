import type { LinkReading } from '../../protocol/readings.ts';

/**
 * What is asked of a modem at each look, and how its answers become one reading. Questions that a module does not know
 * are dropped after two refusals: so one list serves Quectel, SIMCom and plain 3GPP, without asking who it is.
 */
export const QUESTIONS = [
  'AT+CPIN?',
  'AT+CREG?',
  'AT+CEREG?',
  'AT+COPS?',
  'AT+CGATT?',
  'AT+CSQ',
  'AT+CESQ',
  'AT+QCSQ',
  'AT+CPSI?',
] as const;

/** Said once a connection: echo off, numeric errors, registration told unasked (without cell and area). */
export const GREETINGS = ['ATE0', 'AT+CMEE=1', 'AT+CREG=1', 'AT+CEREG=1'] as const;

const REFUSALS = 2;

/** Refusals so far by question; JSON. */
export type Refusals = Readonly<Record<string, number>>;

export const questionsFor = (refusals: Refusals): readonly string[] =>
  QUESTIONS.filter((question) => (refusals[question] ?? 0) < REFUSALS);

/** A plain ERROR is «not known here»; a +CME ERROR is an answer about the state, and is asked again. */
export function noteAnswer(refusals: Refusals, question: string, error: string | undefined): Refusals {
  if (error === 'ERROR') return { ...refusals, [question]: (refusals[question] ?? 0) + 1 };
  if (refusals[question] === undefined || error !== undefined) return refusals;
  const { [question]: _, ...rest } = refusals;
  return rest;
}

const isRegistered = (reading: LinkReading) =>
  reading.registration === 'home' || reading.registration === 'roaming';

/**
 * The reading of a look with what one more line says. Circuit-switched and packet registration may differ (a SIM for
 * data only): registered in either is registered.
 */
export function withReply(reading: LinkReading, part: LinkReading): LinkReading {
  if (part.registration === undefined || !isRegistered(reading) || isRegistered(part))
    return { ...reading, ...part };
  const { registration: _, ...rest } = part;
  return { ...reading, ...rest };
}
