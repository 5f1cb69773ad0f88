import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'systemd');
const UNITS = ['tournee-gateway.service', 'tournee-depot.service'];
const REQUIRE_ALL = process.env.TOURNEE_REQUIRE_ALL === '1';
const hasSystemd = existsSync('/usr/bin/systemd-analyze') || REQUIRE_ALL;
/** Exposure as `systemd-analyze security` counts it, in tenths; 19 and 18 when written. */
const MAX_EXPOSURE = 20;

const textOf = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

/** Runs systemd-analyze on a copy whose program exists on this machine. */
function analyze(unit: string, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'tournee-unit-'));
  const copy = join(folder, unit);
  writeFileSync(copy, textOf(unit).replace('/usr/bin/tournee', process.execPath));
  const ran = spawnSync('systemd-analyze', [...args, copy], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return ran;
}

describe.each(UNITS)('%s', (unit) => {
  it.skipIf(!hasSystemd)('passes systemd-analyze verify without a word', () => {
    const { status, stderr } = analyze(unit, 'verify', '--man=no');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.skipIf(!hasSystemd)('is exposed no more than counted', () => {
    const { status, stdout } = analyze(unit, 'security', '--offline=true', `--threshold=${MAX_EXPOSURE}`);
    expect(stdout).toContain('Overall exposure level');
    expect(status).toBe(0);
  });

  it('is told the truth by the daemon, and starts again whatever happens but a wrong configuration', () => {
    const text = textOf(unit);
    for (const line of [
      'Type=notify',
      'WatchdogSec=20',
      'Restart=always',
      'RestartPreventExitStatus=2',
      'ProtectSystem=strict',
      'StateDirectory=tournee',
      'LoadCredential=credentials:/etc/tournee/credentials',
    ])
      expect(text.split('\n')).toContain(line);
  });
});

describe('70-tournee.rules', () => {
  const KEYS =
    /^(ACTION|SUBSYSTEMS?|LABEL|GOTO|SYMLINK|ENV\{[A-Z_]+\}|IMPORT\{builtin\})(==|!=|=|\+=)"[^"]*"$/;
  const rules = textOf('70-tournee.rules')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  it('has only rules that udev reads', () => {
    const terms = rules.flatMap((line) => line.split(/, */));
    expect(terms.filter((term) => !KEYS.test(term))).toEqual([]);
    const labels = terms.flatMap((term) => /^LABEL="(.+)"$/.exec(term)?.[1] ?? []);
    const jumps = terms.flatMap((term) => /^GOTO="(.+)"$/.exec(term)?.[1] ?? []);
    expect(jumps.filter((jump) => !labels.includes(jump))).toEqual([]);
  });

  it('keeps ModemManager off each port that it names', () => {
    const named = rules.filter((line) => line.includes('SYMLINK+='));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((line) => !line.includes('ENV{ID_MM_PORT_IGNORE}="1"'))).toEqual([]);
  });
});
