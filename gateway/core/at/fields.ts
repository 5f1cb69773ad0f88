import type { LinkReading, Technology } from '../../../protocol/readings.ts';

/** What one reply line says of the link; only what it says. */
export type LinkPart = { -readonly [K in keyof LinkReading]?: LinkReading[K] | undefined };

export type Argument = { readonly text: string; readonly quoted: boolean };

/** The comma-separated arguments of a reply; commas inside quotes are text. A quote that never closes is no reply. */
export function argumentsOf(text: string): readonly Argument[] | undefined {
  const out: Argument[] = [];
  let i = 0;
  for (;;) {
    while (text[i] === ' ') i++;
    if (text[i] === '"') {
      const close = text.indexOf('"', i + 1);
      if (close < 0) return undefined;
      out.push({ text: text.slice(i + 1, close), quoted: true });
      i = close + 1;
      while (text[i] === ' ') i++;
      if (i < text.length && text[i] !== ',') return undefined;
    } else {
      const comma = text.indexOf(',', i);
      const end = comma < 0 ? text.length : comma;
      out.push({ text: text.slice(i, end).trim(), quoted: false });
      i = end;
    }
    if (i >= text.length) return out;
    i++;
  }
}

/** An integer argument, quoted or not; `-` and anything else is absent. */
export function integer(arg: Argument | undefined): number | undefined {
  return arg && /^[+-]?\d{1,10}$/.test(arg.text) ? Number(arg.text) : undefined;
}

/** A decimal argument. */
export function decimal(arg: Argument | undefined): number | undefined {
  return arg && /^[+-]?\d{1,10}(\.\d{1,4})?$/.test(arg.text) ? Number(arg.text) : undefined;
}

const within = (min: number, max: number) => (value: number | undefined) =>
  value !== undefined && value >= min && value <= max ? Math.round(value * 10) / 10 : undefined;

/** Values that a receiver can have; modems mark unknown by -32768, 0, 255 and the like. */
export const plausible = {
  rssi: within(-130, -10),
  rscp: within(-125, -20),
  rsrp: within(-160, -20),
  rsrq: within(-45, 20),
  sinr: within(-30, 50),
} as const;

/** Access technology numbers of 3GPP 27.007 (+CREG, +COPS); 8 is LTE-M on Quectel and SIMCom modules. */
const ACCESS: readonly Technology[] = [
  '2g', // GSM
  '2g', // GSM compact
  '3g', // UTRAN
  '2g', // EGPRS
  '3g', // HSDPA
  '3g', // HSUPA
  '3g', // HSPA
  '4g', // E-UTRAN
  '4g', // LTE-M (EC-GSM-IoT by the letter, never deployed)
  '4g', // NB-IoT
  '4g', // E-UTRA on a 5G core
  '5g', // NR on a 5G core
  '5g', // NG-RAN
  '5g', // E-UTRA and NR together (EN-DC)
];
export const technologyOf = (access: number | undefined): Technology | undefined =>
  access === undefined ? undefined : ACCESS[access];

/** The generation that a mode's name tells: `FDD LTE`, `eMTC`, `NR5G-SA`, `WCDMA`, `EDGE`, … */
export function technologyNamed(name: string): Technology | undefined {
  const upper = name.toUpperCase();
  if (/NR5G|NR-?5G|\bNR\b|5G|ENDC/.test(upper)) return '5g';
  if (/LTE|E-?UTRAN|CAT-?M|CAT-?NB|NB-?IOT|EMTC/.test(upper)) return '4g';
  if (/WCDMA|TD-?SCDMA|HSPA|HSDPA|HSUPA|UMTS|UTRAN|HDR|EVDO/.test(upper)) return '3g';
  return /GSM|GPRS|EDGE|CDMA|1XRTT/.test(upper) ? '2g' : undefined;
}
