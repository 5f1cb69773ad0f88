import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '../../dashboard/io/store/sqlite.ts';
import { type Journal, openJournal } from '../../gateway/io/journal.ts';
import { LANES, type Lane } from '../../protocol/rows.ts';
import { systemClock } from '../../runtime/clock.ts';
import { silentLog } from '../../runtime/log.ts';
import { makeRandom, type Random } from '../../simulators/random.ts';
import { MEMORY_FOLDER } from './sqliteCard.ts';
import { buildWriter, killedAt, type Step, traced } from './trace.ts';

/**
 * Power cuts of the real journal and store: their recorded writes are replayed up to some instant, those since the last
 * sync of each file kept, dropped or torn by sectors, and the real code opens what is left.
 */
export type Images = {
  readonly images: number;
  readonly kills: number;
  readonly salvaged: number;
  readonly wrong: string[];
};

const KINDS = ['van', 'van', 'depot', 'salvage'] as const;
type Kind = (typeof KINDS)[number];
const SECTOR = 512;
const MAIN = 'file.db';

/** What the writer was told until some instant. */
type Promised = {
  /** CRC of each row told durable, by `journal lane seq`; `last` by `journal lane`. */
  readonly rows: Map<string, number>;
  readonly last: Map<string, number>;
  readonly received: Map<string, number>;
  cursors?: Record<Lane, { upTo: number; crc: number }>;
};
const noPromise = (): Promised => ({ rows: new Map(), last: new Map(), received: new Map() });

function promise(to: Promised, told: Record<string, unknown>): void {
  for (const [journal, lane, seq, crc] of (told.rows ?? []) as [string, Lane, number, number][]) {
    to.rows.set(`${journal} ${lane} ${seq}`, crc);
    to.last.set(`${journal} ${lane}`, Math.max(seq, to.last.get(`${journal} ${lane}`) ?? 0));
  }
  if (told.received) {
    const [journal, urgent, bulk] = told.received as [string, number, number];
    to.received.set(`${journal} urgent`, urgent);
    to.received.set(`${journal} bulk`, bulk);
  }
  if (told.cursors) to.cursors = structuredClone(told.cursors) as NonNullable<Promised['cursors']>;
}

// ── the disk ─────────────────────────────────────────────────────────────────────────────────────────────────
type Pending = Extract<Step, { kind: 'write' | 'truncate' }>;
type File = { bytes: Buffer; size: number; pending: Pending[] };

function apply(file: File, step: Pending, from = 0, to?: number): void {
  if (step.kind === 'truncate') {
    if (step.size < file.size) file.bytes.fill(0, step.size, file.size);
    file.size = step.size;
    return;
  }
  const bytes = step.bytes.subarray(from, to);
  const end = step.offset + from + bytes.length;
  if (end > file.bytes.length) file.bytes = Buffer.concat([file.bytes], Math.max(end, 2 * file.bytes.length));
  bytes.copy(file.bytes, step.offset + from);
  file.size = Math.max(file.size, end);
}

const copyOf = (file: File): File => ({
  bytes: Buffer.from(file.bytes.subarray(0, file.size)),
  size: file.size,
  pending: file.pending,
});

function makeDisk() {
  const files = new Map<string, File>();
  const fileOf = (name: string) => {
    let file = files.get(name);
    if (!file) files.set(name, (file = { bytes: Buffer.alloc(0), size: 0, pending: [] }));
    return file;
  };
  return {
    take(step: Step): void {
      if (step.kind === 'told') return;
      if (step.kind === 'sync') {
        const file = fileOf(step.file);
        for (const pending of file.pending) apply(file, pending);
        file.pending = [];
      } else if (step.kind === 'unlink') files.delete(step.file);
      else if (step.kind === 'rename') {
        files.set(step.to, fileOf(step.file));
        files.delete(step.file);
      } else fileOf(step.file).pending.push(step);
    },
    /** Writes what a cut leaves to a folder. */
    cut(folder: string, random: Random): void {
      const mode = Math.floor(4 * random.next());
      for (const [name, held] of files) {
        if (name.endsWith('.ballast') || name.endsWith('-shm')) continue;
        const file = copyOf(held);
        for (const [i, pending] of held.pending.entries()) {
          const isLast = i === held.pending.length - 1;
          // All kept · all dropped · each at random · in order, the last one torn.
          if (mode === 1 || (mode === 2 && random.next() < 0.5)) continue;
          if (pending.kind === 'write' && (mode === 2 || (mode === 3 && isLast)) && random.next() < 0.7) {
            for (let from = 0; from < pending.bytes.length; from += SECTOR)
              if (random.next() < 0.5) apply(file, pending, from, from + SECTOR);
          } else apply(file, pending);
        }
        writeFileSync(join(folder, name), file.bytes.subarray(0, file.size));
      }
    },
  };
}

// ── what is left ─────────────────────────────────────────────────────────────────────────────────────────────
const openVan = (path: string): Journal =>
  openJournal(path, {
    van: 'van-7',
    software: 'images',
    boot: 'boot',
    retentionMs: 60_000,
    maxBytes: 400_000,
    clock: systemClock,
    log: silentLog,
  });

/** What is wrong with the journal in a folder, given what was promised of it. */
function lookAtVan(
  path: string,
  promised: Promised,
  mayBeDamaged: boolean,
): { wrong?: string; salvaged: boolean } {
  const journal = openVan(path);
  try {
    const { salvaged } = journal.opening;
    if (salvaged && !mayBeDamaged) return { wrong: 'unreadable: it was salvaged', salvaged };
    const held = new Map<string, number>();
    const gaps: { place: string; from: number; to: number }[] = [];
    for (const { journal: id, lanes } of journal.extents())
      for (const lane of LANES)
        for (let from = 1; from <= lanes[lane].last; ) {
          const { rows } = journal.outbox(id, lane, from, 1000);
          for (const row of rows) {
            held.set(`${id} ${lane} ${row.seq}`, row.crc);
            if (row.row.kind === 'gap')
              gaps.push({ place: `${id} ${lane}`, from: row.row.from, to: row.row.to });
          }
          if (rows.length === 0) break;
          from = rows.at(-1)!.seq + 1;
        }
    for (const [key, crc] of promised.rows) {
      const [id, lane, seq] = key.split(' ') as [string, Lane, string];
      const place = `${id} ${lane}`;
      if (held.get(key) === crc || Number(seq) <= (promised.received.get(place) ?? 0)) continue;
      if (
        lane === 'bulk' &&
        gaps.some((g) => g.place === place && g.from <= Number(seq) && Number(seq) <= g.to)
      )
        continue;
      return { wrong: `lost: ${key}`, salvaged };
    }
    const row = journal.commit([
      { lane: 'urgent', row: { kind: 'duty', at: '2026-11-24T20:00:00.000Z', on: true, why: 'switch' } },
    ])[0];
    return row?.seq === 2 ? { salvaged } : { wrong: `does not serve: ${row?.seq}`, salvaged };
  } finally {
    journal.close();
  }
}

async function lookAtDepot(path: string, { cursors }: Promised): Promise<string | undefined> {
  const store = openSqliteStore(path, { log: silentLog, clock: systemClock });
  try {
    if (!cursors) return undefined;
    const held = await store.cursors('van-7', '0f2c8a4e-6b1d-4f3a-9c57-1e2d3c4b5a69');
    for (const lane of LANES) {
      if (held[lane].upTo < cursors[lane].upTo) return `lost: ${lane} ${cursors[lane].upTo}, receipted`;
      if (held[lane].upTo === cursors[lane].upTo && held[lane].crc !== cursors[lane].crc)
        return `crc of ${lane}`;
    }
    const seen = { urgent: 0, bulk: 0 };
    for await (const { lane, seq } of store.exportLines())
      if (seq !== ++seen[lane]) return `${lane} ${seq} out of order`;
    for (const lane of LANES)
      if (seen[lane] !== held[lane].upTo) return `${lane}: cursor ${held[lane].upTo}, ${seen[lane]} rows`;
    return undefined;
  } finally {
    store.stop();
  }
}

async function look(
  kind: Kind,
  path: string,
  promised: Promised,
  damaged: boolean,
): Promise<{ wrong?: string; salvaged: boolean }> {
  try {
    if (kind !== 'depot') return lookAtVan(path, promised, damaged);
    const wrong = await lookAtDepot(path, promised);
    return wrong === undefined ? { salvaged: false } : { wrong, salvaged: false };
  } catch (error) {
    return { wrong: `unreadable: ${String(error)}`, salvaged: false };
  }
}

// ── campaigns ────────────────────────────────────────────────────────────────────────────────────────────────
/** `most` images of a writer's run: at random instants, cut in random ways. */
export async function cutImages(seed: number, most: number, kinds: readonly Kind[] = KINDS): Promise<Images> {
  const random = makeRandom(seed).fork('images');
  const writer = buildWriter();
  const folder = mkdtempSync(join(MEMORY_FOLDER, 'tournee-card-'));
  const wrong: string[] = [];
  let images = 0;
  let salvagedCount = 0;
  try {
    for (const [k, kind] of kinds.entries()) {
      const steps = traced(writer.script, writer.folder, kind, 10 * seed + k);
      const each = Math.ceil(most / kinds.length);
      // What can be read of a damaged file, the salvage to the end says; no cut of it may leave less.
      const damagedAt = steps.findIndex((s) => s.kind === 'told' && s.told.damaged === true);
      const kept = steps.find((s) => s.kind === 'told' && s.told.kept !== undefined);
      const from = Math.max(0, damagedAt);
      const instants = Array.from({ length: each }, () =>
        Math.floor(from + (steps.length - from) * random.next()),
      ).sort((a, b) => a - b);
      const disk = makeDisk();
      const promised = noPromise();
      let damaged = false;
      let at = 0;
      for (const instant of instants) {
        for (; at < instant; at++) {
          const step = steps[at]!;
          disk.take(step);
          if (step.kind !== 'told') continue;
          promise(promised, step.told);
          if (step.told.damaged !== true || kept?.kind !== 'told') continue;
          damaged = true;
          const saved = new Set(
            (kept.told.kept as [string, Lane, number][]).map(([id, lane, seq]) => `${id} ${lane} ${seq}`),
          );
          for (const key of promised.rows.keys()) if (!saved.has(key)) promised.rows.delete(key);
        }
        const place = join(folder, `${images++}`);
        mkdirSync(place);
        disk.cut(place, random);
        const { wrong: what, salvaged } = await look(kind, join(place, MAIN), promised, damaged);
        if (salvaged) salvagedCount++;
        if (what !== undefined)
          wrong.push(`${kind} ${10 * seed + k}, step ${instant} of ${steps.length}: ${what}`);
        rmSync(place, { recursive: true });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    writer.remove();
  }
  return { images, kills: 0, salvaged: salvagedCount, wrong };
}

/** `kill -9` at the n-th call of its kind: what is left of the real files serves, and holds all that was told. */
export async function killAtCalls(seed: number, kills: number): Promise<Images> {
  const random = makeRandom(seed).fork('kills');
  const writer = buildWriter();
  const wrong: string[] = [];
  let killed = 0;
  try {
    for (let n = 0; n < kills; n++) {
      const kind = n % 3 === 2 ? 'depot' : 'van';
      const call = ['pwrite64', 'fdatasync', 'pwrite64', 'ftruncate'][n % 4]!;
      const nth =
        1 + Math.floor((call === 'pwrite64' ? 900 : call === 'fdatasync' ? 120 : 3) * random.next() ** 2);
      const place = mkdtempSync(join(MEMORY_FOLDER, 'tournee-card-'));
      const run = killedAt(writer.script, join(place, MAIN), kind, seed + n, call, nth);
      if (run.killed) killed++;
      const promised = noPromise();
      for (const told of run.told) promise(promised, told);
      const { wrong: what } = await look(kind, join(place, MAIN), promised, false);
      if (what !== undefined) wrong.push(`${kind} ${seed + n} killed at ${call} ${nth}: ${what}`);
      rmSync(place, { recursive: true });
    }
  } finally {
    writer.remove();
  }
  return { images: 0, kills: killed, salvaged: 0, wrong };
}
