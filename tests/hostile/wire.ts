import { connect, type Socket } from 'node:net';

/**
 * MQTT 3.1.1 by hand: what an attacker sends, valid or not (OASIS MQTT 3.1.1, clauses at the functions). No library
 * here: one would refuse to send most of it.
 */

export const TYPE = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  subscribe: 8,
  suback: 9,
  pingreq: 12,
  disconnect: 14,
} as const;

/** Remaining Length, 2.2.3: seven bits a byte, the eighth says that more come. */
export function lengthBytes(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? digit | 0x80 : digit);
  } while (rest > 0);
  return Buffer.from(bytes);
}

/** A field with its two-byte length, 1.5.3. */
export function field(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

export const uint16 = (value: number): Buffer => Buffer.from([(value >> 8) & 0xff, value & 0xff]);

export function packet(type: number, flags: number, ...body: Uint8Array[]): Buffer {
  const content = Buffer.concat(body);
  return Buffer.concat([Buffer.from([(type << 4) | flags]), lengthBytes(content.length), content]);
}

export type ConnectWords = {
  readonly id: string | Uint8Array;
  readonly user?: string;
  readonly password?: string | Uint8Array;
  readonly keepaliveS?: number;
  readonly clean?: boolean;
  readonly will?: { topic: string; payload: string | Uint8Array; qos?: number; retain?: boolean };
  /** The whole flags byte in place of the one that the words give. */
  readonly flags?: number;
};

/** CONNECT, 3.1. */
export function connectPacket(words: ConnectWords): Buffer {
  const { id, user, password, keepaliveS = 60, clean = true, will } = words;
  const flags =
    words.flags ??
    (user === undefined ? 0 : 0x80) |
      (password === undefined ? 0 : 0x40) |
      (will ? 0x04 | ((will.qos ?? 0) << 3) | (will.retain ? 0x20 : 0) : 0) |
      (clean ? 0x02 : 0);
  return packet(
    TYPE.connect,
    0,
    field('MQTT'),
    Buffer.from([4, flags]),
    uint16(keepaliveS),
    field(id),
    ...(will ? [field(will.topic), field(will.payload)] : []),
    ...(user === undefined ? [] : [field(user)]),
    ...(password === undefined ? [] : [field(password)]),
  );
}

/** PUBLISH, 3.3. */
export function publishPacket(
  topic: string | Uint8Array,
  payload: string | Uint8Array,
  options: { qos?: number; id?: number; retain?: boolean } = {},
): Buffer {
  const { qos = 0, id = 1, retain = false } = options;
  return packet(
    TYPE.publish,
    (qos << 1) | (retain ? 1 : 0),
    field(topic),
    ...(qos > 0 ? [uint16(id)] : []),
    Buffer.from(payload as string),
  );
}

/** SUBSCRIBE, 3.8. */
export const subscribePacket = (filters: readonly string[], id = 1, qos = 1): Buffer =>
  packet(TYPE.subscribe, 2, uint16(id), ...filters.flatMap((filter) => [field(filter), Buffer.from([qos])]));

export const PINGREQ = packet(TYPE.pingreq, 0);

export type Received = { readonly type: number; readonly flags: number; readonly body: Buffer };

/** One TCP connection of an attacker: sends bytes as they are, keeps what came back, never throws on a reset. */
export interface Attacker {
  readonly socket: Socket;
  /** Complete packets so far. */
  received(): readonly Received[];
  send(bytes: Uint8Array): void;
  /** True when the other side ended the connection within `withinMs`. */
  closed(withinMs?: number): Promise<boolean>;
  /** The first packet of a type, or undefined when the connection ends or `withinMs` pass before it comes. */
  packet(type: number, withinMs?: number): Promise<Received | undefined>;
  end(): void;
}

function parsePackets(bytes: Buffer): { packets: Received[]; rest: Buffer } {
  const packets: Received[] = [];
  let at = 0;
  for (;;) {
    let length = 0;
    let shift = 1;
    let n = at + 1;
    for (; n < bytes.length && n <= at + 4; n++) {
      length += (bytes[n]! & 0x7f) * shift;
      shift *= 128;
      if ((bytes[n]! & 0x80) === 0) break;
    }
    if (n >= bytes.length || n + 1 + length > bytes.length) return { packets, rest: bytes.subarray(at) };
    packets.push({
      type: bytes[at]! >> 4,
      flags: bytes[at]! & 15,
      body: bytes.subarray(n + 1, n + 1 + length),
    });
    at = n + 1 + length;
  }
}

export async function attack(port: number, first?: Uint8Array): Promise<Attacker> {
  const socket = connect(port, '127.0.0.1');
  const packets: Received[] = [];
  const waiting = new Set<() => void>();
  let rest: Buffer = Buffer.alloc(0);
  let isClosed = false;
  const look = () => {
    for (const waiter of waiting) waiter();
  };
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
    look();
  });
  socket.on('data', (chunk) => {
    const parsed = parsePackets(Buffer.concat([rest, chunk]));
    packets.push(...parsed.packets);
    rest = parsed.rest;
    look();
  });
  await new Promise<void>((resolve) => {
    socket.once('connect', () => resolve());
    socket.once('close', () => resolve());
  });
  if (first) socket.write(first);

  /** Resolves when `done` holds, or after `withinMs`. */
  const until = (done: () => boolean, withinMs: number) =>
    new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        waiting.delete(check);
        resolve();
      };
      const check = () => {
        if (done()) finish();
      };
      const timer = setTimeout(finish, withinMs);
      waiting.add(check);
      check();
    });

  return {
    socket,
    received: () => packets,
    send: (bytes) => void (isClosed || socket.write(bytes)),
    async closed(withinMs = 20_000) {
      await until(() => isClosed, withinMs);
      return isClosed;
    },
    async packet(type, withinMs = 3000) {
      const find = () => packets.find((one) => one.type === type);
      await until(() => isClosed || find() !== undefined, withinMs);
      return find();
    },
    end: () => socket.destroy(),
  };
}
