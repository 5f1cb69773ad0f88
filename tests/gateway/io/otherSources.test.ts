import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGps } from '../../../gateway/io/gps.ts';
import { readHealth } from '../../../gateway/io/health.ts';
import { startModem } from '../../../gateway/io/modem.ts';
import { startPower } from '../../../gateway/io/power.ts';
import { type Clock, fakeClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';
import { makeRandom } from '../../../simulators/random.ts';
import { makeReceiver, UBLOX } from '../../../simulators/receiver/receiver.ts';
import { encodeBlock } from '../../../simulators/vedirect.ts';
import { deps, FEED_START_MS, feed, listen, makePort, SEEN, started } from '../../parts/devices.ts';
import { freePort, tempDir } from '../../parts/temp.ts';
import { waitFor } from '../../parts/wait.ts';

const NOW_MS = Date.UTC(2030, 0, 1);
const SECONDS = 20;

/** A capture of some seconds, with a gap in the middle. */
function capture(gapS = 0): string {
  const receiver = makeReceiver(UBLOX, makeRandom(1));
  const file = join(tempDir(), 'capture.nmea');
  const lines = Array.from({ length: SECONDS }, (_, i) => {
    const s = i < SECONDS / 2 ? i : i + gapS;
    return receiver.epoch(FEED_START_MS + 1000 * s, SEEN).join('');
  });
  writeFileSync(file, lines.join(''), 'latin1');
  return file;
}

/**
 * Replays a file on a clock that jumps; gives each fix's own time and when it came, in seconds. The file is read in real
 * time and the pace is the clock's: so the clock goes on only while the replay waits for it.
 */
async function replayed(url: string) {
  const jumping = fakeClock(NOW_MS);
  let waiting = 0;
  const clock: Clock = {
    ...jumping,
    after(ms, then) {
      waiting++;
      return jumping.after(ms, () => {
        waiting--;
        then();
      });
    },
  };
  const { told, gps } = listen();
  const came: [at: number, monoS: number][] = [];
  const device = startGps(
    url,
    { clock, log: silentLog },
    { ...gps, onFix: (fix, monoMs) => came.push([fix.at, monoMs / 1000]) },
  );
  while (
    (await waitFor('a wait or the end', () => (device.state() === 'ended' ? 'ended' : waiting > 0))) !==
    'ended'
  )
    await jumping.advance(1000);
  await device.stop();
  return { came, told };
}

describe('file:', () => {
  it('replays at its own pace with dates moved to now, and ends', async () => {
    const { came, told } = await replayed(`file:${capture()}`);
    expect(came).toHaveLength(SECONDS);
    expect(Math.abs(came[0]![0] - NOW_MS)).toBeLessThan(3000);
    const [firstAt, firstS] = came[0]!;
    for (const [i, [at, monoS]] of came.entries())
      expect([(at - firstAt) / 1000, monoS - firstS]).toEqual([i, i]);
    expect(told.events.map((e) => e.state)).toEqual(['reading', 'ended']);
  });

  it('keeps the dates when asked', async () => {
    const { came } = await replayed(`file:${capture()}?dates=kept`);
    expect(came[0]![0]).toBe(FEED_START_MS);
  });

  it('keeps a pause of minutes, and goes on at once behind one of hours', async () => {
    const short = await replayed(`file:${capture(30)}`);
    expect(short.came.at(-1)![1] - short.came[0]![1]).toBe(SECONDS - 1 + 30);
    const long = await replayed(`file:${capture(7200)}`);
    expect(long.came.at(-1)![1] - long.came[0]![1]).toBe(SECONDS - 1);
    expect(long.came.at(-1)![0] - long.came[0]![0]).toBe((SECONDS - 1) * 1000);
  });

  it('is missing when it does not exist, and stops in the middle of a wait', async () => {
    const { told, gps } = listen();
    started(startGps('file:/nonexistent/x.nmea', deps, gps));
    await waitFor('missing', () => told.events[0]?.reason === 'missing');
    const device = startGps(`file:${capture()}`, deps, gps);
    await waitFor('a fix', () => told.fixes[0]);
    await device.stop();
  });

  it('gives the blocks of a shunt', async () => {
    const file = join(tempDir(), 'shunt.dump');
    writeFileSync(
      file,
      encodeBlock([
        ['PID', '0xA389'],
        ['V', '12800'],
        ['SOC', '612'],
      ]),
    );
    const { told, power } = listen();
    started(startPower(`file:${file}`, deps, power));
    expect(await waitFor('a reading', () => told.power[0])).toMatchObject({ houseV: 12.8, soc: 61.2 });
  });
});

describe('gpsd://', () => {
  it('asks a gpsd for its reports and reads them', async () => {
    const port = await freePort();
    const asked: string[] = [];
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.write('{"class":"VERSION","release":"3.22"}\r\n');
      socket.on('data', (bytes) => {
        asked.push(bytes.toString());
        socket.write(
          '{"class":"TPV","device":"/dev/ttyS0","mode":3,"time":"2026-11-24T09:24:00.000Z","lat":47.0433,"lon":0.8178,"eph":4.2}\r\n',
        );
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { told, gps } = listen();
    started(startGps(`gpsd://127.0.0.1:${port}`, deps, gps));
    expect(await waitFor('a fix', () => told.fixes[0])).toMatchObject({ latitude: 47.0433, accuracyM: 4.2 });
    expect(asked.join('')).toBe('?WATCH={"enable":true,"json":true}\n');
  });

  const GPSD = '/usr/sbin/gpsd';
  const needed = process.env.TOURNEE_REQUIRE_ALL === '1';
  it.skipIf(!existsSync(GPSD) && !needed)('reads the real gpsd on the same receiver', async () => {
    const device = await makePort();
    feed('gps', (bytes) => device.send(bytes, 9600), 200);
    const port = await freePort();
    const daemon = spawn(GPSD, ['-N', '-n', '-S', `${port}`, device.link], { stdio: 'ignore' });
    onTestFinished(() => void daemon.kill('SIGKILL'));
    const { told, gps } = listen();
    started(startGps(`gpsd://127.0.0.1:${port}`, deps, gps));
    const fix = await waitFor('a fix', () => told.fixes[0], 25_000);
    expect(Math.abs(fix.latitude - 47.0433)).toBeLessThan(1e-5);
    expect(Math.abs(fix.longitude - 0.8178)).toBeLessThan(1e-5);
  });
});

describe('sysfs:', () => {
  it('reads the files, is lost when they go', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'BAT0'));
    writeFileSync(join(dir, 'BAT0', 'voltage_now'), '12840000\n');
    const clock = fakeClock(NOW_MS);
    const { told, power } = listen();
    const device = startPower(`sysfs:${join(dir, 'BAT0')}`, { clock, log: silentLog }, power);
    onTestFinished(() => device.stop());
    expect(told.power).toEqual([{ houseV: 12.84 }]);
    writeFileSync(join(dir, 'BAT0', 'voltage_now'), 'No data\n');
    await clock.advance(4000);
    expect(told.events.map((e) => e.state)).toEqual(['reading', 'lost']);
    expect(told.power).toHaveLength(1);
  });
});

describe('mmcli:', () => {
  const GENERAL = {
    modem: {
      generic: {
        state: 'connected',
        'access-technologies': ['lte'],
        sim: '/org/SIM/0',
        'unlock-required': 'sim-pin2',
      },
      '3gpp': { 'registration-state': 'home', 'operator-name': 'Orange F' },
    },
  };
  const SIGNAL = {
    modem: { signal: { lte: { rsrp: '-97.00', rsrq: '-11.00', snr: '12.00', rssi: '-68.00' } } },
  };

  /** A stand-in for mmcli on the PATH; `calls` is what it was asked. */
  function fakeMmcli(script: string) {
    const dir = tempDir();
    const calls = join(dir, 'calls');
    writeFileSync(join(dir, 'general.json'), JSON.stringify(GENERAL));
    writeFileSync(join(dir, 'signal.json'), JSON.stringify(SIGNAL));
    writeFileSync(join(dir, 'mmcli'), `#!/bin/sh\ncd ${dir}\necho "$@" >> calls\n${script}\n`);
    chmodSync(join(dir, 'mmcli'), 0o755);
    const path = process.env.PATH;
    process.env.PATH = `${dir}:${path}`;
    onTestFinished(() => {
      process.env.PATH = path;
    });
    return { calls: () => readFileSync(calls, 'utf8').trim().split('\n') };
  }
  const ANSWERS = `case "$*" in
    *--signal-get*) cat signal.json;;
    *create-sms*) echo "Successfully created new SMS: /org/freedesktop/ModemManager1/SMS/21";;
    *-J*) cat general.json;;
  esac`;

  it('sets the signal up first, then reads', async () => {
    const { calls } = fakeMmcli(ANSWERS);
    const { told, modem } = listen();
    started(startModem('mmcli:any', deps, {}, modem));
    expect(await waitFor('a reading', () => told.link[0])).toEqual({
      registration: 'home',
      operator: 'Orange F',
      technology: '4g',
      sim: 'READY',
      attached: true,
      rsrpDbm: -97,
      rsrqDb: -11,
      sinrDb: 12,
      rssiDbm: -68,
    });
    expect(calls()).toEqual(['-m any --signal-setup=10', '-m any -J', '-m any --signal-get -J']);
  });

  it('sends an SMS, and no quote of its text ends the text', async () => {
    const { calls } = fakeMmcli(ANSWERS);
    const { told, modem } = listen();
    const device = started(startModem('mmcli:0', deps, {}, modem));
    await waitFor('a reading', () => told.link[0]);
    expect(await device.sendSms('+33612345678', "l'agence")).toEqual({ outcome: 'sent' });
    expect(calls().slice(-3)).toEqual([
      "-m 0 --messaging-create-sms=text='l\u2019agence',number='+33612345678'",
      '-s 21 --send --timeout=60',
      '-m 0 --messaging-delete-sms=21',
    ]);
  });

  it('is missing without a modem', async () => {
    fakeMmcli('echo "error: couldn\'t find modem" >&2; exit 1');
    const { told, modem } = listen();
    const device = started(startModem('mmcli:0', deps, {}, modem));
    await waitFor('missing', () => told.events[0]?.reason === 'missing');
    expect(await device.sendSms('+33612345678', 'x')).toMatchObject({ outcome: 'failed' });
  });
});

describe('health', () => {
  it('reads this machine, and leaves out what it cannot know', async () => {
    const reading = await readHealth({ folder: tempDir() });
    expect(reading.uptimeS).toBeGreaterThan(0);
    expect(reading.diskFreePercent).toBeGreaterThan(0);
    expect(reading.diskFreePercent).toBeLessThanOrEqual(100);
    expect(reading.rootReadOnly).toBe(false);
    expect(await readHealth({ folder: '/nonexistent' })).not.toHaveProperty('diskFreePercent');
  });
});
