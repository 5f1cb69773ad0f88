import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DepotConfig } from '../../dashboard/config.ts';
import type { FeedEvent, StoredRow } from '../../dashboard/core/feed.ts';
import { startAgendaFile } from '../../dashboard/io/agendaFile.ts';
import { makeFeed } from '../../dashboard/io/feed.ts';
import { makeFleet } from '../../dashboard/io/fleet.ts';
import { openOffice } from '../../dashboard/io/officeDb.ts';
import { buildServer, startServer } from '../../dashboard/io/server.ts';
import { startViews } from '../../dashboard/io/views.ts';
import type { Agenda } from '../../protocol/agenda.ts';
import type { Row } from '../../protocol/rows.ts';
import { isoOf } from '../../protocol/time.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import { silentLog } from '../../runtime/log.ts';

/**
 * The depot's staff side on a store that is an array: what views, routes and pages need without broker and vans.
 * The agenda is a real file, the office a real SQLite file, the server real.
 */
export type Published = {
  readonly van: string;
  readonly leaf: string;
  readonly payload: object;
  readonly retained: boolean;
};

export type SyntheticOptions = {
  readonly vans: readonly string[];
  readonly agenda: Agenda;
  readonly clock?: Clock;
  readonly auth?: 'none' | 'password';
  readonly config?: Partial<Record<string, unknown>>;
};

export async function syntheticDepot(options: SyntheticOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'depot-'));
  const clock = options.clock ?? systemClock;
  const path = join(folder, 'agenda.json');
  writeFileSync(path, JSON.stringify(options.agenda));
  const config = DepotConfig.parse({
    broker: 'mqtt://127.0.0.1:0',
    http: 'http://127.0.0.1:0',
    store: `sqlite:${join(folder, 'depot.db')}`,
    agenda: path,
    vans: options.vans.map((id) => ({ id })),
    auth: options.auth ?? 'none',
    ...options.config,
  });
  const office = openOffice(join(folder, 'office.db'));
  const agenda = startAgendaFile({ path, db: office, clock, log: silentLog });
  const feed = makeFeed(silentLog);
  const rows: StoredRow[] = [];
  const atOf = (row: StoredRow) => (row.row.at === null ? row.receivedAt : Date.parse(row.row.at));
  const store = {
    rowsOfVan: async (van: string, fromMs: number, toMs: number) =>
      rows.filter((r) => r.van === van && atOf(r) >= fromMs && atOf(r) < toMs),
    rows: async (query: { van: string; kinds?: readonly string[]; fromMs?: number; toMs?: number }) =>
      rows.filter(
        (r) =>
          r.van === query.van &&
          (!query.kinds || query.kinds.includes(r.row.kind)) &&
          atOf(r) >= (query.fromMs ?? 0) &&
          atOf(r) < (query.toMs ?? Number.POSITIVE_INFINITY),
      ),
    latest: async (van: string, kind: string) => rows.findLast((r) => r.van === van && r.row.kind === kind),
    erase: async (van: string, kinds: readonly string[], fromMs: number, toMs: number) => {
      const before = rows.length;
      for (let n = rows.length - 1; n >= 0; n--) {
        const row = rows[n]!;
        if (row.van === van && kinds.includes(row.row.kind) && atOf(row) >= fromMs && atOf(row) < toMs)
          rows.splice(n, 1);
      }
      return before - rows.length;
    },
    sweep: async (nowMs: number) => {
      const before = rows.length;
      for (let n = rows.length - 1; n >= 0; n--)
        if (atOf(rows[n]!) < nowMs - config.retention.positions) rows.splice(n, 1);
      return before - rows.length;
    },
  };
  const views = await startViews({ vans: options.vans, feed, store, agenda, words: [], seen: [], clock });
  const published: Published[] = [];
  const cut: string[] = [];
  const fleet = makeFleet({
    config: config.vans,
    secrets: new Map(options.vans.map((van) => [van, `secret of ${van}`])),
    db: office,
    clock,
    cut: (van) => void cut.push(van),
    onEnrolled: (van) => views.enrol(van),
  });
  const deps = {
    config,
    store,
    office,
    views,
    feed,
    agenda,
    fleet,
    publish: (van: string, leaf: string, payload: object, retained: boolean) =>
      void published.push({ van, leaf, payload, retained }),
    clock,
    log: silentLog,
  };
  let seq = 0;
  return {
    ...deps,
    rows,
    published,
    cut,
    folder,
    /** A van's rows, committed and told. */
    tellRows(van: string, ...bodies: Row[]): void {
      const receivedAt = clock.nowMs();
      const stored = bodies.map(
        (row): StoredRow => ({
          van,
          journal: '00000000-0000-4000-8000-000000000001',
          lane: ['visit', 'alert', 'act', 'duty', 'open', 'anchor', 'sms', 'gap'].includes(row.kind)
            ? 'urgent'
            : 'bulk',
          seq: ++seq,
          text: JSON.stringify(row),
          row,
          receivedAt,
        }),
      );
      rows.push(...stored);
      feed.publish({ kind: 'rows', van, rows: stored, receivedAt });
    },
    tell: (event: FeedEvent) => feed.publish(event),
    online(van: string, more: object = {}): void {
      const receivedAt = clock.nowMs();
      const status = { state: 'online', session: 's1', at: isoOf(receivedAt), duty: true, ...more } as const;
      feed.publish({ kind: 'status', van, status, will: false, receivedAt });
    },
    position(van: string, latitude: number, longitude: number, moving: boolean): void {
      const receivedAt = clock.nowMs();
      const position = { at: isoOf(receivedAt), latitude, longitude, accuracyM: 4, moving, fixAgeMs: 200 };
      feed.publish({ kind: 'position', van, position, receivedAt });
    },
    build: () => buildServer(deps),
    start: () => startServer(deps),
    close(): void {
      views.stop();
      agenda.stop();
      office.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type SyntheticDepot = Awaited<ReturnType<typeof syntheticDepot>>;
