import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Broker, startBroker, type VanMessage } from '../../../dashboard/io/broker.ts';
import { fakeClock, systemClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';
import { SECRET, until } from '../../parts/chain.ts';

let broker: Broker;
let messages: VanMessage[];
let clients: MqttClient[];

beforeEach(async () => {
  messages = [];
  clients = [];
  broker = await startBroker({
    listen: 'mqtt://127.0.0.1:0',
    verify: (_van, secret) => secret === SECRET,
    verifyReader: (user, secret) => (user === 'home' && secret === SECRET ? ['van-7'] : undefined),
    log: silentLog,
    clock: systemClock,
  });
  broker.take(async (message) => void messages.push(message));
});
afterEach(async () => {
  for (const client of clients) client.end(true);
  await broker.stop();
});

const connect = (van: string, options: IClientOptions = {}): MqttClient => {
  const client = mqtt.connect(broker.url, {
    clientId: van,
    username: van,
    password: SECRET,
    clean: true,
    reconnectPeriod: 0,
    ...options,
  });
  client.on('error', () => {});
  clients.push(client);
  return client;
};
const connected = async (van: string, options: IClientOptions = {}): Promise<MqttClient> => {
  const client = connect(van, options);
  await until(`${van} connected`, () => client.connected);
  return client;
};
/** What becomes of a CONNECT: connected, or the reason why it is not. */
const outcome = (client: MqttClient): Promise<string> =>
  new Promise((resolve) => {
    client.once('connect', () => resolve('connected'));
    client.once('error', (error) => resolve(`refused: ${(error as { code?: unknown }).code}`));
    client.once('close', () => resolve('closed'));
  });
const will = (topic: string, payload = '{}', qos: 0 | 1 | 2 = 1) => ({
  topic,
  payload: Buffer.from(payload),
  qos,
  retain: true,
});

describe('broker inside the depot', () => {
  it.each([
    ['a van with its secret', 'van-7', {}, 'connected'],
    ['its will on its own status', 'van-7', { will: will('tournee/v1/van-7/status') }, 'connected'],
    ['a wrong secret', 'van-7', { password: 'guess' }, 'refused: 4'],
    ['no credential', 'van-7', { username: undefined, password: undefined }, 'closed'],
    ['an id that is not the user name', 'van-7', { clientId: 'van-8' }, 'closed'],
    ['a persistent session', 'van-7', { clean: false }, 'closed'],
    ['a will on a foreign topic', 'van-7', { will: will('tournee/v1/van-8/status') }, 'closed'],
    [
      'a will that is too long',
      'van-7',
      { will: will('tournee/v1/van-7/status', 'x'.repeat(300)) },
      'closed',
    ],
    ['a will of QoS 2', 'van-7', { will: will('tournee/v1/van-7/status', '{}', 2) }, 'closed'],
    ['an id of the object prototype', 'constructor', { clientId: '__proto__' }, 'closed'],
    ['no keepalive', 'van-7', { keepalive: 0 }, 'closed'],
  ] as [string, string, IClientOptions, string][])('%s', async (_name, van, options, expected) => {
    const seen = await outcome(connect(van, options));
    // aedes has a code of its own for the keepalive, which MQTT.js does not know.
    expect(_name === 'no keepalive' ? seen !== 'connected' : seen).toBe(
      _name === 'no keepalive' ? true : expected,
    );
  });

  it.each([
    ['another van', 'tournee/v1/van-8/bulk', { qos: 1, retain: false }],
    ["the depot's own topic", 'tournee/v1/van-7/agenda', { qos: 1, retain: true }],
    ['a retained lane', 'tournee/v1/van-7/urgent', { qos: 1, retain: true }],
    ['$SYS', '$SYS/x/new/clients', { qos: 0, retain: false }],
    ['QoS 2', 'tournee/v1/van-7/bulk', { qos: 2, retain: false }],
  ] as [string, string, { qos: 0 | 1 | 2; retain: boolean }][])(
    'cuts and bans a van that publishes to %s',
    async (_name, topic, options) => {
      const client = await connected('van-7');
      client.publish(topic, 'x', options);
      await until('cut', () => !client.connected);
      expect(messages).toEqual([]);
      expect(await outcome(connect('van-7'))).toBe('closed');
      expect(await outcome(connect('van-8'))).toBe('connected');
    },
  );

  it('lets a van read its own topics by name alone', async () => {
    const client = await connected('van-7');
    const granted = await new Promise<number[]>((resolve) =>
      client.subscribe(
        [
          'tournee/v1/van-7/receipt',
          'tournee/v1/van-7/cab',
          'tournee/v1/van-8/receipt',
          '#',
          '$SYS/#',
          'tournee/v1/+/cab',
        ],
        { qos: 1 },
        (_error, _asked, suback) => resolve(suback!.granted as number[]),
      ),
    );
    expect(granted).toEqual([1, 1, 128, 128, 128, 128]);
    const heard: string[] = [];
    client.on('message', (topic) => heard.push(topic));
    broker.publish('van-8', 'cab', { ask: true }, false);
    broker.publish('van-7', 'cab', { ask: true }, false);
    await until('own cab', () => heard.length > 0);
    expect(heard).toEqual(['tournee/v1/van-7/cab']);
  });

  it('lets other software read the states of the vans granted to it, and publish nothing', async () => {
    const home = await connected('home', { clientId: 'home.1' });
    const granted = await new Promise<number[]>((resolve) =>
      home.subscribe(
        [
          'tournee/v1/van-7/state/visit',
          'tournee/v1/van-7/status',
          'tournee/v1/van-7/position',
          'tournee/v1/van-8/status',
        ],
        (_error, _asked, suback) => resolve(suback!.granted as number[]),
      ),
    );
    expect(granted).toEqual([0, 0, 128, 128]);
    home.publish('tournee/v1/van-7/state/visit', '{}');
    await until('cut', () => !home.connected);
  });

  it('acknowledges a lane only when it has been taken', async () => {
    let stored = () => {};
    broker.take(() => new Promise<void>((resolve) => (stored = resolve)));
    const client = await connected('van-7');
    let acked = false;
    client.publish('tournee/v1/van-7/bulk', 'x', { qos: 1 }, () => {
      acked = true;
    });
    await until('taken', () => broker.counters().bulk === 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(acked).toBe(false);
    stored();
    await until('acknowledged', () => acked);
  });

  it('tells a last will from a status, and cuts a revoked van', async () => {
    const client = await connected('van-7', { will: will('tournee/v1/van-7/status', '{"state":"offline"}') });
    client.publish('tournee/v1/van-7/status', '{}', { qos: 1, retain: true });
    await until('status', () => messages.length === 1);
    broker.disconnect('van-7');
    await until('will', () => messages.length === 2);
    expect(messages.map((m) => m.will)).toEqual([false, true]);
    await until('cut', () => !client.connected);
  });

  it('outlives a burst of many clients that close all at once', { timeout: 60_000 }, async () => {
    const vans = await Promise.all(Array.from({ length: 40 }, (_, n) => connected(`burst-${n}`)));
    for (const client of vans)
      for (let n = 0; n < 50; n++)
        client.publish(`tournee/v1/${client.options.clientId}/bulk`, 'x'.repeat(50), { qos: 1 });
    await until('all there', () => messages.length === 2000, 30_000);
    for (const client of vans) client.end(true);
    await until('all gone', () => broker.counters().clients === 0);
  });

  it('names the port that is in use', async () => {
    const again = startBroker({
      listen: broker.url,
      verify: () => true,
      log: silentLog,
      clock: fakeClock(0),
    });
    await expect(again).rejects.toThrow(/port.*EADDRINUSE|EADDRINUSE/s);
  });
});
