import type { Socket } from 'node:net';
import mqtt, { type MqttClient } from 'mqtt';
import type { Status } from '../../protocol/messages.ts';
import { parseTopic, topicOf, type VanLeaf } from '../../protocol/topics.ts';
import type { LinkCause } from '../core/courier.ts';

/**
 * One MQTT connection, used once: MQTT.js neither queues, stores, replays nor reconnects for us (hazards.md §1.3,
 * §2.1). When it is over, `onClosed` says why, exactly once.
 */
export type MqttDeps = {
  readonly broker: string;
  readonly van: string;
  readonly secret?: string;
  /** PEM. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly session: string;
  readonly keepaliveS: number;
  readonly onConnected: () => void;
  readonly onClosed: (cause: LinkCause) => void;
  readonly onMessage: (leaf: 'receipt' | 'agenda' | 'cab', payload: Uint8Array) => void;
};

export type MqttConnection = {
  publish(
    leaf: VanLeaf,
    payload: Uint8Array | string,
    options: { readonly qos: 0 | 1; readonly retain: boolean },
    acked?: () => void,
  ): void;
  /** Cuts it: the broker publishes our will. */
  cut(cause: LinkCause): void;
  /** Ends it in good order, within `ms`. */
  end(ms: number): Promise<void>;
};

const CONNECT_MS = 20_000;
const READS = ['receipt', 'agenda', 'cab'] as const;

export function openMqtt(deps: MqttDeps): MqttConnection {
  let over = false;
  let cause: LinkCause = 'closed';
  const will: Status = { state: 'offline', session: deps.session, at: null, reason: 'connection lost' };
  const client: MqttClient = mqtt.connect(deps.broker, {
    protocolVersion: 4,
    clientId: deps.van,
    username: deps.van,
    ...(deps.secret === undefined ? {} : { password: deps.secret }),
    ...deps.tls,
    clean: true,
    keepalive: deps.keepaliveS,
    connectTimeout: CONNECT_MS,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    // Else mqtt-packet keeps a Buffer of each of the 65,536 numbers ready: 6 MB for what a line of code writes.
    writeCache: false,
    will: {
      topic: topicOf(deps.van, 'status'),
      payload: Buffer.from(JSON.stringify(will)),
      qos: 1,
      retain: true,
    },
  });
  const finish = () => {
    if (over) return;
    over = true;
    client.removeAllListeners();
    client.on('error', () => {});
    client.end(true);
    deps.onClosed(cause);
  };
  client.on('connect', () => {
    (client.stream as Partial<Socket>).setNoDelay?.(true);
    // Subscribed before anything is asked: an answer to nobody would be lost.
    client.subscribe(
      READS.map((leaf) => topicOf(deps.van, leaf)),
      { qos: 1 },
      (error) => {
        if (over) return;
        if (error) finish();
        else deps.onConnected();
      },
    );
  });
  client.on('message', (topic, payload) => {
    const leaf = READS.find((l) => l === parseTopic(topic)?.leaf);
    if (leaf && !over) deps.onMessage(leaf, payload);
  });
  client.on('error', (error) => {
    cause = causeOf(error);
    finish();
  });
  client.on('close', finish);
  return {
    publish(leaf, payload, options, acked) {
      if (over || !client.connected) return;
      const topic = topicOf(deps.van, leaf);
      client.publish(
        topic,
        typeof payload === 'string' ? payload : Buffer.from(payload),
        options,
        (error) => {
          if (!error && !over) acked?.();
        },
      );
    },
    cut(why) {
      cause = why;
      finish();
    },
    async end(ms) {
      over = true;
      client.removeAllListeners();
      client.on('error', () => {});
      await Promise.race([client.endAsync(false), new Promise((resolve) => setTimeout(resolve, ms).unref())]);
      client.end(true);
    },
  };
}

const CAUSES: Readonly<Record<string, LinkCause>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  ETIMEDOUT: 'timeout',
};

/** Refusals of CONNACK that another try soon will not change. */
const REFUSED_CODES: readonly unknown[] = [2, 4, 5];

export function causeOf(error: Error): LinkCause {
  const { code } = error as { code?: unknown };
  if (REFUSED_CODES.includes(code)) return 'auth';
  if (typeof code === 'string' && CAUSES[code]) return CAUSES[code];
  if (typeof code === 'string' && /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code))
    return 'tls';
  return /timeout/i.test(error.message) ? 'timeout' : 'closed';
}
