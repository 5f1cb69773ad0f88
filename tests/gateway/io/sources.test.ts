import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGps } from '../../../gateway/io/gps.ts';
import { startPower } from '../../../gateway/io/power.ts';
import { deps, FEED_START_MS, feed, listen, makePort, started } from '../../parts/devices.ts';
import { freePort } from '../../parts/temp.ts';
import { waitFor } from '../../parts/wait.ts';

const states = (told: ReturnType<typeof listen>['told']) => told.events.map((e) => e.reason ?? e.state);

describe('a receiver on a serial port', () => {
  it.each([4800, 9600, 38_400, 115_200])('is found at %i baud when the rate is not given', async (baud) => {
    const port = await makePort();
    feed('gps', (bytes) => port.send(bytes, baud));
    const { told, gps } = listen();
    const device = started(startGps(`serial:${port.link}`, deps, gps));
    await waitFor('a fix', () => told.fixes[0], 15_000);
    expect(told.fixes[0]).toMatchObject({ latitude: 47.0433, longitude: 0.8178, mode: 3 });
    expect(told.events.at(-1)).toMatchObject({ device: 'gps', state: 'reading', baud });
    expect(device.state()).toBe('reading');
    expect(device.counters()).toMatchObject({ malformed: 0 });
  });

  it('gives one fix an epoch, with the time of the epoch', async () => {
    const port = await makePort();
    const { told, gps } = listen();
    started(startGps(`serial:${port.link}?baud=9600`, deps, gps));
    feed('gps', (bytes) => port.send(bytes, 9600));
    await waitFor('fixes', () => told.fixes.length >= 12);
    const seconds = told.fixes.map((f) => (f.at - FEED_START_MS) / 1000);
    expect(seconds).toEqual(seconds.map((_, i) => seconds[0]! + i));
  });

  it('is missing, then found when it is plugged in, and found again behind another name', async () => {
    const port = await makePort();
    await port.unplug();
    const { told, gps } = listen();
    started(startGps(`serial:${port.link}?baud=9600`, deps, gps));
    await waitFor('missing', () => told.events[0]?.reason === 'missing');
    feed('gps', (bytes) => port.send(bytes, 9600));
    await port.plug();
    await waitFor('a fix', () => told.fixes[0]);
    await port.unplug();
    await waitFor('lost', () => told.events.at(-1)?.state === 'lost');
    const fixes = told.fixes.length;
    await port.plug();
    await waitFor('fixes again', () => told.fixes.length > fixes);
    expect(states(told)).toEqual(['missing', 'reading', 'hang_up', ...states(told).slice(3, -1), 'reading']);
  });

  it('says in words that a shunt is plugged where it should be, within 3 s', async () => {
    const port = await makePort();
    feed('shunt', (bytes) => port.send(bytes, 19_200));
    const { told, gps } = listen();
    started(startGps(`serial:${port.link}?baud=9600`, deps, gps));
    const event = await waitFor(
      'the event',
      () => told.events.find((e) => e.reason === 'wrong_device'),
      3000,
    );
    expect(event.detail).toBe('a shunt is plugged where the GPS should be');
  });

  it('is busy while another daemon has it', async () => {
    const port = await makePort();
    const [first, second] = [listen(), listen()];
    feed('gps', (bytes) => port.send(bytes, 9600));
    started(startGps(`serial:${port.link}?baud=9600`, deps, first.gps));
    await waitFor('the first', () => first.told.fixes[0]);
    started(startGps(`serial:${port.link}?baud=9600`, deps, second.gps));
    await waitFor('the second', () => second.told.events[0]?.reason === 'busy');
  });

  it('is told what to send when the configuration asks', async () => {
    const heard: number[] = [];
    const port = await makePort((bytes) => heard.push(...bytes));
    started(startGps(`serial:${port.link}?baud=9600&setup=ublox&hz=5`, deps, listen().gps));
    await waitFor(
      'the rate',
      () => heard.length >= 8 && Buffer.from(heard).includes(Buffer.from([0xb5, 0x62, 6, 8])),
    );
    expect(Buffer.from(heard).toString('latin1')).toContain('$PUBX,40,GST,0,1,0,1,0,0*');
  });

  it('leaves the port to others when it stops', async () => {
    const port = await makePort();
    feed('gps', (bytes) => port.send(bytes, 9600));
    const [first, second] = [listen(), listen()];
    const device = startGps(`serial:${port.link}?baud=9600`, deps, first.gps);
    await waitFor('the first', () => first.told.fixes[0]);
    await device.stop();
    const fixes = first.told.fixes.length;
    started(startGps(`serial:${port.link}?baud=9600`, deps, second.gps));
    await waitFor('the second', () => second.told.fixes[0]);
    expect(first.told.fixes.length).toBe(fixes);
  });
});

describe('a shunt on a serial port', () => {
  it('gives a reading a block', async () => {
    const port = await makePort();
    feed('shunt', (bytes) => port.send(bytes, 19_200));
    const { told, power } = listen();
    started(startPower(`serial:${port.link}`, deps, power));
    await waitFor('readings', () => told.power.length >= 4);
    const live = told.power.find((r) => r.soc !== undefined);
    expect(live).toMatchObject({ houseV: 12.8, houseA: -5, soc: 61, starterV: 12.7 });
  });

  it('says in words that a receiver is plugged where it should be, within 3 s', async () => {
    const port = await makePort();
    feed('gps', (bytes) => port.send(bytes, 9600));
    const { told, power } = listen();
    started(startPower(`serial:${port.link}`, deps, power));
    const event = await waitFor(
      'the event',
      () => told.events.find((e) => e.reason === 'wrong_device'),
      3000,
    );
    expect(event.detail).toBe('a GPS receiver is plugged where the shunt should be');
  });
});

describe('a receiver behind TCP', () => {
  it('is refused, read, cut off and read again', async () => {
    const port = await freePort();
    const { told, gps } = listen();
    started(startGps(`tcp://127.0.0.1:${port}`, deps, gps));
    await waitFor('refused', () => told.events[0]?.reason === 'refused');
    const clients = new Set<Socket>();
    const server = createServer((socket) => clients.add(socket.on('error', () => {})));
    onTestFinished(() => {
      for (const client of clients) client.destroy();
      server.close();
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    feed('gps', (bytes) => {
      for (const client of clients) client.write(bytes);
    });
    await waitFor('a fix', () => told.fixes[0]);
    for (const client of clients) client.destroy();
    await waitFor('lost', () => told.events.at(-1)?.reason === 'hang_up');
    await waitFor('read again', () => told.events.at(-1)?.state === 'reading');
    expect(states(told)).toEqual(['refused', 'reading', 'hang_up', 'reading']);
  });
});
