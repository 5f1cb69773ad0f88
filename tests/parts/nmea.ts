import { makeNmeaReader } from '../../gateway/core/nmea/reader.ts';
import type { Fix } from '../../protocol/readings.ts';
import { isoOf } from '../../protocol/time.ts';

/** `GPGGA,…` → `$GPGGA,…*hh`, CR LF. */
export function sentence(body: string): string {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum ^= body.charCodeAt(i);
  return `$${body}*${sum.toString(16).toUpperCase().padStart(2, '0')}\r\n`;
}
export const wire = (...bodies: string[]): string => bodies.map(sentence).join('');
export const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** All fixes of a recording. */
export function read(text: string | Uint8Array, prompt = false): Fix[] {
  const reader = makeNmeaReader({ prompt });
  const bytes = typeof text === 'string' ? bytesOf(text) : text;
  return [...reader.push(bytes), ...reader.flush()];
}
export const timesOf = (fixes: readonly Fix[]): string[] => fixes.map((fix) => isoOf(fix.at));

/** An RMC with status A and, unless told otherwise, mode A, on 24 November 2026. */
export const rmc = (time: string, more: { date?: string; status?: string; mode?: string } = {}) =>
  `GNRMC,${time},${more.status ?? 'A'},4807.038,N,01131.324,E,010.0,054.7,${more.date ?? '241126'},,,${more.mode ?? 'A'}`;
export const gga = (time: string, quality: string | number = 1, latitude = '4807.0381') =>
  `GNGGA,${time},${latitude},N,01131.3241,E,${quality},08,0.9,545.4,M,46.9,M,,`;
