import type { Seen } from '../gnss.ts';
import type { Constellation } from './sky.ts';

/**
 * Encoders of NMEA 0183, written apart from the gateway's decoders: a mistake of one must not hide in the other.
 * Each gives the body between `$` and `*`; `seen` absent is a receiver without a fix, which leaves its fields empty
 * (u-blox, Quectel). Field order from NMEA.adoc.
 */
const two = (n: number) => String(n).padStart(2, '0');

/** hhmmss.ss */
export function clockOf(atMs: number): string {
  const t = new Date(atMs);
  return `${two(t.getUTCHours())}${two(t.getUTCMinutes())}${two(t.getUTCSeconds())}.${two(Math.floor(t.getUTCMilliseconds() / 10))}`;
}
/** ddmmyy */
export function dateOf(atMs: number): string {
  const t = new Date(atMs);
  return `${two(t.getUTCDate())}${two(t.getUTCMonth() + 1)}${two(t.getUTCFullYear() % 100)}`;
}

/** ddmm.mmmmm,N of a latitude, dddmm.mmmmm,E of a longitude. */
function angle(degrees: number, wholeDigits: number, positive: string, negative: string): string {
  const hundredThousandths = Math.round(Math.abs(degrees) * 60 * 1e5);
  const whole = Math.floor(hundredThousandths / (60 * 1e5));
  const minutes = (hundredThousandths - whole * 60 * 1e5) / 1e5;
  return `${String(whole).padStart(wholeDigits, '0')}${minutes.toFixed(5).padStart(8, '0')},${degrees < 0 ? negative : positive}`;
}
const place = (seen: Seen | undefined) =>
  seen ? `${angle(seen.latitude, 2, 'N', 'S')},${angle(seen.longitude, 3, 'E', 'W')}` : ',,,';
const knots = (mps: number) => (mps / 0.514444).toFixed(3);
/** u-blox leaves the track empty while standing. */
const track = (seen: Seen | undefined) => (seen && seen.speedMps > 0.5 ? seen.courseDeg.toFixed(2) : '');

export const rmc = (talker: string, atMs: number, seen?: Seen) =>
  `${talker}RMC,${clockOf(atMs)},${seen ? 'A' : 'V'},${place(seen)},${seen ? knots(seen.speedMps) : ''},${track(seen)},${dateOf(atMs)},,,${seen ? 'A' : 'N'}`;

export const vtg = (talker: string, seen?: Seen) =>
  seen
    ? `${talker}VTG,${track(seen)},T,,M,${knots(seen.speedMps)},N,${(seen.speedMps * 3.6).toFixed(3)},K,A`
    : `${talker}VTG,,,,,,,,,N`;

export const gga = (talker: string, atMs: number, seen?: Seen) =>
  seen
    ? `${talker}GGA,${clockOf(atMs)},${place(seen)},1,${two(Math.min(12, seen.satellites))},${seen.hdop.toFixed(2)},${seen.altitudeM.toFixed(1)},M,47.8,M,,`
    : `${talker}GGA,${clockOf(atMs)},,,,,0,00,99.99,,,,,,`;

/** One mode letter a constellation: GPS, GLONASS, Galileo. */
export const gns = (talker: string, atMs: number, seen?: Seen) =>
  seen
    ? `${talker}GNS,${clockOf(atMs)},${place(seen)},AAA,${two(seen.satellites)},${seen.hdop.toFixed(2)},${seen.altitudeM.toFixed(1)},47.8,,`
    : `${talker}GNS,${clockOf(atMs)},,,,,NNN,00,99.99,,,,`;

export const gll = (talker: string, atMs: number, seen?: Seen) =>
  `${talker}GLL,${place(seen)},${clockOf(atMs)},${seen ? 'A,A' : 'V,N'}`;

/** Twelve PRN slots, then PDOP, HDOP, VDOP. */
export function gsa(talker: string, constellation: Constellation, seen?: Seen): string {
  const prns = seen ? constellation.satellites.filter((s) => s.used).slice(0, 12) : [];
  const slots = Array.from({ length: 12 }, (_, i) => (prns[i] ? two(prns[i].prn) : ''));
  const dops = seen
    ? [1.5 * seen.hdop, seen.hdop, 1.2 * seen.hdop].map((d) => d.toFixed(2))
    : ['99.99', '99.99', '99.99'];
  return `${talker}GSA,A,${seen ? 3 : 1},${slots.join(',')},${dops.join(',')}`;
}

/** Four satellites a sentence. */
export function gsv({ talker, satellites }: Constellation): string[] {
  const total = Math.max(1, Math.ceil(satellites.length / 4));
  return Array.from({ length: total }, (_, i) => {
    const four = satellites
      .slice(4 * i, 4 * i + 4)
      .map(
        (s) =>
          `,${two(s.prn)},${two(s.elevationDeg)},${String(s.azimuthDeg).padStart(3, '0')},${s.snrDb ?? ''}`,
      );
    return `${talker}GSV,${total},${i + 1},${two(satellites.length)}${four.join('')}`;
  });
}

/** Range RMS, error ellipse, then one sigma of latitude, longitude, altitude in metres. */
export function gst(talker: string, atMs: number, seen?: Seen): string {
  if (!seen) return `${talker}GST,${clockOf(atMs)},,,,,,,`;
  const sigma = seen.sigmaM.toFixed(1);
  return `${talker}GST,${clockOf(atMs)},${(8 * seen.hdop).toFixed(0)},${sigma},${sigma},45,${sigma},${sigma},${(1.6 * seen.sigmaM).toFixed(1)}`;
}

export function zda(talker: string, atMs: number): string {
  const t = new Date(atMs);
  return `${talker}ZDA,${clockOf(atMs)},${two(t.getUTCDate())},${two(t.getUTCMonth() + 1)},${t.getUTCFullYear()},00,00`;
}

/** The whole line: XOR of the body's characters in two hex digits, CR LF. */
export function line(body: string): string {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum ^= body.charCodeAt(i);
  return `$${body}*${sum.toString(16).toUpperCase().padStart(2, '0')}\r\n`;
}
