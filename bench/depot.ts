import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DepotConfig } from '../dashboard/config.ts';
import { addDays, weekdayOf } from '../dashboard/core/days.ts';
import { startAgendaFile } from '../dashboard/io/agendaFile.ts';
import { makeFeed } from '../dashboard/io/feed.ts';
import { makeFleet } from '../dashboard/io/fleet.ts';
import { openOffice } from '../dashboard/io/officeDb.ts';
import { buildServer } from '../dashboard/io/server.ts';
import { openSqliteStore } from '../dashboard/io/store/sqlite.ts';
import { startViews } from '../dashboard/io/views.ts';
import type { Agenda } from '../protocol/agenda.ts';
import { isoOf, msOf } from '../protocol/time.ts';
import { fakeClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { compressed } from '../runtime/pageAssets.ts';

/**
 * `npm run bench -- depot [days] [vans]`: the staff's API over a store of 90 days of 50 vans (made here, in the real
 * schema, at the density of the reference day), every request through the whole server. p50, p95, max by page.
 */
const START = '2026-08-27';
/** Kept rows of a van-day of two stops (DESIGN §1.2: dense at the stops, sparse on the road). */
const FIXES = 900;
const POWER = 120;
const LINKS = 60;

export default async function run(args: string[]): Promise<void> {
  const days = Number(args[0] ?? 90);
  const vans = Array.from({ length: Number(args[1] ?? 50) }, (_, n) => `van-${n + 1}`);
  const folder = mkdtempSync(join(tmpdir(), 'bench-depot-'));
  try {
    await measure(folder, days, vans);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, days: number, vans: readonly string[]): Promise<void> {
  const last = addDays(START, days - 1);
  const clock = fakeClock(msOf(`${last}T15:00:00.000Z`)!);
  const agenda = agendaOf(days, vans);
  const path = join(folder, 'agenda.json');
  writeFileSync(path, JSON.stringify(agenda));
  const store = openSqliteStore(join(folder, 'depot.db'), { log: silentLog, clock });
  const madeAt = performance.now();
  const rows = fill(store.db, days, vans);
  print(
    'made',
    `${rows} rows, ${Math.round(statSync(join(folder, 'depot.db')).size / 1e6)} MB, ${seconds(madeAt)}`,
  );

  const office = openOffice(join(folder, 'office.db'));
  const agendaFile = startAgendaFile({ path, db: office, clock, log: silentLog });
  const feed = makeFeed(silentLog);
  const startedAt = performance.now();
  const views = await startViews({ vans, feed, store, agenda: agendaFile, words: [], seen: [], clock });
  print('views restored', seconds(startedAt));
  const config = DepotConfig.parse({
    broker: 'mqtt://127.0.0.1:0',
    http: 'http://127.0.0.1:0',
    store: 'sqlite:unused',
    agenda: path,
    vans: vans.map((id) => ({ id })),
    auth: 'none',
  });
  const assets = {
    path: (n: string) => n,
    bytes: () => Buffer.alloc(0),
    version: '',
    files: new Map([['x', { ...compressed(Buffer.alloc(1)), type: '' }]]),
  };
  const deps = {
    config,
    store,
    office,
    views,
    feed,
    agenda: agendaFile,
    fleet: makeFleet({
      config: config.vans,
      secrets: new Map(),
      db: office,
      clock,
      onEnrolled: () => {},
    }),
    publish: () => {},
    clock,
    log: silentLog,
    assets,
  };
  const { app, stop } = await buildServer(deps);

  const dates = Array.from({ length: days }, (_, n) => addDays(START, n)).filter((d) => weekdayOf(d) < 6);
  const pick = <T>(list: readonly T[], n: number) => list[(n * 7919) % list.length]!;
  const month = last.slice(0, 7);
  const settling = performance.now();
  const past = agendaFile.current()!.visits.filter(({ date }) => date < last).length;
  const settled = office.prepare('select count(*) from ledger').pluck();
  while ((settled.get() as number) < past && performance.now() - settling < 120_000)
    await new Promise((resolve) => setTimeout(resolve, 50));
  print('older days accounted for, in the background', seconds(settling));
  const first = performance.now();
  await app.inject(`/api/accounting/${month}`);
  print('accounting, first request', seconds(first));
  for (const [name, url, limit] of [
    ['now: all vans', () => '/api/vans', 100],
    ['a day again', (n: number) => `/api/vans/${pick(vans, n)}/days/${pick(dates, n)}`, 300],
    ['accounting, a month', () => `/api/accounting/${month}`, 500],
    ['agenda', () => '/api/agenda', 100],
    ['agenda versions', () => '/api/agenda/versions', 100],
    ['access journal', () => '/api/access', 100],
    ['retention report', () => '/api/retention', 100],
    ['alerts', () => '/api/alerts', 100],
    ['metrics', () => '/metrics', 100],
  ] as const)
    await time(name, limit, async (n) => {
      const answer = await app.inject(url(n));
      if (answer.statusCode !== 200) throw new Error(`${url(n)}: ${answer.statusCode} ${answer.body}`);
    });
  await time('tick of 50 vans', 100, async () => clock.advance(1000));
  await stop();
  await app.close();
  views.stop();
  agendaFile.stop();
  office.close();
  await store.stop();
}

const ROUNDS = 60;

async function time(name: string, limitMs: number, act: (n: number) => Promise<void>): Promise<void> {
  const took: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const at = performance.now();
    await act(n);
    took.push(performance.now() - at);
  }
  took.sort((a, b) => a - b);
  const of = (share: number) => took[Math.min(took.length - 1, Math.floor(share * took.length))]!.toFixed(1);
  print(name, `p50 ${of(0.5)} ms, p95 ${of(0.95)} ms, max ${of(1)} ms (limit at p95: ${limitMs} ms)`);
}

const print = (name: string, text: string) => process.stdout.write(`${name.padEnd(40)} ${text}\n`);
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(2)} s`;

/** Two visits a van and working day, from the first day to 45 days after the last. */
function agendaOf(days: number, vans: readonly string[]): Agenda {
  const stops = vans.flatMap((_, v) =>
    Array.from({ length: 10 }, (_, s) => ({
      id: `s${v}-${s}`,
      name: `Commune ${v}-${s}`,
      commune: `37${`${(v * 10 + s) % 272}`.padStart(3, '0')}`,
      lat: 46.9 + v * 0.01,
      lon: 0.4 + s * 0.05,
      radius: 80,
    })),
  );
  const visits = vans.flatMap((van, v) =>
    Array.from({ length: days + 45 }, (_, d) => addDays(START, d))
      .filter((date) => weekdayOf(date) < 6)
      .flatMap((date, d) => [
        { id: `${van}-${date}-a`, van, stop: `s${v}-${d % 5}`, date, from: '09:30', to: '12:00' },
        { id: `${van}-${date}-b`, van, stop: `s${v}-${5 + (d % 5)}`, date, from: '14:00', to: '16:30' },
      ]),
  );
  return { version: 1, timezone: 'Europe/Paris', stops, visits: visits.slice(0, 20_000) };
}

type Db = ReturnType<typeof openSqliteStore>['db'];

/** Straight into the schema: the courier's own path is measured elsewhere (bench -- drain). */
function fill(db: Db, days: number, vans: readonly string[]): number {
  const insert = db.prepare(
    'INSERT INTO rows (n, lane, seq, after, v, kind, at, received, crc, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)',
  );
  let rows = 0;
  // Made fast, then indexed as the store has it; the figures below are of reading.
  const indexes = db
    .prepare(
      "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'rows' AND sql IS NOT NULL",
    )
    .all() as { name: string; sql: string }[];
  db.pragma('synchronous = OFF');
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
  vans.forEach((van, index) => {
    const v = index + 1;
    db.prepare('INSERT INTO vans VALUES (?, ?)').run(v, van);
    db.prepare('INSERT INTO journals (n, v, journal, first_received) VALUES (?, ?, ?, 0)').run(
      v,
      v,
      `journal-${v}`,
    );
    const seq = { urgent: 0, bulk: 0 };
    const put = (kind: string, atMs: number, body: object) => {
      const lane = kind === 'visit' ? 'urgent' : 'bulk';
      const text = JSON.stringify({ kind, at: isoOf(atMs), ...body });
      insert.run(
        v,
        lane === 'urgent' ? 0 : 1,
        ++seq[lane],
        lane === 'urgent' ? seq.bulk : null,
        v,
        kind,
        atMs,
        atMs + 1000,
        text,
      );
      rows += 1;
    };
    for (let d = 0; d < days; d++) {
      const date = addDays(START, d);
      if (weekdayOf(date) < 6) db.transaction(() => fillDay(put, van, date, v))();
    }
  });
  for (const { sql } of indexes) db.exec(sql);
  db.pragma('synchronous = FULL');
  return rows;
}

function fillDay(
  put: (kind: string, atMs: number, body: object) => void,
  van: string,
  date: string,
  v: number,
): void {
  const from = msOf(`${date}T07:00:00.000Z`)!;
  const span = 8.5 * 3_600_000;
  for (let n = 0; n < FIXES; n++)
    put('fix', from + (span * n) / FIXES, {
      latitude: 46.9 + v * 0.01 + n * 1e-4,
      longitude: 0.6,
      accuracyM: 4,
      moving: n % 3 === 0,
    });
  for (let n = 0; n < POWER; n++)
    put('power', from + (span * n) / POWER, { houseV: 12.7, houseA: -4.2, soc: 90 - n / 4, starterV: 12.6 });
  for (let n = 0; n < LINKS; n++)
    put('link', from + (span * n) / LINKS, { state: 'good', technology: '4g', rsrpDbm: -92 });
  for (const [visit, minutes] of [
    ['a', 95],
    ['b', 360],
  ] as const) {
    const id = `${van}-${date}-${visit}`;
    const row = {
      visit: id,
      agenda: 1,
      because: 'Arrived.',
      evidence: { rule: 'presence-1', since: isoOf(from + minutes * 60_000) },
    };
    put('visit', from + (minutes + 1) * 60_000, { ...row, state: 'on_site' });
    put('visit', from + (minutes + 140) * 60_000, {
      ...row,
      state: 'left',
      evidence: { since: isoOf(from + (minutes + 139) * 60_000) },
    });
  }
}
