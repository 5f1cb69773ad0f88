import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt';
import { filterOf, parseTopic, topicOf, VAN_LEAVES } from '../../protocol/topics.ts';
import { fullJitterMs } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import type { Taker, VanLink, VanMessage } from './broker.ts';

/**
 * The depot as a client of an outside broker (Mosquitto, EMQX). PUBACK goes out when the message is stored; whatever
 * the broker loses, the receipt makes good (hazards.md §1.2).
 */
export type OutsideDeps = {
  readonly url: string;
  readonly user?: string;
  readonly secret?: string;
  /** PEM. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly log: Log;
  readonly clock: Clock;
  /** Uniform in 0 … 1. */
  readonly random: () => number;
};

const BACKOFF_BASE_MS = 1_000;
const BACKOFF_MAX_MS = 30_000;

export async function connectBroker(deps: OutsideDeps): Promise<VanLink> {
  const { log, clock } = deps;
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const upListeners: (() => void)[] = [];
  let taker: Taker | undefined;
  let client: MqttClient;
  let attempts = 0;
  let stopped = false;
  let cancelRetry: () => void = () => {};

  const open = () => {
    const opened = mqtt.connect(deps.url, {
      protocolVersion: 4,
      clean: true,
      clientId: `${deps.user ?? 'depot'}-${crypto.randomUUID().slice(0, 8)}`,
      reconnectPeriod: 0,
      connectTimeout: 20_000,
      keepalive: 30,
      queueQoSZero: false,
      resubscribe: false,
      ...(deps.user === undefined ? {} : { username: deps.user }),
      ...(deps.secret === undefined ? {} : { password: deps.secret }),
      ...deps.tls,
    });
    client = opened;
    // Acknowledge after storing: the `message` event would come too late to refuse (facts/style.md, MQTT.js).
    opened.handleMessage = (packet: IPublishPacket, done) => {
      const message = messageOf(packet);
      if (!message || !taker) {
        count('refused: topic');
        return done();
      }
      taker(message).then(
        () => done(),
        () => {
          // Not stored: no PUBACK; a new connection brings the vans to ask again.
          count('not stored');
          opened.end(true);
        },
      );
    };
    opened.on('connect', () => {
      attempts = 0;
      log.info({ url: deps.url }, 'outside broker connected');
      opened.subscribe(
        VAN_LEAVES.map((leaf) => filterOf(leaf)),
        { qos: 1 },
        () => {
          for (const listener of upListeners) listener();
        },
      );
    });
    opened.on('error', (error) => {
      count('errors');
      log.debug({ error: String(error) }, 'outside broker error');
      opened.end(true);
    });
    opened.on('close', () => {
      opened.removeAllListeners();
      opened.on('error', () => {});
      if (stopped || client !== opened) return;
      const waitMs = fullJitterMs(attempts++, BACKOFF_BASE_MS, BACKOFF_MAX_MS, deps.random);
      log.warn({ waitMs }, 'outside broker lost');
      cancelRetry = clock.after(waitMs, open);
    });
  };
  open();

  return {
    take(next) {
      taker = next;
    },
    onUp(listener) {
      upListeners.push(listener);
      if (client.connected) listener();
    },
    publish(van, leaf, payload, retained) {
      // Offline it would wait in an unbounded memory; whoever needs it asks again.
      if (!client.connected) return count('dropped while down');
      client.publish(topicOf(van, leaf), JSON.stringify(payload), { qos: 1, retain: retained });
    },
    counters: () => counts,
    async stop() {
      stopped = true;
      cancelRetry();
      await client.endAsync(true);
    },
  };
}

function messageOf({ topic, payload, retain }: IPublishPacket): VanMessage | undefined {
  const parsed = parseTopic(topic);
  const leaf = VAN_LEAVES.find((l) => l === parsed?.leaf);
  if (!parsed || !leaf) return undefined;
  return { van: parsed.van, leaf, payload: Buffer.from(payload), retained: retain === true, will: false };
}
