import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRandom, type Random } from '../../simulators/random.ts';

/**
 * Power cuts of a real writer: its system calls are recorded by strace, and images of the disk are made as a cut at any
 * moment may leave it. Writes since the last sync of a file are kept, dropped or torn at 512 bytes; what was synced
 * stays (an honest disk); removing and cutting files is immediate.
 */
export const hasStrace = spawnSync('strace', ['-V']).status === 0;

type Call =
  | { readonly kind: 'write'; readonly file: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: string; readonly size: number }
  | { readonly kind: 'sync' | 'unlink'; readonly file: string }
  /** What the writer said it was told. */
  | { readonly kind: 'told'; readonly line: string };

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll('\\x', ''), 'hex');

/** Runs `script path` under strace; the calls that touched `path` and its companions, in order. */
export function recordCalls(script: string, path: string): Call[] {
  const trace = `${path}.trace`;
  const { status, stderr } = spawnSync(
    'strace',
    [
      '-qq',
      '-xx',
      '-s',
      '80000',
      '-e',
      'trace=openat,close,pwrite64,write,fdatasync,fsync,ftruncate,unlink',
      '-o',
      trace,
      process.execPath,
      '--import',
      'tsx',
      script,
      path,
    ],
    { encoding: 'utf8', maxBuffer: 1e9 },
  );
  if (status !== 0) throw new Error(`recorded writer failed: ${stderr}`);
  const files = new Map<string, string>();
  const calls: Call[] = [];
  for (const line of readFileSync(trace, 'utf8').split('\n')) {
    const [, name, args, result] = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(line) ?? [];
    if (!name || !args || Number(result) < 0) continue;
    const fd = args.split(',')[0]!;
    const text = /"((?:\\x[0-9a-f]{2})*)"/.exec(args)?.[1];
    if (name === 'openat' && text !== undefined) {
      const file = bytesOf(text).toString();
      if (file === path || file === `${path}-wal`) files.set(result!, file);
      else files.delete(result!);
    } else if (name === 'close') files.delete(fd);
    else if (name === 'write' && fd === '1' && text !== undefined)
      for (const told of bytesOf(text).toString().trim().split('\n'))
        calls.push({ kind: 'told', line: told });
    else if (name === 'unlink' && text !== undefined)
      calls.push({ kind: 'unlink', file: bytesOf(text).toString() });
    const file = files.get(fd);
    if (!file) continue;
    if (name === 'pwrite64')
      calls.push({ kind: 'write', file, at: Number(args.split(', ').at(-1)), bytes: bytesOf(text!) });
    else if (name === 'ftruncate') calls.push({ kind: 'truncate', file, size: Number(args.split(', ')[1]) });
    else if (name === 'fdatasync' || name === 'fsync') calls.push({ kind: 'sync', file });
  }
  return calls;
}

type Disk = Map<string, Buffer>;

function write(disk: Disk, file: string, at: number, bytes: Buffer): void {
  const before = disk.get(file) ?? Buffer.alloc(0);
  const after = Buffer.alloc(Math.max(before.length, at + bytes.length));
  before.copy(after);
  bytes.copy(after, at);
  disk.set(file, after);
}

/** The part of a write that reaches the disk without a sync. */
function surviving(bytes: Buffer, random: Random): Buffer {
  const fate = random.next();
  if (fate < 1 / 3) return bytes;
  if (fate < 2 / 3) return Buffer.alloc(0);
  return bytes.subarray(0, 512 * Math.floor((random.next() * bytes.length) / 512));
}

/** `count` images at random moments: the files as they may be, and what the writer had been told by then. */
export function* cutImages(calls: readonly Call[], count: number, seed: number) {
  const random = makeRandom(seed);
  const cuts = Array.from({ length: count }, () => Math.floor(random.next() * calls.length)).sort(
    (a, b) => a - b,
  );
  const durable: Disk = new Map();
  let pending: Extract<Call, { kind: 'write' }>[] = [];
  const told: string[] = [];
  let next = 0;
  for (const [i, call] of calls.entries()) {
    if (call.kind === 'told') told.push(call.line);
    else if (call.kind === 'write') pending.push(call);
    else {
      // The order of metadata is the journal's of the file system: what was before it is there.
      for (const p of pending) if (p.file === call.file) write(durable, p.file, p.at, p.bytes);
      pending = pending.filter((p) => p.file !== call.file);
      if (call.kind === 'unlink') durable.delete(call.file);
      if (call.kind === 'truncate')
        durable.set(call.file, (durable.get(call.file) ?? Buffer.alloc(0)).subarray(0, call.size));
    }
    for (; cuts[next] === i; next++) {
      const image: Disk = new Map(durable);
      for (const p of pending) {
        const kept = surviving(p.bytes, random);
        if (kept.length > 0) write(image, p.file, p.at, kept);
      }
      yield { cut: i, image, told: [...told] };
    }
  }
}

/** The folder of one image, on memory where there is some. */
export function withImage<T>(image: Disk, recorded: string, use: (path: string) => T): T {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'cut-'));
  const path = join(folder, 'journal.db');
  try {
    for (const [file, bytes] of image) writeFileSync(file.replace(recorded, path), bytes);
    return use(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
