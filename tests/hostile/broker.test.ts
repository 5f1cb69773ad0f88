import { randomUUID } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalText, crcAfter } from '../../protocol/canonical.ts';
import { topicOf } from '../../protocol/topics.ts';
import { makeRandom } from '../../simulators/random.ts';
import { type Arena, openArena } from './arena.ts';
import {
  type Attacker,
  attack,
  connectPacket,
  field,
  lengthBytes,
  PINGREQ,
  packet,
  publishPacket,
  subscribePacket,
  TYPE,
  uint16,
} from './wire.ts';

/**
 * C19 (facts/campaigns.md §5): strangers and traitors against the embedded broker, on raw sockets. Each is refused and
 * counted, while an honest van's receipts come within 1 s (p99), the broker lives, and its memory grows < 50 MB.
 */
let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
}, 60_000);
afterAll(() => arena.stop());

const SEED = 19;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
const accepted = (attacker: Attacker) =>
  attacker.received()[0]?.type === TYPE.connack && attacker.received()[0]!.body[1] === 0;
const grew = (counters: Readonly<Record<string, number>>, pattern: RegExp) =>
  Object.entries(counters).reduce((sum, [name, by]) => (pattern.test(name) ? sum + by : sum), 0);

/** A CONNECT of these words is answered by a refusal or by the end of the connection, never by a welcome. */
async function refusesConnect(bytes: Uint8Array): Promise<void> {
  const stranger = await attack(arena.port, bytes);
  expect(await stranger.closed()).toBe(true);
  expect(accepted(stranger)).toBe(false);
}

/** An authenticated van that sends `bytes` is thrown out. */
async function throwsOut(bytes: Uint8Array, van = arena.freshVan()): Promise<void> {
  const traitor = await arena.enter(van);
  traitor.send(bytes);
  expect(await traitor.closed()).toBe(true);
}

/** A subscription that is not the van's own is refused (0x80, 3.9.3) or ends the connection. */
async function refusesSubscription(filter: string): Promise<void> {
  const traitor = await arena.enter(arena.freshVan());
  traitor.send(subscribePacket([filter]));
  const answer = await traitor.packet(TYPE.suback);
  if (answer) expect(answer.body[2]).toBe(0x80);
  else expect(await traitor.closed()).toBe(true);
  traitor.end();
}

/** A status that asks for the cursors of a journal: the depot answers with a receipt. */
const ask = (van: string, n: number): Buffer =>
  publishPacket(
    topicOf(van, 'status'),
    JSON.stringify({ state: 'online', session: 's', at: null, journal: randomUUID(), ask: `a${n}` }),
    { qos: 1, id: n },
  );

describe('strangers', () => {
  it('B1: no credential, an empty one, half of one', async () => {
    const counters = await arena.under(async () => {
      await refusesConnect(connectPacket({ id: 'victim' }));
      await refusesConnect(connectPacket({ id: 'victim', user: '', password: '' }));
      await refusesConnect(connectPacket({ id: 'victim', user: 'victim' }));
      await refusesConnect(connectPacket({ id: 'victim', user: 'victim', password: '' }));
      await refusesConnect(connectPacket({ id: '', user: 'victim', password: 'secret of victim' }));
    });
    expect(grew(counters, /^refused: (user name|credential|client id)/)).toBe(5);
  });

  it("B2: a van's id with another's credential", async () => {
    const counters = await arena.under(async () => {
      const password = 'secret of mallory-0';
      await refusesConnect(connectPacket({ id: 'victim', user: 'mallory-0', password }));
      await refusesConnect(connectPacket({ id: 'victim', user: 'victim', password }));
      await refusesConnect(connectPacket({ id: 'mallory-0', user: 'victim', password: 'secret of victim' }));
    });
    expect(grew(counters, /^refused: (credential|client id)/)).toBe(3);
  });

  it('B7: ids that are words of JavaScript, too long, not text', async () => {
    const ids = ['__proto__', 'constructor', 'toString', 'a/b', 'a+b', 'a#', 'a\0b', 'x'.repeat(64)];
    const counters = await arena.under(async () => {
      for (const id of ids) await refusesConnect(connectPacket({ id, user: id, password: 'x' }));
      await refusesConnect(
        connectPacket({ id: Buffer.from([0xff, 0xfe, 0xc0]), user: 'victim', password: 'x' }),
      );
      await refusesConnect(connectPacket({ id: 'x'.repeat(65_535), user: 'victim', password: 'x' }));
    });
    expect(grew(counters, /^refused|errors/)).toBeGreaterThanOrEqual(ids.length);
  });

  it('B9: a frame of 256 MB a byte at a time, and a length of five bytes', async () => {
    const counters = await arena.under(async () => {
      const huge = await attack(arena.port, Buffer.concat([Buffer.from([0x10]), lengthBytes(268_435_455)]));
      for (let n = 0; n < 3 && !(await huge.closed(100)); n++) huge.send(Buffer.from([0]));
      expect(await huge.closed(1000)).toBe(true);
      await refusesConnect(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01, 0, 4]));
      await throwsOut(Buffer.concat([Buffer.from([0x30]), lengthBytes(268_435_455), Buffer.alloc(1000)]));
    });
    expect(grew(counters, /^refused: (frame too long|malformed length)/)).toBe(3);
  });

  it('B10: 200 such sockets', async () => {
    await arena.under(async () => {
      const bytes = Buffer.concat([Buffer.from([0x10]), lengthBytes(1000), Buffer.alloc(10)]);
      const sockets = await Promise.all(times(200, () => attack(arena.port, bytes)));
      await pause(500);
      // An honest one still comes in beside them.
      (await arena.enter(arena.freshVan())).end();
      expect(await Promise.all(sockets.map((socket) => socket.closed(10_000)))).not.toContain(false);
    });
  });

  it('B11: no CONNECT, half of one, two, and 43 packets before the welcome', async () => {
    const counters = await arena.under(async () => {
      const silent = await attack(arena.port);
      const half = await attack(arena.port, connectPacket({ id: 'victim' }).subarray(0, 5));
      await refusesConnect(PINGREQ);
      const van = arena.freshVan();
      const words = { id: van, user: van, password: `secret of ${van}` };
      await throwsOut(connectPacket(words), van);
      const early = arena.freshVan();
      const flood = times(43, () => publishPacket(topicOf(early, 'position'), 'x'.repeat(100)));
      await refusesConnect(
        Buffer.concat([connectPacket({ id: early, user: early, password: `secret of ${early}` }), ...flood]),
      );
      expect(await silent.closed()).toBe(true);
      expect(await half.closed()).toBe(true);
    });
    expect(grew(counters, /^refused|errors/)).toBeGreaterThanOrEqual(2);
  });

  it('B12: a keep-alive of 0 and of 65535', async () => {
    await arena.under(async () => {
      for (const keepaliveS of [0, 65_535]) {
        const van = arena.freshVan();
        await refusesConnect(connectPacket({ id: van, user: van, password: `secret of ${van}`, keepaliveS }));
      }
    });
  });

  it('B19: a session that should persist', async () => {
    const counters = await arena.under(async () => {
      const van = arena.freshVan();
      await refusesConnect(connectPacket({ id: van, user: van, password: `secret of ${van}`, clean: false }));
    });
    expect(counters['refused: clean: false']).toBe(1);
  });

  it('B24: 2,000 connections as fast as they go', async () => {
    await arena.under(async () => {
      const bytes = connectPacket({ id: 'victim', user: 'victim', password: 'guess' });
      for (let n = 0; n < 40; n++)
        await Promise.all(times(50, async () => (await attack(arena.port, bytes)).end()));
    });
  });

  it('B26: 10 MB of random bytes', async () => {
    const random = makeRandom(SEED);
    const counters = await arena.under(async () => {
      for (let n = 0; n < 160; n++) {
        const bytes = Buffer.from(times(65_536, () => Math.floor(random.next() * 256)));
        if (n % 2) bytes[0] = 0x10;
        const stranger = await attack(arena.port, bytes);
        expect(await stranger.closed()).toBe(true);
      }
    });
    expect(grew(counters, /^refused|errors/)).toBeGreaterThanOrEqual(160);
  }, 120_000);
});

describe('vans that turn', () => {
  it("B5: publish on another's topic, on #, on $SYS, on the depot's", async () => {
    const counters = await arena.under(async () => {
      const topics = [topicOf('victim', 'urgent'), topicOf('victim', 'status'), '#', 'tournee/v1/+/urgent'];
      for (const topic of [...topics, '$SYS/x/new/clients', topicOf('victim', 'state/visit')])
        await throwsOut(publishPacket(topic, '{}', { qos: 1 }));
    });
    expect(grew(counters, /^refused: topic|errors/)).toBeGreaterThanOrEqual(6);
  });

  it("B6: subscribe to what is not one's own", async () => {
    const foreign = ['#', '+/+', '$SYS/#', 'tournee/v1/+/receipt', 'tournee/#', topicOf('victim', 'receipt')];
    const counters = await arena.under(async () => {
      for (const filter of [...foreign, topicOf('victim', 'urgent')]) await refusesSubscription(filter);
    });
    expect(grew(counters, /^refused: subscription/)).toBe(foreign.length + 1);
  });

  it('B7: topics that are words of JavaScript, not text, or hold a NUL', async () => {
    await arena.under(async () => {
      for (const topic of [
        '__proto__',
        'constructor',
        'tournee/v1/__proto__/urgent',
        'tournee/v1/a\0/urgent',
      ])
        await throwsOut(publishPacket(topic, '{}', { qos: 1 }));
      await throwsOut(publishPacket(Buffer.from([0xff, 0xfe]), '{}', { qos: 1 }));
    });
  });

  it('B8: topics of 101 and of 10,000 levels', async () => {
    await arena.under(async () => {
      for (const levels of [101, 10_000]) {
        await throwsOut(publishPacket(times(levels, () => 'a').join('/'), '{}'));
        await refusesSubscription(times(levels, () => 'a').join('/'));
      }
    });
  });

  it('B13: QoS 2, and 65,535 messages that are never acknowledged', async () => {
    const counters = await arena.under(async () => {
      const van = arena.freshVan();
      await throwsOut(publishPacket(topicOf(van, 'urgent'), '{}', { qos: 2 }), van);
      // Every question gets a receipt of QoS 1 that this one never acknowledges.
      const mute = arena.freshVan();
      const silent = await arena.enter(mute);
      silent.send(subscribePacket([topicOf(mute, 'receipt')]));
      for (let n = 1; n <= 1000; n++) silent.send(ask(mute, n));
      await pause(500);
      silent.end();
    });
    expect(counters['refused: topic']).toBeGreaterThanOrEqual(1);
  });

  it("B14: a will on another's topic, a large one, a storm of them", async () => {
    const counters = await arena.under(async () => {
      const wills = [
        { topic: topicOf('victim', 'status'), payload: '{}', retain: true },
        { topic: topicOf('mallory-50', 'urgent'), payload: '{}' },
        { topic: topicOf('mallory-50', 'status'), payload: 'x'.repeat(300), retain: true },
        { topic: topicOf('mallory-50', 'status'), payload: 'x'.repeat(65_000), retain: true },
      ];
      for (const will of wills) {
        const words = { id: 'mallory-50', user: 'mallory-50', password: 'secret of mallory-50' };
        await refusesConnect(connectPacket({ ...words, will }));
      }
      const van = arena.freshVan();
      const will = { topic: topicOf(van, 'status'), payload: '{"state":"offline"}', qos: 1, retain: true };
      for (let n = 0; n < 200; n++) {
        const storm = await arena.enter(van, { will });
        storm.socket.resetAndDestroy();
      }
    });
    expect(grew(counters, /^refused: (will|frame too long|bytes before)/)).toBe(4);
  });

  it('B15: a retained flood, and an empty retained agenda that would erase', async () => {
    await arena.target.ask({ what: 'publish', van: 'honest', agenda: { version: 1 } });
    const counters = await arena.under(async () => {
      const van = arena.freshVan();
      const flood = times(1000, (n) => publishPacket(`tournee/v1/${van}/x${n}`, 'x', { retain: true }));
      await throwsOut(Buffer.concat(flood), van);
      await throwsOut(publishPacket(topicOf('honest', 'agenda'), '', { qos: 1, retain: true }));
      const own = arena.freshVan();
      await throwsOut(publishPacket(topicOf(own, 'agenda'), '', { qos: 1, retain: true }), own);
      const kept = arena.freshVan();
      await throwsOut(publishPacket(topicOf(kept, 'urgent'), '{}', { qos: 1, retain: true }), kept);
    });
    expect(grew(counters, /^refused: (topic|too many)/)).toBeGreaterThanOrEqual(4);
  });

  it('B16: an agenda from a foreign publisher', async () => {
    const counters = await arena.under(async () => {
      const poisoned = JSON.stringify({ version: 999, timezone: 'Europe/Paris', stops: [], visits: [] });
      await throwsOut(publishPacket(topicOf('honest', 'agenda'), poisoned, { qos: 1, retain: true }));
      const own = arena.freshVan();
      await throwsOut(publishPacket(topicOf(own, 'agenda'), poisoned, { qos: 1, retain: true }), own);
    });
    expect(counters['refused: topic']).toBe(2);
  });

  it('B17: two clients that put each other out, 200 times', async () => {
    await arena.under(async () => {
      const van = arena.freshVan();
      let before = await arena.enter(van);
      for (let n = 0; n < 200; n++) {
        const next = await arena.enter(van);
        expect(await before.closed()).toBe(true);
        before = next;
      }
      before.end();
    });
  });

  it('B18: a subscriber that never reads', async () => {
    await arena.under(async () => {
      const van = arena.freshVan();
      const deaf = await arena.enter(van);
      deaf.send(subscribePacket([topicOf(van, 'receipt')]));
      await deaf.packet(TYPE.suback);
      deaf.socket.pause();
      for (let n = 1; n <= 400; n++) deaf.send(ask(van, n));
      await pause(2000);
      deaf.end();
    });
  });

  it('B20: SUBSCRIBE with 10,000 filters, and 1,000 times the same', async () => {
    await arena.under(async () => {
      await throwsOut(subscribePacket(times(10_000, (n) => `tournee/v1/van-${n}/receipt`)));
      const van = arena.freshVan();
      const eager = await arena.enter(van);
      eager.send(subscribePacket(times(1000, () => topicOf(van, 'receipt'))));
      await pause(500);
      eager.end();
    });
  });

  it('B21: payloads that are bombs', async () => {
    const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const header = Buffer.concat([Buffer.from([0x54, 1]), Buffer.alloc(16, 0xab), Buffer.alloc(8)]);
    const bomb = Buffer.concat([header, Buffer.from([1, 1]), deflateRawSync(Buffer.alloc(50_000_000))]);
    const batch = (row: string) =>
      `{"journal":"${randomUUID()}","prevCrc":0,"crc":0,"rows":[{"seq":1,"after":0,"row":${row}}]}`;
    const payloads: readonly ['urgent' | 'bulk' | 'status' | 'position', string | Uint8Array][] = [
      ['urgent', deep(30_000)],
      ['urgent', batch(`{"kind":"x","deep":${deep(20_000)}}`)],
      ['urgent', batch('{"kind":1e309,"kind":"y","__proto__":{"polluted":true}}')],
      ['urgent', batch(`{"kind":"${'x'.repeat(60_000)}"}`)],
      ['status', '{"state":"online","session":"s","at":null,"__proto__":{"polluted":true},"constructor":1}'],
      ['status', deep(30_000)],
      ['position', '{"at":1e309,"latitude":"x"}'],
      ['bulk', bomb.subarray(0, 65_000)],
      ['bulk', Buffer.concat([header, Buffer.alloc(60_000, 0xff)])],
    ];
    await arena.under(async () => {
      for (const [leaf, payload] of payloads) {
        const van = arena.freshVan();
        const bomber = await arena.enter(van);
        bomber.send(publishPacket(topicOf(van, leaf), payload, { qos: leaf === 'position' ? 0 : 1 }));
        // Taken, kept aside and acknowledged, or thrown out: never a wait.
        if (leaf !== 'position')
          expect((await bomber.packet(TYPE.puback)) !== undefined || (await bomber.closed(100))).toBe(true);
        bomber.end();
      }
    });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('B22: times, places and numbers that cannot be', async () => {
    const row = (seq: string, body: string) =>
      `{"journal":"${randomUUID()}","prevCrc":0,"crc":0,"rows":[{"seq":${seq},"after":0,"row":${body}}]}`;
    await arena.under(async () => {
      for (const payload of [
        row('1', '{"kind":"anchor","at":"1970-01-01T00:00:00.000Z","boot":"b","monoMs":0,"source":"gnss"}'),
        row('1', '{"kind":"anchor","at":"2100-01-01T00:00:00.000Z","boot":"b","monoMs":-1,"source":"gnss"}'),
        row('9007199254740993', '{"kind":"x"}'),
        row('-1', '{"kind":"x"}'),
        row('1e308', '{"kind":"x"}'),
        row('NaN', '{"kind":"x"}'),
        row('1', '{"kind":"fix","latitude":NaN,"longitude":1e400}'),
      ]) {
        const van = arena.freshVan();
        const liar = await arena.enter(van);
        liar.send(publishPacket(topicOf(van, 'urgent'), payload, { qos: 1 }));
        expect((await liar.packet(TYPE.puback)) !== undefined || (await liar.closed(100))).toBe(true);
        liar.end();
      }
    });
  });

  it('B23: an old recording, played a hundred times', async () => {
    const counters = await arena.under(async () => {
      const van = arena.freshVan();
      const row = { kind: 'anchor', at: '2025-11-24T08:00:00.000Z', boot: 'b', monoMs: 1, source: 'gnss' };
      const crc = crcAfter(0, canonicalText(row));
      const recorded = JSON.stringify({
        journal: randomUUID(),
        prevCrc: 0,
        crc,
        rows: [{ seq: 1, after: 0, row }],
      });
      const player = await arena.enter(van);
      for (let n = 1; n <= 100; n++)
        player.send(publishPacket(topicOf(van, 'urgent'), recorded, { qos: 1, id: n }));
      await pause(1000);
      player.end();
    });
    expect(grew(counters, /^duplicate/)).toBe(99);
  });

  it('B25: reserved flags, QoS 3, packet id 0', async () => {
    await arena.under(async () => {
      const van = arena.freshVan();
      await throwsOut(publishPacket(topicOf(van, 'urgent'), '{}', { qos: 3 }), van);
      const second = arena.freshVan();
      await throwsOut(publishPacket(topicOf(second, 'urgent'), '{}', { qos: 1, id: 0 }), second);
      await throwsOut(packet(TYPE.subscribe, 0, uint16(1), field('x'), Buffer.from([1])));
      await throwsOut(packet(15, 0));
      await throwsOut(packet(0, 0));
      const third = arena.freshVan();
      await refusesConnect(
        connectPacket({ id: third, user: third, password: `secret of ${third}`, flags: 0xc3 }),
      );
    });
  });

  it('B27: a good beginning and a mutated end', async () => {
    const random = makeRandom(SEED + 1);
    await arena.under(async () => {
      for (let round = 0; round < 30; round++) {
        const van = arena.freshVan();
        const fuzzer = await arena.enter(van);
        for (let n = 0; n < 100; n++) {
          const bytes = publishPacket(topicOf(van, 'urgent'), `{"journal":"${n}"}`, { qos: 1, id: n + 1 });
          const at = 2 + Math.floor(random.next() * (bytes.length - 2));
          bytes[at] = Math.floor(random.next() * 256);
          fuzzer.send(bytes);
        }
        await fuzzer.closed(300);
        fuzzer.end();
      }
    });
  }, 120_000);

  it('B28: a thousand messages a second from a van with a credential', async () => {
    const counters = await arena.under(async () => {
      const van = arena.freshVan();
      const chatter = await arena.enter(van);
      for (let n = 0; n < 50; n++) {
        chatter.send(Buffer.concat(times(20, () => publishPacket(topicOf(van, 'position'), '{"at":"x"}'))));
        await pause(20);
      }
      chatter.end();
    });
    expect(grew(counters, /slowed|too many frames/)).toBeGreaterThan(0);
  });

  it('B29: a flood of PINGREQ', async () => {
    await arena.under(async () => {
      const pinger = await arena.enter(arena.freshVan());
      for (let n = 0; n < 100; n++) pinger.send(Buffer.concat(times(500, () => PINGREQ)));
      await pause(500);
      pinger.end();
    });
  });

  it('B30: a reset in the middle of an acknowledgement', async () => {
    await arena.under(async () => {
      const van = arena.freshVan();
      for (let n = 0; n < 100; n++) {
        const rude = await arena.enter(van);
        rude.send(publishPacket(topicOf(van, 'urgent'), '{"journal":"x"}', { qos: 1 }));
        rude.socket.resetAndDestroy();
      }
    });
  });
});
