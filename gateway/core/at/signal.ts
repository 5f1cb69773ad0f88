import { type Argument, decimal, integer, type LinkPart, plausible, technologyNamed } from './fields.ts';

/** Signal replies: +CSQ, +CESQ (3GPP 27.007, lower edge of each step, as ModemManager has it), +QCSQ (Quectel). */

const inRange = (value: number | undefined, max: number) =>
  value !== undefined && value >= 0 && value <= max ? value : undefined;
const scaled = (value: number | undefined, base: number, step: number) =>
  value === undefined ? undefined : base + value * step;

/** `<rssi>,<ber>`: 0-31 → -113 + 2n dBm, 100-191 the extended range (TD-SCDMA) → n - 216 dBm, else unknown. */
export function csq(args: readonly Argument[]): LinkPart | undefined {
  const n = integer(args[0]);
  if (n === undefined || integer(args[1]) === undefined) return undefined;
  if (n >= 0 && n <= 31) return { rssiDbm: -113 + 2 * n };
  return n >= 100 && n <= 191 ? { rssiDbm: n - 216 } : {};
}

/** `<rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp>[,<ss_rsrq>,<ss_rsrp>,<ss_sinr>]`, 99 or 255 unknown. */
export function cesq(args: readonly Argument[]): LinkPart | undefined {
  const n = args.map(integer);
  if (n.length < 6 || n.slice(0, 6).includes(undefined)) return undefined;
  const rsrp = inRange(n[5], 97);
  return {
    rssiDbm: scaled(inRange(n[0], 63), -111, 1),
    rscpDbm: scaled(inRange(n[2], 96), -121, 1),
    rsrqDb: scaled(inRange(n[4], 34), -20, 0.5) ?? scaled(inRange(n[6], 126), -43.5, 0.5),
    rsrpDbm: scaled(rsrp, -141, 1) ?? scaled(inRange(n[7], 126), -157, 1),
    // Only where NR speaks alone: in EN-DC the rest is LTE's.
    sinrDb: rsrp === undefined ? scaled(inRange(n[8], 127), -23.5, 0.5) : undefined,
  };
}

/** dBm with either sign: EG21-G prints 77 for -77. */
const negative = (arg: Argument | undefined) => scaled(decimal(arg), 0, 1);
const dbm = (arg: Argument | undefined) => {
  const value = negative(arg);
  return value === undefined ? undefined : -Math.abs(value);
};
/** 0-250 in fifths of a dB above -20 dB; a module that prints a minus sign means plain dB. */
const fifths = (arg: Argument | undefined) => {
  const n = decimal(arg);
  if (n === undefined || n < 0) return n;
  return n <= 250 ? n / 5 - 20 : undefined;
};

/**
 *     +QCSQ: "GSM",<rssi>
 *     +QCSQ: "WCDMA",<rssi>,<rscp>,<ecio>
 *     +QCSQ: "LTE",<rssi>,<rsrp>,<sinr>,<rsrq>        also CAT-M, eMTC, CAT-NB, NBIoT; sinr in fifths
 *     +QCSQ: "NR5G",<rsrp>,<sinr>,<rsrq>              sinr in dB (RM520N beside its own QENG)
 *     +QCSQ: "NOSERVICE"
 */
export function qcsq(args: readonly Argument[]): LinkPart | undefined {
  const mode = args[0]!.text;
  if (mode === '' || integer(args[0]) !== undefined) return undefined;
  const technology = technologyNamed(mode);
  if (technology === '5g')
    return {
      technology,
      rsrpDbm: plausible.rsrp(dbm(args[1])),
      sinrDb: plausible.sinr(decimal(args[2])),
      rsrqDb: plausible.rsrq(decimal(args[3])),
    };
  const rssiDbm = plausible.rssi(dbm(args[1]));
  if (technology === '4g')
    return {
      technology,
      rssiDbm,
      rsrpDbm: plausible.rsrp(dbm(args[2])),
      sinrDb: plausible.sinr(fifths(args[3])),
      rsrqDb: plausible.rsrq(dbm(args[4])),
    };
  return { technology, rssiDbm, rscpDbm: technology === '3g' ? plausible.rscp(dbm(args[2])) : undefined };
}
