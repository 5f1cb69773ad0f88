import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const vector = (name: string) => readFileSync(`${root}tests/vectors/${name}`);

function start(...args: string[]) {
  const child = spawn(process.execPath, [`${root}cli/bin.mjs`, 'decode', ...args]);
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (out.stdout += chunk));
  child.stderr.on('data', (chunk) => (out.stderr += chunk));
  child.stdin.on('error', () => {});
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, out, code };
}
async function decode(kind: string, input: Uint8Array) {
  const { child, out, code } = start(kind);
  child.stdin.end(input);
  return { code: await code, ...out };
}

describe('tournee decode', () => {
  it.each([
    ['nmea', 'nmea/drive.nmea', 'nmea/drive.fixes.jsonl'],
    ['nmea', 'nmea/tenHertz.nmea', 'nmea/tenHertz.fixes.jsonl'],
    ['vedirect', 'vedirect/smartshunt.bin', 'vedirect/smartshunt.jsonl'],
    ['at', 'at/quectel.txt', 'at/quectel.jsonl'],
  ])('%s: %s', async (kind, input, expected) => {
    const { code, stdout, stderr } = await decode(kind, vector(input));
    expect(stdout).toBe(vector(expected).toString());
    expect(JSON.parse(stderr)).toMatchObject({ bytes: vector(input).length });
    expect(code).toBe(0);
  });

  it('mmcli', async () => {
    const { stdout } = await decode('mmcli', Buffer.from('{"modem":{"3gpp":{"registration-state":"home"}}}'));
    expect(stdout).toBe('{"registration":"home"}\n');
  });

  it('answers while the bytes come', async () => {
    const { child, out, code } = start('nmea');
    const drive = vector('nmea/drive.nmea');
    child.stdin.write(drive.subarray(0, 20_000));
    await new Promise<void>((resolve) => child.stdout.on('data', () => resolve()));
    expect(out.stdout).toMatch(/^\{"time":"2026-11-24T23:59:30\.000Z",/);
    child.stdin.end(drive.subarray(20_000));
    expect(await code).toBe(0);
    expect(out.stdout).toBe(vector('nmea/drive.fixes.jsonl').toString());
  });

  it('any bytes end well, with nothing but JSON lines on standard output', async () => {
    const noise = Buffer.from(Array.from({ length: 30_000 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff));
    for (const kind of ['nmea', 'vedirect', 'at']) {
      const { code, stdout } = await decode(kind, noise);
      expect([kind, code, stdout]).toEqual([kind, 0, '']);
    }
  });

  it.each([[['constructor']], [['nmea', 'file.nmea']]])('usage: %j', async (args) => {
    const { child, out, code } = start(...args);
    child.stdin.end();
    expect(await code).toBe(2);
    expect(out).toEqual({ stdout: '', stderr: 'usage: tournee decode nmea|vedirect|at|mmcli < bytes\n' });
  });
});
