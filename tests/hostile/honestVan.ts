import { randomUUID } from 'node:crypto';
import mqtt from 'mqtt';
import { canonicalText, crcAfter } from '../../protocol/canonical.ts';
import type { Receipt, UrgentBatch } from '../../protocol/messages.ts';
import { isoOf } from '../../protocol/time.ts';
import { topicOf } from '../../protocol/topics.ts';
import { answerParent } from './child.ts';

/**
 * A van that does what it should, in a process of its own: one urgent row every 50 ms, timed until the depot's receipt.
 * Arguments: port, van.
 */
export type HonestQuestion = { readonly what: 'begin' } | { readonly what: 'stats' };
export type HonestStats = {
  readonly receipts: number;
  readonly p99Ms: number;
  /** Age of the oldest row that still has no receipt. */
  readonly waitingMs: number;
  readonly connects: number;
  readonly deletedAgenda: boolean;
};

const EVERY_MS = 50;
const [port, van] = process.argv.slice(2) as [string, string];
const journal = randomUUID();
const sentAt = new Map<number, number>();
let latencies: number[] = [];
let seq = 0;
let crc = 0;
let connects = 0;
let deletedAgenda = false;

const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
  clientId: van,
  username: van,
  password: `secret of ${van}`,
  keepalive: 30,
  reconnectPeriod: 200,
  queueQoSZero: false,
});
client.on('connect', () => {
  connects++;
  client.subscribe([topicOf(van, 'receipt'), topicOf(van, 'agenda')], { qos: 1 });
});
client.on('error', () => {});
client.on('message', (topic, payload) => {
  if (topic === topicOf(van, 'agenda')) {
    deletedAgenda = payload.length === 0;
    return;
  }
  const receipt = JSON.parse(payload.toString()) as Receipt;
  if (receipt.journal !== journal) return;
  for (const [row, at] of sentAt)
    if (row <= receipt.lanes.urgent.upTo) {
      latencies.push(performance.now() - at);
      sentAt.delete(row);
    }
});

const timer = setInterval(() => {
  // A row waits on board while the link is away; what was sent and lost is sent again by the courier, not here.
  if (!client.connected || sentAt.size > 200) return;
  const row = { kind: 'anchor', at: isoOf(Date.now()), boot: 'b', monoMs: seq, source: 'gnss' };
  const prevCrc = crc;
  crc = crcAfter(crc, canonicalText(row));
  seq++;
  const batch: UrgentBatch = { journal, prevCrc, rows: [{ seq, after: 0, row }], crc };
  sentAt.set(seq, performance.now());
  client.publish(topicOf(van, 'urgent'), JSON.stringify(batch), { qos: 1 });
}, EVERY_MS);

function answer({ what }: HonestQuestion): HonestStats | undefined {
  if (what === 'begin') {
    latencies = [];
    return undefined;
  }
  const sorted = [...latencies].sort((a, b) => a - b);
  const oldest = Math.min(...sentAt.values());
  return {
    receipts: sorted.length,
    p99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.POSITIVE_INFINITY,
    waitingMs: sentAt.size > 0 ? performance.now() - oldest : 0,
    connects,
    deletedAgenda,
  };
}

await new Promise<void>((resolve) => {
  client.once('connect', () => resolve());
});
answerParent({}, answer, () => {
  clearInterval(timer);
  client.end(true);
});
