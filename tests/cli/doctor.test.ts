import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boardDiagnoses } from '../../cli/doctor/board.ts';
import { brokerDiagnoses } from '../../cli/doctor/broker.ts';
import { deviceDiagnoses } from '../../cli/doctor/devices.ts';
import { diskDiagnoses } from '../../cli/doctor/disk.ts';
import { type Machine, thisMachine } from '../../cli/doctor/machine.ts';
import { serviceDiagnoses } from '../../cli/doctor/service.ts';
import { systemClock } from '../../runtime/clock.ts';
import { startBox } from '../../simulators/box.ts';
import { storyPlan } from '../../simulators/story.ts';
import { makeWorld } from '../../simulators/world.ts';

const hasPtys = existsSync('/dev/ptmx') || process.env.TOURNEE_REQUIRE_ALL === '1';
const BUILT = Date.UTC(2026, 10, 1);
const WELL_UNIT =
  'LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNRestarts=0\nStatusText=on duty';

/** A Pi on which all is well, but for what a test changes. */
function machine(files: Record<string, string> = {}, commands: Record<string, string> = {}): Machine {
  const known: Record<string, string> = {
    'timedatectl show -p NTPSynchronized --value': 'yes',
    'systemctl show -p RuntimeWatchdogUSec --value': '14s',
    'id -nG tournee': 'tournee dialout',
    ...commands,
  };
  return {
    nowMs: () => BUILT + 86_400_000,
    read: (path) => files[path],
    list: (path) => {
      const inside = Object.keys(files).filter((file) => file.startsWith(`${path}/`));
      return [...new Set(inside.map((file) => file.slice(path.length + 1).split('/')[0]!))];
    },
    run: (command, ...args) =>
      args[0] === 'show' && args[1] === 'tournee-gateway.service'
        ? (commands.unit ?? WELL_UNIT)
        : known[[command, ...args].join(' ')],
    disk: () => ({ freeBytes: 20e9, totalBytes: 32e9 }),
    syncMs: () => 12,
  };
}
const levels = (diagnoses: readonly { level: string; subject: string }[]) =>
  diagnoses.map(({ level, subject }) => `${level} ${subject}`);
const THROTTLED = '/sys/devices/platform/soc/soc:firmware/get_throttled';

describe('the board', () => {
  const of = (files: Record<string, string>, commands: Record<string, string> = {}) =>
    levels(boardDiagnoses(machine(files, commands), BUILT));

  it('is well', () => {
    const files = {
      [THROTTLED]: '0',
      '/sys/class/watchdog/watchdog0/state': 'active',
      '/sys/fs/cgroup/cgroup.controllers': 'cpu memory',
    };
    expect(of(files)).toEqual(['ok clock', 'ok supply', 'ok watchdog']);
  });

  it.each([
    [{ [THROTTLED]: '50005' }, {}, 'wrong supply'],
    [{ [THROTTLED]: '50000' }, {}, 'warning supply'],
    [{ [THROTTLED]: '4' }, {}, 'warning supply'],
    [{}, { 'vcgencmd get_throttled': 'throttled=0x1' }, 'wrong supply'],
    [{}, { 'timedatectl show -p NTPSynchronized --value': 'no' }, 'warning clock'],
    [
      { '/sys/class/watchdog/watchdog0/state': 'inactive' },
      { 'systemctl show -p RuntimeWatchdogUSec --value': '0' },
      'warning watchdog',
    ],
    [{ '/sys/fs/cgroup/cgroup.controllers': 'cpu io' }, {}, 'warning memory'],
  ])('%j %j gives %s', (files, commands, expected) => {
    expect(of(files as Record<string, string>, commands as Record<string, string>)).toContain(expected);
  });

  it('knows a clock that is before the program', () => {
    const early = { ...machine(), nowMs: () => 0 };
    expect(levels(boardDiagnoses(early, BUILT))).toEqual(['wrong clock']);
  });
});

describe('the disk', () => {
  const GIB = 2 ** 30;
  it.each([
    [15, 'ok disk'],
    [2, 'warning disk'],
    [0.2, 'wrong disk'],
  ])('%d of 32 GiB free gives %s', (free, expected) => {
    const one = { ...machine(), disk: () => ({ freeBytes: free * GIB, totalBytes: 32 * GIB }) };
    expect(levels(diskDiagnoses(one, '/d'))[0]).toBe(expected);
  });

  it('tells a slow card, a worn one, and one that cannot be written', () => {
    expect(levels(diskDiagnoses({ ...machine(), syncMs: () => 900 }, '/d'))[1]).toBe('warning disk');
    expect(levels(diskDiagnoses({ ...machine(), syncMs: () => undefined }, '/d'))[1]).toBe('wrong disk');
    const age = (value: string) =>
      levels(diskDiagnoses(machine({ '/sys/class/block/mmcblk0/device/life_time': value }), '/d'))[2];
    expect([age('0x01 0x02'), age('0x01 0x09'), age('0x0b 0x01')]).toEqual([
      'ok wear',
      'warning wear',
      'wrong wear',
    ]);
  });

  it('is measured on this machine', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tournee-doctor-'));
    expect(diskDiagnoses(thisMachine, folder)[1]!.says).toMatch(/after \d+ ms at worst/);
    rmSync(folder, { recursive: true });
  });
});

describe('the service', () => {
  it.each([
    [WELL_UNIT, 'ok service'],
    [WELL_UNIT.replace('=active', '=failed'), 'wrong service'],
    [WELL_UNIT.replace('NRestarts=0', 'NRestarts=12'), 'warning service'],
    [WELL_UNIT.replace('loaded', 'not-found'), 'wrong service'],
    ['', 'warning service'],
  ])('%j gives %s', (unit, expected) => {
    expect(levels(serviceDiagnoses(machine({}, { unit })))[0]).toBe(expected);
  });

  it('needs its account and its groups', () => {
    expect(levels(serviceDiagnoses(machine({}, { 'id -nG tournee': 'tournee' })))).toContain('wrong account');
  });

  it('tells a ModemManager that probes our ports', () => {
    const running = { 'systemctl is-active ModemManager': 'active' };
    const rules = { '/usr/lib/udev/rules.d/70-tournee.rules': 'x' };
    expect(levels(serviceDiagnoses(machine({}, running)))).toContain('warning modem');
    expect(levels(serviceDiagnoses(machine(rules, running)))).toContain('ok modem');
  });
});

describe('the way to the depot', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tournee-doctor-'));
    const make = (name: string, subject: string, days: string) =>
      execFileSync(
        'openssl',
        ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', days]
          .concat(['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`), '-subj', `/CN=${subject}`])
          .concat(['-addext', `subjectAltName=DNS:${subject}`]),
        { stdio: 'ignore' },
      );
    make('good', 'localhost', '400');
    make('other', 'elsewhere.example', '400');
    make('soon', 'localhost', '3');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function withBroker(name: string | undefined, ask: (port: number) => Promise<unknown>) {
    const server = name
      ? createTls({ cert: readFileSync(at(`${name}.pem`)), key: readFileSync(at(`${name}.key`)) })
      : createTcp((socket) => socket.on('error', () => {}));
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    try {
      return await ask((server.address() as { port: number }).port);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  }

  it.each([
    ['good', 'good', 'ok', /TLSv1.3; its certificate ends in \d+ days/],
    ['soon', 'soon', 'warning', /ends in [23] days/],
    ['good', undefined, 'wrong', /unknown authority/],
    ['other', 'other', 'wrong', /another name/],
  ])('certificate %s, trusted %s: %s', async (cert, trusted, level, says) => {
    const found = await withBroker(cert, (port) =>
      brokerDiagnoses(`mqtts://localhost:${port}`, trusted ? { caFile: at(`${trusted}.pem`) } : {}),
    );
    expect(found).toMatchObject([{ level, subject: 'broker', says: expect.stringMatching(says) }]);
  });

  it('tells a name that is not known, a closed port, and one that answers', async () => {
    expect(await brokerDiagnoses('mqtt://depot.invalid:1883')).toMatchObject([
      { says: expect.stringMatching(/name is not known/) },
    ]);
    const port = (await withBroker(undefined, async (open) => {
      expect(levels(await brokerDiagnoses(`mqtt://localhost:${open}`))).toEqual(['ok broker']);
      return open;
    })) as number;
    expect(await brokerDiagnoses(`mqtt://localhost:${port}`)).toMatchObject([{ level: 'wrong' }]);
  });
});

describe('the devices', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tournee-doctor-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are listened to as the gateway does', async () => {
    const capture = join(folder, 'capture.nmea');
    writeFileSync(
      capture,
      '$GPRMC,092750.000,A,5321.6802,N,00630.3372,W,0.02,31.66,280511,,,A*43\r\n'.repeat(3) +
        '$GPRMC,092751.000,A,5321.6802,N,00630.3371,W,0.06,31.66,280511,,,A*45\r\n',
    );
    expect(await deviceDiagnoses({ gps: `file:${capture}` })).toMatchObject([
      { level: 'ok', subject: 'gps' },
    ]);
  });

  it.skipIf(!hasPtys)('are heard on real ports: receiver, shunt and modem', async () => {
    const startMs = Math.ceil(Date.now() / 1000) * 1000;
    const plan = storyPlan('demo', 'none', 1, startMs);
    if (typeof plan === 'string') throw new Error(plan);
    const box = await startBox(makeWorld(plan), { dir: folder, clock: systemClock, onEvent: () => {} });
    try {
      const { gps, shunt, modem } = box.paths;
      const found = await deviceDiagnoses({
        gps: `serial:${gps}?baud=9600`,
        power: `serial:${shunt}?baud=19200`,
        modem: `serial:${modem}?baud=115200`,
      });
      expect(levels(found)).toEqual(['ok gps', 'ok power', 'ok modem']);
    } finally {
      await box.stop();
    }
  });

  it('are missed at once', async () => {
    const found = await deviceDiagnoses({ gps: 'serial:/dev/nothing', power: 'serial:/dev/nothing-else' });
    expect(levels(found)).toEqual(['wrong gps', 'wrong power']);
  });
});
