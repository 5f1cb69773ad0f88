import { type AtReply, makeAtReader } from '../../gateway/core/at.ts';
import { makeNmeaReader } from '../../gateway/core/nmea/reader.ts';
import { makeVedirectReader, type VedirectBlock, type VedirectHex } from '../../gateway/core/vedirect.ts';
import type { Fix } from '../../protocol/readings.ts';

/** The readers under test, each with a check of everything that it gives. */
export const READERS = ['nmea', 'vedirect', 'at'] as const;
export type ReaderKind = (typeof READERS)[number];

/** Throws with the value when one is out of its range. */
function check(value: object, isRight: boolean): void {
  if (!isRight) throw new Error(`out of range: ${JSON.stringify(value)}`);
}
const within = (value: number | undefined, min: number, max: number) =>
  value === undefined || (value >= min && value <= max);

const FIRST_MS = Date.UTC(1980, 0, 1);
const LAST_MS = Date.UTC(2201, 0, 2);

function checkFix(fix: Fix): void {
  check(
    fix,
    Number.isInteger(fix.at) &&
      within(fix.at, FIRST_MS, LAST_MS) &&
      within(fix.latitude, -90, 90) &&
      within(fix.longitude, -180, 180) &&
      (fix.latitude !== 0 || fix.longitude !== 0) &&
      (fix.mode === 2 || fix.mode === 3) &&
      within(fix.altitudeM, -1000, 100_000) &&
      within(fix.accuracyM, 1e-9, 200_000) &&
      within(fix.hdop, 0.01, 99) &&
      within(fix.satellitesUsed, 0, 199) &&
      within(fix.speedMps, 0, 1100) &&
      within(fix.courseDeg, 0, 360),
  );
}

function checkPower(item: VedirectBlock | VedirectHex): void {
  if ('hex' in item) {
    check(item, /^:[0-9A-Fa-f]{3,511}$/.test(item.hex));
    return;
  }
  const { fields, reading } = item;
  check(
    item,
    Object.keys(fields).length <= 64 &&
      Object.values(reading).every((value) => value !== undefined && !Number.isNaN(value)) &&
      within(reading.soc, 0, 100) &&
      within(reading.houseV, 0, 1000) &&
      within(reading.starterV, 3, 1000) &&
      within(reading.timeToGoMin, 0, 1_000_000),
  );
}

function checkReply(reply: AtReply): void {
  const { reading } = reply;
  check(
    reply,
    reply.command.startsWith('+') &&
      within(reading.rssiDbm, -130, -10) &&
      within(reading.rscpDbm, -125, -20) &&
      within(reading.rsrpDbm, -160, -20) &&
      within(reading.rsrqDb, -45, 20) &&
      within(reading.sinrDb, -30, 50) &&
      reading.operator !== '' &&
      reading.sim !== '' &&
      reply.error !== '',
  );
}

export type CheckedReader = { push(chunk: Uint8Array): number; flush(): number };

/** A reader that throws when it gives what cannot be; else answers how much it gave. */
export function readerOf(kind: ReaderKind): CheckedReader {
  const checked = <T>(items: T[], each: (item: T) => void): number => {
    items.forEach(each);
    return items.length;
  };
  if (kind === 'nmea') {
    const reader = makeNmeaReader();
    return {
      push: (chunk) => checked(reader.push(chunk), checkFix),
      flush: () => checked(reader.flush(), checkFix),
    };
  }
  if (kind === 'vedirect') {
    const reader = makeVedirectReader();
    return { push: (chunk) => checked(reader.push(chunk), checkPower), flush: () => 0 };
  }
  const reader = makeAtReader();
  return {
    push: (chunk) => checked(reader.push(chunk), checkReply),
    flush: () => checked(reader.flush(), checkReply),
  };
}
