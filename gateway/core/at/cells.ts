import { type Argument, decimal, type LinkPart, plausible, technologyNamed } from './fields.ts';

/** The serving cell: +QENG="servingcell" (Quectel) and +CPSI (SIMCom). Neighbour cells are not ours. */

/** SINR of +QENG is in dB on most modules, in fifths above -20 dB on some: no cell has more than 40 dB. */
const qengSinr = (arg: Argument | undefined) => {
  const n = decimal(arg);
  return n !== undefined && n > 40 ? n / 5 - 20 : n;
};

/** Fields behind the mode's name: where each value stands. */
type Layout = {
  readonly rsrp?: number;
  readonly rsrq?: number;
  readonly rssi?: number;
  readonly sinr?: number;
  readonly rscp?: number;
};
/** duplex mcc mnc cell pci earfcn band ul dl tac rsrp rsrq rssi sinr … */
const LTE: Layout = { rsrp: 11, rsrq: 12, rssi: 13, sinr: 14 };
/** mcc mnc pci rsrp sinr rsrq arfcn band … */
const NSA: Layout = { rsrp: 4, sinr: 5, rsrq: 6 };
/** duplex mcc mnc cell pci tac arfcn band dl rsrp rsrq sinr … */
const SA: Layout = { rsrp: 10, rsrq: 11, sinr: 12 };
/** mcc mnc lac cell uarfcn psc rac rscp ecio … */
const WCDMA: Layout = { rscp: 8 };
/** mcc mnc lac cell bsic arfcn band rxlev … */
const GSM: Layout = { rssi: 8 };

const LAYOUTS: readonly (readonly [RegExp, Layout])[] = [
  [/^NR5G-NSA$/i, NSA],
  [/^NR5G(-SA)?$/i, SA],
  [/^(LTE|CAT-?M1?|CAT-?NB1?|NB-?IOT|EMTC)$/i, LTE],
  [/^WCDMA$/i, WCDMA],
  [/^GSM$/i, GSM],
];

/**
 *     +QENG: "servingcell",<state>,"LTE",…        one line
 *     +QENG: "servingcell",<state>                then, while LTE and NR work together, a line of each:
 *     +QENG: "LTE",…
 *     +QENG: "NR5G-NSA",…
 */
export function qeng(args: readonly Argument[]): LinkPart | undefined {
  if (args[0]!.text.startsWith('neighbourcell')) return undefined;
  const first = args[0]!.text === 'servingcell' ? 1 : 0;
  for (let i = first; i < Math.min(args.length, first + 2); i++) {
    const layout = LAYOUTS.find(([name]) => name.test(args[i]!.text))?.[1];
    const at = (offset: number | undefined) => (offset === undefined ? undefined : args[i + offset]);
    if (layout)
      return {
        technology: technologyNamed(args[i]!.text),
        rsrpDbm: plausible.rsrp(decimal(at(layout.rsrp))),
        rsrqDb: plausible.rsrq(decimal(at(layout.rsrq))),
        rssiDbm: plausible.rssi(decimal(at(layout.rssi))),
        sinrDb: plausible.sinr(qengSinr(at(layout.sinr))),
        rscpDbm: plausible.rscp(decimal(at(layout.rscp))),
      };
  }
  return first === 1 ? { technology: technologyNamed(args[2]?.text ?? '') } : undefined;
}

/**
 *     +CPSI: LTE,Online,460-01,0x7496,251941991,203,EUTRAN-BAND8,3740,3,3,-92,-672,-418,14   rsrq rsrp rssi in tenths
 *     +CPSI: LTE CAT-M1,Online,240-07,0x2AFE,34564631,149,EUTRAN-BAND20,6400,3,3,-12,-81,-52,10   … in dB
 *     +CPSI: LTE,Online,460-11,0x774B,126375687,303,EUTRAN-BAND1,100,5,0,12,36,42,5          … as steps (A76xx)
 *     +CPSI: NR5G_SA,Online,242-12,0x765D,4955280,0,NR5G_BAND78,640704,-770,-110,290         rsrp rsrq snr in tenths
 *     +CPSI: NR5G_NSA,644,NR5G_BAND78,627264,-960,-120,95                                    rsrp rsrq snr in tenths
 *     +CPSI: NR5G,257,629952,-11,-92,153                                                     rsrq rsrp, snr in tenths
 *     +CPSI: WCDMA,Online,505-01,0x0152,14302219,WCDMA 850,214,4436,0,12.5,83,23,36,500      ecio, rscp without sign
 *     +CPSI: GSM,Online,460-00,0x182d,12401,27 EGSM 900,-64,2110,42-42                       rxlev
 *     +CPSI: NO SERVICE,Online
 */
export function cpsi(args: readonly Argument[]): LinkPart | undefined {
  const mode = args[0]!.text;
  const technology = technologyNamed(mode);
  if (!technology) return /^no service$/i.test(mode) ? {} : undefined;
  const code = args.find((arg) => /^\d{3}-\d{2,3}$/.test(arg.text))?.text;
  return { technology, operator: code, ...radioOf(mode, technology, args) };
}

function radioOf(mode: string, technology: string, args: readonly Argument[]): LinkPart {
  if (technology === '5g') return nr(args);
  if (technology === '4g') return lte(args.slice(10, 14).map(decimal));
  const level = (arg: Argument | undefined) => {
    const value = decimal(arg);
    return value === undefined ? undefined : -Math.abs(value);
  };
  if (technology === '3g') return { rscpDbm: plausible.rscp(level(args[10])) };
  // A26xx leaves out the band's name, so the level is the first negative number.
  return /^GSM/i.test(mode)
    ? {
        rssiDbm: plausible.rssi(
          args
            .slice(5)
            .map(decimal)
            .find((n) => n !== undefined && n < 0),
        ),
      }
    : {};
}

/** rsrq, rsrp, rssi, snr. A level below -200 can only be in tenths; positive ones are steps as of +CESQ. */
function lte([rsrq, rsrp, rssi, snr]: readonly (number | undefined)[]): LinkPart {
  const sinrDb = plausible.sinr(snr);
  if (rsrp === undefined || rsrp === 0) return {};
  if (rsrp > 0) {
    const step = (n: number | undefined, max: number, base: number, size: number) =>
      n === undefined || n < 0 || n > max ? undefined : base + n * size;
    return {
      rsrqDb: step(rsrq, 34, -20, 0.5),
      rsrpDbm: step(rsrp, 97, -141, 1),
      rssiDbm: step(rssi, 63, -111, 1),
      sinrDb,
    };
  }
  const unit = rsrp < -200 ? 10 : 1;
  return {
    rsrqDb: plausible.rsrq(rsrq === undefined ? undefined : rsrq / unit),
    rsrpDbm: plausible.rsrp(rsrp / unit),
    rssiDbm: plausible.rssi(rssi === undefined ? undefined : rssi / unit),
    sinrDb,
  };
}

/** Two negative numbers in a row are RSRP and RSRQ in either order (RSRP is the lower), the SNR follows. */
function nr(args: readonly Argument[]): LinkPart {
  const n = args.map(decimal);
  const at = n.findIndex((value, i) => value !== undefined && value < 0 && (n[i + 1] ?? 0) < 0);
  if (at < 0) return {};
  const rsrp = Math.min(n[at]!, n[at + 1]!);
  const rsrq = Math.max(n[at]!, n[at + 1]!);
  const snr = n[at + 2];
  const unit = rsrp < -200 ? 10 : 1;
  return {
    rsrpDbm: plausible.rsrp(rsrp / unit),
    rsrqDb: plausible.rsrq(rsrq / unit),
    sinrDb: plausible.sinr(
      snr === undefined ? undefined : unit === 10 || Math.abs(snr) > 40 ? snr / 10 : snr,
    ),
  };
}
