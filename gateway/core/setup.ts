import type { SetupKind } from './sourceUrl.ts';

/**
 * What is said to a receiver once its port is open, when the configuration asks (`?setup=ublox&hz=1`). Nothing is saved
 * in the receiver: after a power cut it is told again. Sources: u-blox M8 Receiver Description («PUBX,40», «UBX-CFG-RATE»),
 * Quectel L80 GPS Protocol Specification (PMTK220, PMTK314, PMTK386).
 */
const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

function sentence(body: string): Uint8Array {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum ^= body.charCodeAt(i);
  return ascii(`$${body}*${sum.toString(16).toUpperCase().padStart(2, '0')}\r\n`);
}

/** A UBX frame: sync, class, id, length, payload, Fletcher checksum over all from the class on. */
function ubx(messageClass: number, id: number, payload: readonly number[]): Uint8Array {
  const body = [messageClass, id, payload.length & 0xff, payload.length >> 8, ...payload];
  let a = 0;
  let b = 0;
  for (const byte of body) {
    a = (a + byte) & 0xff;
    b = (b + a) & 0xff;
  }
  return Uint8Array.from([0xb5, 0x62, ...body, a, b]);
}

/** Sentences that a fix needs; the others cost the line. GST is what gives the error in metres. */
const UBLOX_RATES: Readonly<Record<string, 0 | 1>> = {
  RMC: 1,
  GGA: 1,
  GSA: 1,
  GST: 1,
  VTG: 0,
  GLL: 0,
  GSV: 0,
  ZDA: 0,
};

function ublox(hz: number): Uint8Array[] {
  const periodMs = Math.round(1000 / hz);
  return [
    // PUBX,40: rate on DDC, UART1, UART2, USB, SPI; the wire is the first UART or USB.
    ...Object.entries(UBLOX_RATES).map(([name, rate]) => sentence(`PUBX,40,${name},0,${rate},0,${rate},0,0`)),
    // UBX-CFG-RATE: measurement period in ms, one navigation solution a measurement, aligned to UTC.
    ubx(0x06, 0x08, [periodMs & 0xff, periodMs >> 8, 1, 0, 0, 0]),
  ];
}

function quectel(hz: number): Uint8Array[] {
  return [
    // GLL RMC VTG GGA GSA GSV …: RMC, GGA and GSA each fix.
    sentence('PMTK314,0,1,0,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0'),
    sentence(`PMTK220,${Math.round(1000 / hz)}`),
    // A threshold above 0 would freeze the position of a van that creeps.
    sentence('PMTK386,0'),
  ];
}

/** The messages in order. `hz` epochs a second, 1 to 10. */
export const setupMessages = (kind: SetupKind, hz: number): Uint8Array[] =>
  kind === 'ublox' ? ublox(hz) : quectel(hz);
