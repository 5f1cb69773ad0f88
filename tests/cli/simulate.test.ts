import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UsageError } from '../../cli/exit.ts';
import { run } from '../../cli/simulate.ts';
import { startGps } from '../../gateway/io/gps.ts';
import { startModem } from '../../gateway/io/modem.ts';
import { startPower } from '../../gateway/io/power.ts';
import { Agenda } from '../../protocol/agenda.ts';
import { deps, listen, started } from '../parts/devices.ts';
import { tempDir } from '../parts/temp.ts';
import { waitFor } from '../parts/wait.ts';

function simulate(...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, ['cli/bin.mjs', 'simulate', ...args]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const out = { stdout: '', stderr: '' };
  child.stdout!.on('data', (bytes) => {
    out.stdout += bytes;
  });
  child.stderr!.on('data', (bytes) => {
    out.stderr += bytes;
  });
  return { child, out, exit: once(child, 'exit').then(([code]) => code as number) };
}

describe('tournee simulate', () => {
  it('puts a van in a box that the gateway reads, and ends cleanly at a signal', async () => {
    const dir = tempDir();
    const agendaFile = join(dir, 'agenda.json');
    const { child, out, exit } = simulate(
      '--dir',
      join(dir, 'devices'),
      '--story',
      'plain',
      '--agenda',
      agendaFile,
    );
    const line = await waitFor(
      'ready',
      () => out.stdout.split('\n').find((l) => l.includes('"ready"')),
      30_000,
    );
    const { devices } = JSON.parse(line) as { devices: Record<'gps' | 'shunt' | 'modem', string> };
    expect(Agenda.parse(JSON.parse(readFileSync(agendaFile, 'utf8'))).stops.length).toBeGreaterThan(1);
    const { told, ...callbacks } = listen();
    started(startGps(`serial:${devices.gps}?baud=9600`, deps, callbacks.gps));
    started(startPower(`serial:${devices.shunt}`, deps, callbacks.power));
    started(startModem(`serial:${devices.modem}`, deps, {}, callbacks.modem));
    await waitFor('a fix', () => told.fixes[0], 15_000);
    await waitFor('a reading of the shunt', () => told.power.find((r) => r.soc !== undefined));
    await waitFor('a reading of the modem', () => told.link.find((r) => r.registration === 'home'));
    expect(Math.abs(told.fixes[0]!.at - Date.now())).toBeLessThan(5000);
    child.kill('SIGINT');
    expect(await exit).toBe(0);
    expect(out.stderr).toBe('');
  });

  it.each([
    [['--story', 'opera'], '--story: expected demo|plain|reference'],
    [['--faults', 'earthquake'], 'got earthquake'],
    [['--proxy-listen', '1883'], 'go together'],
    [['--seed', 'x'], '--seed: expected a number'],
    [['--colour'], 'usage: tournee simulate'],
  ])('refuses %j before it starts anything', async (args, words) => {
    const refusal = await run(args).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UsageError);
    expect((refusal as Error).message).toContain(words);
  });
});
