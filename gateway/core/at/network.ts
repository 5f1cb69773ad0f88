import type { Registration } from '../../../protocol/readings.ts';
import { type Argument, integer, type LinkPart, technologyNamed, technologyOf } from './fields.ts';

/** Registration and operator: +CREG and its kin, +COPS, +QNWINFO, +CPIN, +CGATT, +CGDCONT. */

/** stat of 3GPP 27.007: SMS only (6, 7) and CSFB not preferred (9, 10) are registered; RLOS (11) is emergency. */
const REGISTRATION: readonly Registration[] = [
  'none',
  'home',
  'searching',
  'denied',
  'unknown',
  'roaming',
  'home',
  'roaming',
  'emergency',
  'home',
  'roaming',
  'emergency',
];

const isSmall = (arg: Argument | undefined, max: number) =>
  arg !== undefined && !arg.quoted && /^\d{1,2}$/.test(arg.text) && Number(arg.text) <= max;

/**
 * `<n>,<stat>[,<area>,<cell>[,<AcT>…]]` as an answer, `<stat>[,<area>,<cell>[,<AcT>…]]` unasked. A second argument
 * that is a bare small number is the stat: areas are quoted, or hex of four digits.
 */
export function registration(args: readonly Argument[]): LinkPart | undefined {
  const answered = isSmall(args[0], 5) && isSmall(args[1], REGISTRATION.length - 1);
  const at = answered ? 1 : 0;
  if (!isSmall(args[at], REGISTRATION.length - 1)) return undefined;
  return {
    registration: REGISTRATION[Number(args[at]!.text)],
    technology: technologyOf(integer(args[at + 3])),
  };
}

/** `<mode>[,<format>,"<operator>"[,<AcT>]]`. */
export function operator(args: readonly Argument[]): LinkPart | undefined {
  if (!isSmall(args[0], 4)) return undefined;
  return {
    operator: args.length > 2 && args[2]!.text !== '' ? args[2]!.text : undefined,
    technology: technologyOf(integer(args[3])),
  };
}

/** `"<technology>","<MCCMNC>","<band>",<channel>`, or `No Service`. */
export function networkInfo(args: readonly Argument[]): LinkPart | undefined {
  if (args[0]!.text === '') return undefined;
  const code = args[1]?.text ?? '';
  return {
    technology: technologyNamed(args[0]!.text),
    operator: /^\d{5,6}$/.test(code) ? code : undefined,
  };
}

/** READY, SIM PIN, SIM PUK, NOT INSERTED, … */
export function sim(args: readonly Argument[]): LinkPart | undefined {
  return args[0]!.text === '' ? undefined : { sim: args[0]!.text };
}

export function attached(args: readonly Argument[]): LinkPart | undefined {
  return isSmall(args[0], 1) ? { attached: args[0]!.text === '1' } : undefined;
}
