import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import { topicOf } from '../../protocol/topics.ts';
import type { Clock } from '../../runtime/clock.ts';
import { ConfigError } from '../../runtime/configFile.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import { connectCrime, type Grant, publishable, readable } from '../core/access.ts';
import { frameScanner, guardSocket } from './frameGuard.ts';
import type { Publish } from './ports.ts';

/** The broker inside the depot: aedes behind a frame guard, an exact allowlist and an in-process ingest. */

export { connectBroker } from './outsideBroker.ts';

/** A message of a van, already authorised: topic's van = credential's van. */
export type VanMessage = {
  readonly van: string;
  readonly leaf: 'status' | 'position' | 'urgent' | 'bulk';
  readonly payload: Uint8Array;
  /** Retained by the broker before we came: says what was, not that the van lives. */
  readonly retained: boolean;
  /** A last will: the broker says it, not the van. */
  readonly will: boolean;
};

/** Takes a message; the sender is acknowledged when the promise is fulfilled. */
export type Taker = (message: VanMessage) => Promise<void>;

/** Where the vans' messages come from: the broker inside, or one outside. */
export interface VanLink extends Part {
  /** The one taker of messages. */
  take(taker: Taker): void;
  /** Called at each connection of the depot to the broker; the one inside calls it once. */
  onUp(listener: () => void): void;
  publish: Publish;
  counters(): Readonly<Record<string, number>>;
}

export type BrokerDeps = {
  /** `mqtt://host:port` or `mqtts://host:port`; port 0 takes a free one. */
  readonly listen: string;
  /** PEM. With `ca`, a van may show a certificate whose common name is its id instead of its secret. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** Whether this van has this secret. */
  readonly verify: (van: string, secret: string) => boolean | Promise<boolean>;
  /** A certificate does not help a van that was revoked. */
  readonly isRevoked?: (van: string) => boolean;
  /** The vans that other software may read, by user and secret. */
  readonly verifyReader?: (user: string, secret: string) => readonly string[] | undefined;
  readonly log: Log;
  readonly clock: Clock;
};

export type Broker = VanLink & {
  readonly url: string;
  /** Vans with a live connection. */
  connected(): readonly string[];
  /** Cuts a van's live socket: revocation. */
  disconnect(van: string): void;
};

const LIMITS = {
  connections: 10_000,
  /** Sockets that have not shown a credential yet. */
  strangers: 200,
  /** Messages of one van: beyond its burst it is read more slowly, nothing is dropped. */
  perSecond: 100,
  burst: 200,
  banMs: 60_000,
  connectMs: 5_000,
  drainMs: 10_000,
  /** A van off duty asks for 240 s. */
  keepaliveS: 300,
} as const;

type Known = { grant: Grant; tokens: number; refilledMs: number };

/** Throws ConfigError naming the port when it is in use. */
export async function startBroker(deps: BrokerDeps): Promise<Broker> {
  const { log, clock } = deps;
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const known = new WeakMap<Client, Known>();
  const bannedUntil = new Map<string, number>();
  const users = new WeakMap<Client, string>();
  const strangers = new Set<Socket>();
  let taker: Taker | undefined;

  /** A crime of topic or format: the socket is closed and the van stays out for a minute. */
  const crime = (client: Client | null, what: string): Error => {
    count(`refused: ${what}`);
    const grant = client && known.get(client)?.grant;
    if (grant?.kind === 'van') {
      bannedUntil.set(grant.van, clock.monotonicMs() + LIMITS.banMs);
      log.warn({ van: grant.van, what }, 'van refused by the broker');
    }
    return new Error(what);
  };

  /** Spends one message; calls back when the van may go on. */
  const paced = (who: Known, then: () => void) => {
    const now = clock.monotonicMs();
    who.tokens = Math.min(LIMITS.burst, who.tokens + ((now - who.refilledMs) * LIMITS.perSecond) / 1000) - 1;
    who.refilledMs = now;
    if (who.tokens >= 0) then();
    else {
      count('slowed');
      clock.after((-who.tokens * 1000) / LIMITS.perSecond, then);
    }
  };

  async function grantOf(
    client: Client,
    user: string,
    secret: string | undefined,
  ): Promise<Grant | undefined> {
    const socket = (client.conn as unknown as { socket?: TLSSocket }).socket;
    if (deps.tls?.ca && socket?.authorized && socket.getPeerCertificate().subject?.CN === user)
      return deps.isRevoked?.(user) ? undefined : { kind: 'van', van: user };
    if (secret === undefined) return undefined;
    const vans = deps.verifyReader?.(user, secret);
    if (vans) return { kind: 'reader', vans };
    return client.id === user && (await deps.verify(user, secret)) ? { kind: 'van', van: user } : undefined;
  }

  const aedes = await Aedes.createBroker({
    connectTimeout: LIMITS.connectMs,
    drainTimeout: LIMITS.drainMs,
    keepaliveLimit: LIMITS.keepaliveS,
    queueLimit: 8,
    preConnect(client, packet, done) {
      const what = connectCrime(packet as never);
      const banned = (bannedUntil.get(packet.clientId) ?? 0) > clock.monotonicMs();
      if (what || banned) {
        count(banned ? 'refused: banned' : `refused: ${what}`);
        return done(new Error(what ?? 'banned'), false);
      }
      users.set(client, packet.username!);
      done(null, true);
    },
    authenticate(client, user, password, done) {
      void grantOf(client, user ?? '', password?.toString())
        .catch(() => undefined)
        .then((grant) => {
          if (!grant) {
            count('refused: credential');
            return done(
              Object.assign(new Error('bad user name or password'), { returnCode: 4 }) as AuthenticateError,
              null,
            );
          }
          known.set(client, { grant, tokens: LIMITS.burst, refilledMs: clock.monotonicMs() });
          (client.conn as unknown as { admitted?: () => void }).admitted?.();
          count('connected');
          done(null, true);
        });
    },
    authorizePublish(client, packet, done) {
      const who = client && known.get(client);
      const leaf = who && publishable(who.grant, packet);
      if (!who || !leaf) return done(crime(client, 'topic'));
      // [MQTT-2.3.1-1]: a publish that wants an answer names itself with a number above 0.
      if (packet.qos > 0 && (packet as { messageId?: number }).messageId === 0)
        return done(crime(client, 'packet id'));
      const van = (who.grant as { van: string }).van;
      const message: VanMessage = {
        van,
        leaf,
        payload: Buffer.from(packet.payload),
        retained: false,
        will: (client as unknown as { will: unknown }).will === packet,
      };
      count(leaf);
      paced(who, () => {
        (taker?.(message) ?? Promise.reject(new Error('not ready'))).then(
          () => done(),
          (error: Error) => done(error),
        );
      });
    },
    authorizeSubscribe(client, subscription, done) {
      const grant = known.get(client)?.grant;
      if (!grant || !readable(grant, subscription.topic)) {
        count('refused: subscription');
        return done(null, null);
      }
      done(null, subscription.qos > 1 ? { ...subscription, qos: 1 } : subscription);
    },
    authorizeForward(client, packet) {
      const grant = known.get(client)?.grant;
      return grant && readable(grant, packet.topic) ? packet : null;
    },
  });
  // Without an in-process subscriber that yields, a burst ends in a stack overflow of qlobber (hazards.md §2.2).
  aedes.subscribe(
    '#',
    (_packet, done) => setImmediate(done),
    () => {},
  );
  aedes.on('clientError', () => count('client errors'));
  aedes.on('connectionError', () => count('connection errors'));
  aedes.on('keepaliveTimeout', () => count('keepalive timeouts'));
  aedes.on(
    'error' as never,
    ((error: Error) => log.error({ error: String(error) }, 'broker error')) as never,
  );

  const accept = (socket: Socket) => {
    if (strangers.size >= LIMITS.strangers) {
      // The one that has waited longest goes: who means well shows its credential at once.
      count('refused: strangers');
      const [oldest] = strangers;
      strangers.delete(oldest!);
      oldest!.destroy();
    }
    strangers.add(socket);
    socket.setNoDelay(true);
    const scanner = frameScanner();
    const guarded = guardSocket(
      socket,
      scanner,
      () => clock.monotonicMs(),
      (what) => count(`refused: ${what}`),
    );
    socket.on('close', () => strangers.delete(socket));
    aedes.handle(
      Object.assign(guarded, {
        socket,
        admitted() {
          scanner.authenticated();
          strangers.delete(socket);
        },
      }),
    );
  };
  const { server, url } = await listen(deps, accept);
  server.maxConnections = LIMITS.connections;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // Node tells of a failed or unfinished handshake, and leaves the socket open.
  server.on('tlsClientError', (_error, socket: Socket) => {
    count('refused: TLS');
    socket.destroy();
  });
  log.info({ url }, 'broker listens');

  const clientsOf = () => (aedes as unknown as { clients: Record<string, Client> }).clients;
  return {
    url,
    take(next) {
      taker = next;
    },
    onUp: (listener) => setImmediate(listener),
    publish(van, leaf, payload, retained) {
      aedes.publish(
        {
          cmd: 'publish',
          topic: topicOf(van, leaf),
          payload: Buffer.from(JSON.stringify(payload)),
          qos: 1,
          retain: retained,
          dup: false,
        },
        (error) => {
          if (error) count('publish errors');
        },
      );
    },
    counters: () => ({ ...counts, clients: aedes.connectedClients, strangers: strangers.size }),
    connected: () => Object.keys(clientsOf()),
    disconnect: (van) => clientsOf()[van]?.close(),
    async stop() {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listen(
  { listen, tls }: BrokerDeps,
  accept: (socket: Socket) => void,
): Promise<{ server: Server; url: string }> {
  const { protocol, hostname, port } = new URL(listen);
  const secure = protocol === 'mqtts:';
  if (secure && !tls)
    throw new ConfigError('broker', [
      { path: 'broker.tls', expected: 'certFile and keyFile for mqtts://', got: 'nothing' },
    ]);
  const server = secure
    ? createTlsServer(
        {
          cert: tls!.cert,
          key: tls!.key,
          ...(tls!.ca ? { ca: tls!.ca, requestCert: true, rejectUnauthorized: false } : {}),
          minVersion: 'TLSv1.2',
          handshakeTimeout: LIMITS.connectMs,
        },
        accept,
      )
    : createServer(accept);
  const host = hostname.replace(/^\[|\]$/g, '');
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new ConfigError('broker', [
          {
            path: 'broker',
            expected: `a free port to listen on, not ${host}:${port}`,
            got: error.code ?? String(error),
          },
        ]),
      ),
    );
    server.listen(Number(port || (secure ? 8883 : 1883)), host, () => resolve());
  });
  server.on('error', () => {});
  const { port: bound } = server.address() as { port: number };
  return { server, url: `${protocol}//${hostname}:${bound}` };
}
