import type { Fix } from '../../protocol/readings.ts';
import { msOf } from '../../protocol/time.ts';

/**
 * gpsd's JSON (gpsd_json(5), protocol 3): one object a line; only TPV makes a fix. `mode` 0 or 1 is no fix. Accuracy is
 * `eph`, else the greater of `epx` and `epy`; gpsd gives them at 95 %, which is kept: the wider circle is the safe one.
 */

/** Longest line kept: a SKY of 40 satellites is about 5 KB. */
const MAX_LINE_BYTES = 16_384;

export type GpsdCounters = {
  bytes: number;
  /** Lines that are JSON of gpsd. */
  reports: number;
  fixes: number;
  /** TPV without a fix or a time. */
  void: number;
  /** Lines that are not JSON, or too long. */
  malformed: number;
};
export type GpsdReader = { push(chunk: Uint8Array): Fix[]; readonly counters: Readonly<GpsdCounters> };

const number = (value: unknown, min: number, max: number): number | undefined =>
  typeof value === 'number' && value >= min && value <= max ? value : undefined;

/** The fix of one TPV object, or `undefined` when it has none. */
export function fixOfTpv(tpv: Readonly<Record<string, unknown>>): Fix | undefined {
  const at = typeof tpv.time === 'string' ? msOf(tpv.time) : undefined;
  const latitude = number(tpv.lat, -90, 90);
  const longitude = number(tpv.lon, -180, 180);
  const mode = tpv.mode;
  if (at === undefined || latitude === undefined || longitude === undefined) return undefined;
  if (mode !== 2 && mode !== 3) return undefined;
  const altitudeM = number(tpv.altMSL ?? tpv.alt, -500, 20_000);
  const epx = number(tpv.epx, 0, 1e6);
  const epy = number(tpv.epy, 0, 1e6);
  const accuracyM =
    number(tpv.eph, 0, 1e6) ?? (epx !== undefined && epy !== undefined ? Math.max(epx, epy) : undefined);
  const speedMps = number(tpv.speed, 0, 600);
  const courseDeg = number(tpv.track, 0, 360);
  return {
    at,
    latitude,
    longitude,
    mode,
    ...(altitudeM !== undefined && mode === 3 ? { altitudeM } : {}),
    ...(accuracyM !== undefined ? { accuracyM } : {}),
    ...(speedMps !== undefined ? { speedMps } : {}),
    ...(courseDeg !== undefined ? { courseDeg } : {}),
    // STATUS_DR: dead reckoning.
    ...(tpv.status === 6 ? { estimated: true as const } : {}),
  };
}

export function makeGpsdReader(): GpsdReader {
  const counters: GpsdCounters = { bytes: 0, reports: 0, fixes: 0, void: 0, malformed: 0 };
  const decoder = new TextDecoder('utf-8');
  let line = '';
  let tooLong = false;

  function take(text: string, fixes: Fix[]): void {
    let report: unknown;
    try {
      report = JSON.parse(text);
    } catch {
      counters.malformed++;
      return;
    }
    if (typeof report !== 'object' || report === null || !('class' in report)) {
      counters.malformed++;
      return;
    }
    counters.reports++;
    if (report.class !== 'TPV') return;
    const fix = fixOfTpv(report as Record<string, unknown>);
    if (fix) {
      counters.fixes++;
      fixes.push(fix);
    } else counters.void++;
  }

  return {
    counters,
    push(chunk) {
      counters.bytes += chunk.length;
      const fixes: Fix[] = [];
      const parts = decoder.decode(chunk, { stream: true }).split('\n');
      parts.forEach((part, i) => {
        if (line.length + part.length > MAX_LINE_BYTES) {
          tooLong = true;
          line = '';
        } else if (!tooLong) line += part;
        if (i === parts.length - 1) return;
        if (tooLong) counters.malformed++;
        else if (line.trim() !== '') take(line, fixes);
        [line, tooLong] = ['', false];
      });
      return fixes;
    },
  };
}
