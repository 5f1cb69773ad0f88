import { gzipSync } from 'node:zlib';
import { COURIER_SETTINGS } from '../gateway/core/courier.ts';
import { BULK_DICTIONARY, encodeBulk } from '../protocol/codec.ts';
import type { Position, Receipt, Status } from '../protocol/messages.ts';
import { isoOf } from '../protocol/time.ts';
import { topicOf } from '../protocol/topics.ts';
import { makeDeflate } from '../runtime/deflate.ts';
import { messagePack } from './messagePack.ts';
import { type DayRow, kindsOf, referenceRows } from './referenceRows.ts';

/**
 * `npm run bench -- wire [seed]`: what the reference day costs on a metered SIM. Batches are cut by the courier's rules;
 * months have 22 such days.
 */
const DAYS_A_MONTH = 22;
const OFF_DUTY_HOURS = 15;
const JOURNAL = '01234567-89ab-4cde-8f01-23456789abcd';
const VAN = 'camping-car-7';
/** Per message beside its payload: TCP/IP header with timestamps, and the TLS 1.3 record (5 + 17). */
const TCP_IP = 52;
const TLS_RECORD = 22;
const PUBACK = 4;
const ENVELOPE = 2 + 16 + 4 + 4 + 2 + 1;

const { deflate } = makeDeflate(BULK_DICTIONARY);
const bulk = (texts: readonly string[]) =>
  encodeBulk({ journal: JOURNAL, from: 1_000, prevCrc: 1, crc: 2, texts }, deflate).length;
const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
const mb = (bytes: number) => `${((bytes * DAYS_A_MONTH) / 1e6).toFixed(2)} MB a month`;
const mqtt = (van: Parameters<typeof topicOf>[1], payload: number, qos: 0 | 1) =>
  payload + topicOf(VAN, van).length + 2 + (qos ? 2 : 0) + (payload > 100 ? 3 : 2);

/** Order-0 entropy, bytes a row, of each numeric column's best differences and of each other column's values. */
export function entropyOf(rows: readonly Record<string, unknown>[]): number {
  const columns = new Map<string, unknown[]>();
  for (const row of rows)
    for (const [key, value] of Object.entries(row)) columns.set(key, [...(columns.get(key) ?? []), value]);
  const bits = (symbols: readonly unknown[]) => {
    const counts = new Map<unknown, number>();
    for (const s of symbols) counts.set(s, (counts.get(s) ?? 0) + 1);
    return sum([...counts.values()].map((n) => -n * Math.log2(n / symbols.length)));
  };
  const differences = (list: readonly number[]) =>
    list.slice(1).map((v, i) => Math.round((v - list[i]!) * 1e7));
  const total = [...columns.values()].map((values) => {
    const numbers = values.map((v) => (typeof v === 'string' ? Date.parse(v) : v));
    if (!numbers.every((n) => typeof n === 'number' && Number.isFinite(n))) return bits(values);
    const first = differences(numbers as number[]);
    return Math.min(bits(values), bits(first), bits(differences(first)));
  });
  return sum(total) / 8 / rows.length;
}

function compare(name: string, texts: readonly string[]): void {
  const rows = texts.map((t) => JSON.parse(t) as Record<string, unknown>);
  const per = (bytes: number) => `${(bytes / texts.length).toFixed(2)} B a row`;
  const entropy = entropyOf(rows);
  const ours = (size: number) => sum(chunks(texts, size).map(bulk));
  // Magic, version, journal, CRCs, seq and number: what no coder of columns can spare.
  const body = (size: number) => (ours(size) - Math.ceil(texts.length / size) * ENVELOPE) / texts.length;
  console.log(`\n${name}: ${texts.length} rows`);
  console.log(`  JSON, one message a row    ${per(sum(texts.map((t) => t.length)))}`);
  console.log(`  MessagePack, one a row     ${per(sum(rows.map((r) => messagePack(r).length)))}`);
  console.log(
    `  JSON × 100, gzip           ${per(sum(chunks(texts, 100).map((c) => gzipSync(`[${c.join(',')}]`).length)))}`,
  );
  console.log(`  empirical entropy          ${entropy.toFixed(2)} B a row`);
  for (const size of [100, 500])
    console.log(
      `  bulk batch × ${size}           ${per(ours(size))}  (${(ours(size) / texts.length / entropy).toFixed(2)} × entropy; ${(body(size) / entropy).toFixed(2)} without the envelope)`,
    );
}

/** Batches as the courier cuts them: by number, by age, and up to `after` behind an urgent row. */
export function courierBatches(rows: readonly DayRow[]): { lane: 'urgent' | 'bulk'; rows: DayRow[] }[] {
  const batches: { lane: 'urgent' | 'bulk'; rows: DayRow[] }[] = [];
  let waiting: DayRow[] = [];
  const flush = () => {
    if (waiting.length > 0) batches.push({ lane: 'bulk', rows: waiting });
    waiting = [];
  };
  for (const row of rows) {
    if (waiting[0] && row.atMs - waiting[0].atMs >= COURIER_SETTINGS.bulkAgeMs) flush();
    if (row.lane === 'urgent') {
      batches.push({ lane: 'urgent', rows: [row] });
      flush();
    } else if (waiting.push(row) >= COURIER_SETTINGS.bulkRows) flush();
  }
  flush();
  return batches;
}

export default async function wire([seed = '1']: string[]): Promise<void> {
  const rows = referenceRows(Number(seed));
  console.log(`reference day, seed ${seed}: ${JSON.stringify(kindsOf(rows))}`);
  const fixes = rows.filter((r) => r.row.kind === 'fix');
  compare(
    'kept fixes',
    fixes.map((r) => r.text),
  );
  compare(
    'power readings',
    rows.filter((r) => r.row.kind === 'power').map((r) => r.text),
  );
  compare('telemetry of 15 columns at 1 Hz', telemetry(3600));

  const batches = courierBatches(rows);
  const receipt: Receipt = {
    journal: JOURNAL,
    lanes: { urgent: { upTo: 12, crc: 3_123_456_789 }, bulk: { upTo: 1234, crc: 3_123_456_789 } },
  };
  const receiptBytes = mqtt('receipt', JSON.stringify(receipt).length, 1);
  const laneBytes = batches.map(({ lane, rows: batch }) =>
    lane === 'bulk'
      ? mqtt('bulk', bulk(batch.map((r) => r.text)), 1)
      : mqtt('urgent', batch[0]!.text.length + 120, 1),
  );
  const lanes = sum(laneBytes);
  const receipts = batches.length * receiptBytes;
  const day = lanes + receipts + batches.length * 2 * PUBACK;
  console.log(
    `\nlanes and receipts, MQTT level: ${batches.length} batches, ${lanes} B up, ${receipts} B of receipts a day`,
  );
  console.log(`  ${(lanes / fixes.length).toFixed(1)} B up a kept fix · ${mb(day)} (promised ≤ 3)`);
  tcpLevel(rows, batches.length, day);
}

/** Everything unwatched of the nine hours, with headers, TLS records and TCP acknowledgements. */
function tcpLevel(rows: readonly DayRow[], batches: number, day: number): void {
  const position: Position = {
    at: isoOf(rows[0]!.atMs),
    latitude: 47.123456,
    longitude: 0.123456,
    accuracyM: 2.1,
    moving: true,
    fixAgeMs: 120,
  };
  const status: Status = {
    state: 'online',
    session: '12345678',
    at: isoOf(rows[0]!.atMs),
    software: '0.1.0',
    journal: JOURNAL,
    agenda: 12,
    duty: true,
    backlog: { rows: 0 },
  };
  const segment = TCP_IP + TLS_RECORD;
  // One segment there, one acknowledgement of it back.
  const message = (bytes: number) => bytes + segment + TCP_IP;
  const positionMessage = message(mqtt('position', JSON.stringify(position).length, 0));
  const { moving, parked } = positionsOf(rows);
  // Parked, 30 s without a message bring a ping between two positions.
  const pings = parked * 2 * message(2);
  // A batch: publish, PUBACK, receipt, PUBACK, each acknowledged once by TCP on the way.
  const laneBytes = day + batches * (4 * segment + 2 * TCP_IP);
  const positions = (moving + parked) * positionMessage;
  console.log(`\nTCP level, unwatched (a model: ${segment} B a TLS segment, ${TCP_IP} B an ACK):`);
  console.log(
    `  lanes and receipts ${mb(laneBytes)} · ${moving + parked} positions ${mb(positions)} · pings ${mb(pings)}`,
  );
  console.log(`  together ${mb(laneBytes + positions + pings)} (promised ≤ 12)`);
  const heartbeat =
    message(mqtt('status', JSON.stringify(status).length, 1)) + message(PUBACK) + 2 * message(2);
  // Every 240 s, and no ping between two.
  const quiet = heartbeat - 2 * message(2);
  console.log(
    `  apart, off duty but switched on: ${((quiet * 15) / 1e3).toFixed(1)} kB an hour of heartbeats, ${mb(quiet * 15 * OFF_DUTY_HOURS)} of 15 h (at the beat of a duty ${mb(heartbeat * 60 * OFF_DUTY_HOURS)})`,
  );
  console.log(
    `  apart, watched: one position a second is ${((3600 * positionMessage) / 1e6).toFixed(2)} MB an hour`,
  );
}

/** Position snapshots of the day: every 10 s moving, every 60 s parked. */
function positionsOf(rows: readonly DayRow[]): { moving: number; parked: number } {
  let [moving, parked] = [0, 0];
  let before: DayRow | undefined;
  for (const row of rows) {
    if (row.row.kind !== 'fix') continue;
    const elapsed = before ? row.atMs - before.atMs : 0;
    if (row.row.moving) moving += elapsed / 10_000;
    else parked += elapsed / 60_000;
    before = row;
  }
  return { moving: Math.round(moving), parked: Math.round(parked) };
}

/** A row of 15 columns as vehicles send it every second, seeded: what the issue's figures were measured on. */
function telemetry(count: number): string[] {
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32 - 0.5;
  };
  const noise = (scale: number) => (random() + random()) * scale;
  let [latitude, longitude, speed, course, soc] = [47.1, 0.7, 15, 90, 80];
  return Array.from({ length: count }, (_, n) => {
    speed = Math.max(0, speed + noise(0.6));
    course = (course + noise(3) + 360) % 360;
    latitude += (speed * Math.cos((course * Math.PI) / 180)) / 111_320;
    longitude += (speed * Math.sin((course * Math.PI) / 180)) / 76_000;
    soc -= 0.0005;
    const round = (value: number, digits: number) => Number(value.toFixed(digits));
    return JSON.stringify({
      kind: 'telemetry',
      at: isoOf(Date.UTC(2026, 10, 24) + n * 1000),
      latitude: round(latitude, 6),
      longitude: round(longitude, 6),
      altitudeM: round(90 + 5 * Math.sin(n / 300) + noise(0.6), 1),
      speedMps: round(speed, 1),
      courseDeg: Math.round(course),
      accuracyM: round(2 + noise(0.3), 1),
      satellites: 10 + Math.round(Math.sin(n / 200)),
      houseV: round(12.8 + noise(0.06), 2),
      houseA: round(-3 + noise(1.5), 1),
      soc: round(soc, 1),
      starterV: round(14.1 + noise(0.06), 2),
      rsrpDbm: -95 + Math.round(noise(6)),
      moving: speed > 1,
      engine: 'on',
    });
  });
}
