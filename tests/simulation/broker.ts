import { type ConnectPacket, connectCrime, type Grant, publishable } from '../../dashboard/core/access.ts';
import type { Taker, VanLink, VanMessage } from '../../dashboard/io/broker.ts';
import type { LinkCause } from '../../gateway/core/courier.ts';
import type { MqttConnection, MqttDeps } from '../../gateway/io/mqtt.ts';
import { MAX_PAYLOAD_BYTES, type Status } from '../../protocol/messages.ts';
import { parseTopic, topicOf, type VanLeaf } from '../../protocol/topics.ts';
import type { Random } from '../../simulators/random.ts';
import type { World } from './world.ts';

/**
 * A broker with the bad semantics of real ones (hazards.md §1): PUBACK before anything is stored, everything lost when
 * it is killed, messages twice, silent drops beyond its queue. `inside` lives and dies with the depot; `outside` does
 * not, and publishes wills without looking at them again. Who may connect and publish is decided by the depot's rules.
 */
export type BrokerSettings = {
  readonly kind: 'inside' | 'outside';
  /** PUBACK goes out before the depot has taken the message. */
  readonly ackFirst: boolean;
  /** Messages that wait for the depot; beyond, they are dropped without a word. */
  readonly queue: number;
};
/** The way between one van and the broker. */
export type Road = { down: boolean; halfOpen: boolean; refused: boolean; latencyMs: number; repeats: number };

export type BrokerHooks = {
  /** A message of a van has left its machine. */
  published(van: string, leaf: VanLeaf, payload: Uint8Array, unacked: number): void;
  /** The depot is given a message: by whom it was sent, and whether the broker only remembers it. */
  given(message: VanMessage, sender: string): void;
  fail(kind: string, detail: string): void;
};

type Session = {
  readonly van: string;
  readonly deps: MqttDeps;
  readonly road: Road;
  open: boolean;
  /** Nothing passes any more, and nobody has told either side. */
  broken: boolean;
  upAt: number;
  downAt: number;
  unacked: number;
};
type Depot = {
  readonly link: VanLink;
  taker: Taker | undefined;
  up: boolean;
  readonly ups: (() => void)[];
  waiting: number;
};

const KEEPALIVE_MS = 45_000;
const CONNECT_TIMEOUT_MS = 20_000;
const RETRY_MS = 5_000;

export function makeBroker(world: World, settings: BrokerSettings, random: Random, hooks: BrokerHooks) {
  const sessions = new Map<string, Session>();
  const retained = new Map<string, { payload: Uint8Array; sender: string }>();
  let recent: { message: VanMessage; sender: string }[] = [];
  let alive = true;
  let depot: Depot | undefined;

  const grantOf = (van: string): Grant => ({ kind: 'van', van });
  const later = (ms: number, then: () => void) => world.after(ms, then);

  // ── to the depot ───────────────────────────────────────────────────────────────────────────────────────────
  /** The taker's promise, or nothing when the depot is not there. */
  function give(message: VanMessage, sender: string): Promise<void> | undefined {
    if (!depot?.taker || !depot.up) return undefined;
    hooks.given(message, sender);
    world.settle();
    return depot.taker(message);
  }

  /** As an outside broker passes messages on: in order, and not more than its queue. */
  function forward(message: VanMessage, sender: string): void {
    const to = depot;
    if (!to?.up) return;
    if (to.waiting >= settings.queue) return world.trace(`broker drops ${message.van} ${message.leaf}`);
    to.waiting++;
    recent = [...recent.slice(-20), { message, sender }];
    later(5, () => {
      const taken = to === depot && alive ? give(message, sender) : undefined;
      void (taken ?? Promise.resolve()).then(
        () => to.waiting--,
        () => {
          to.waiting--;
          // Not stored: no PUBACK, and a new connection.
          if (to === depot) reconnectDepot();
        },
      );
    });
  }

  function reconnectDepot(): void {
    const to = depot;
    if (!to?.up) return;
    to.up = false;
    to.waiting = 0;
    later(RETRY_MS * (0.2 + random.next()), () => connectDepot(to));
  }

  function connectDepot(to: Depot): void {
    if (to !== depot || to.up) return;
    if (!alive) return void later(RETRY_MS, () => connectDepot(to));
    to.up = true;
    for (const [van, { payload, sender }] of retained)
      void give({ van, leaf: 'status', payload, retained: true, will: false }, sender);
    // What was not acknowledged comes again, behind what is newer.
    for (const { message, sender } of recent)
      later(50 + 500 * random.next(), () => void give(message, sender)?.catch(() => {}));
    recent = [];
    for (const listener of to.ups) listener();
  }

  // ── from the vans ──────────────────────────────────────────────────────────────────────────────────────────
  function arrive(
    session: Session,
    leaf: VanLeaf,
    payload: Uint8Array,
    qos: 0 | 1,
    retain: boolean,
    ack: () => void,
  ): void {
    const topic = topicOf(session.van, leaf);
    const allowed = publishable(grantOf(session.van), { topic, qos, retain });
    if (!allowed) return close(session, 'closed');
    if (leaf === 'status' && retain) retained.set(session.van, { payload, sender: session.van });
    const message: VanMessage = { van: session.van, leaf: allowed, payload, retained: false, will: false };
    if (settings.kind === 'outside') {
      ack();
      return forward(message, session.van);
    }
    if (settings.ackFirst) ack();
    const taken = give(message, session.van);
    if (!taken) return close(session, 'closed');
    void taken.then(
      () => !settings.ackFirst && ack(),
      () => close(session, 'closed'),
    );
    if (random.next() < session.road.repeats)
      later(20 + 2000 * random.next(), () => void give(message, session.van)?.catch(() => {}));
  }

  /** Both ends learn of it in their own time. */
  function close(session: Session, cause: LinkCause, vanInMs = 20 + 500 * random.next()): void {
    if (!session.open) return;
    session.open = false;
    if (sessions.get(session.van) === session) sessions.delete(session.van);
    later(vanInMs, () => session.deps.onClosed(cause));
    if (alive) will(session);
  }

  function will(session: Session): void {
    const status: Status = {
      state: 'offline',
      session: session.deps.session,
      at: null,
      reason: 'connection lost',
    };
    const payload = Buffer.from(JSON.stringify(status));
    const then = depot;
    // The broker notices a dead peer when its keepalive has run out.
    later(100 + KEEPALIVE_MS * random.next(), () => {
      if (settings.kind === 'outside' || depot === then)
        publishWill(topicOf(session.van, 'status'), payload, session.van);
    });
  }

  function publishWill(topic: string, payload: Uint8Array, sender: string): void {
    const van = parseTopic(topic)?.van;
    if (!alive || van === undefined) return;
    retained.set(van, { payload, sender });
    void give({ van, leaf: 'status', payload, retained: false, will: true }, sender)?.catch(() => {});
  }

  /** Sends through one direction of a session, in order. */
  function pass(session: Session, way: 'upAt' | 'downAt', then: () => void): void {
    if (!session.open || session.broken) return;
    session[way] = Math.max(session[way], world.now() + session.road.latencyMs * (0.5 + random.next()));
    world.at(session[way], () => {
      if (session.open && !session.broken && alive) then();
    });
  }

  /** A van's connection, as `openMqtt` opens one. */
  function openVan(deps: MqttDeps, road: Road): MqttConnection {
    const { van } = deps;
    const session: Session = { van, deps, road, open: false, broken: false, upAt: 0, downAt: 0, unacked: 0 };
    let over = false;
    const closed = (cause: LinkCause) => {
      if (over) return;
      over = true;
      session.unacked = 0;
      deps.onClosed(cause);
    };
    const guarded: Session = Object.assign(session, { deps: { ...deps, onClosed: closed } });
    const packet: ConnectPacket = {
      clientId: van,
      username: van,
      will: { topic: topicOf(van, 'status'), qos: 1, retain: true, payload: Buffer.from('{}') },
    };
    if (road.down) later(CONNECT_TIMEOUT_MS * random.next(), () => closed('unreachable'));
    else if (road.halfOpen) later(CONNECT_TIMEOUT_MS, () => closed('timeout'));
    else
      later(road.latencyMs * 3, () => {
        if (over) return;
        if (!alive || (settings.kind === 'inside' && !depot)) return closed('refused');
        if (road.refused || connectCrime(packet)) return closed('auth');
        // A second connection of one client takes the place of the first.
        const other = sessions.get(van);
        if (other) close(other, 'closed');
        session.open = true;
        sessions.set(van, guarded);
        later(road.latencyMs, () => session.open && !over && deps.onConnected());
      });
    return {
      publish(leaf, payload, { qos, retain }, acked) {
        if (over || !session.open) return;
        const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
        if (bytes.length > MAX_PAYLOAD_BYTES) hooks.fail('unbounded', `payload of ${bytes.length} bytes`);
        const isLane = leaf === 'urgent' || leaf === 'bulk';
        if (isLane) session.unacked++;
        hooks.published(van, leaf, bytes, session.unacked);
        const ack = () =>
          pass(guarded, 'downAt', () => {
            if (isLane) session.unacked--;
            if (!over && qos > 0) acked?.();
          });
        pass(guarded, 'upAt', () => arrive(guarded, leaf, bytes, qos, retain, ack));
      },
      cut(cause) {
        if (session.open) {
          session.open = false;
          if (sessions.get(van) === guarded) sessions.delete(van);
          if (alive) will(guarded);
        }
        closed(cause);
      },
      async end() {
        over = true;
        // DISCONNECT: no will. What was published before it arrives.
        const at = session.upAt;
        world.at(at, () => {
          session.open = false;
          if (sessions.get(van) === guarded) sessions.delete(van);
        });
      },
    };
  }

  function depotLink(): VanLink {
    const ups: (() => void)[] = [];
    const mine: Depot = {
      taker: undefined,
      up: false,
      ups,
      waiting: 0,
      link: {
        take(taker) {
          mine.taker = taker;
        },
        onUp(listener) {
          ups.push(listener);
        },
        publish(van, leaf, payload) {
          const session = sessions.get(van);
          if (!alive || mine !== depot || !mine.up || !session) return;
          const bytes = Buffer.from(JSON.stringify(payload));
          pass(session, 'downAt', () => {
            if (leaf === 'receipt' || leaf === 'agenda' || leaf === 'cab')
              session.deps.onMessage(leaf, bytes);
          });
        },
        counters: () => ({}),
        stop() {},
      },
    };
    depot = mine;
    later(settings.kind === 'inside' ? 1 : 50, () => connectDepot(mine));
    return mine.link;
  }

  return {
    openVan,
    depotLink,
    /** The depot's process is gone; a broker inside it too. */
    depotDied() {
      depot = undefined;
      if (settings.kind === 'outside') return;
      for (const session of [...sessions.values()]) close(session, 'closed');
      retained.clear();
    },
    /** Killed: queues, retained messages and sessions are gone. */
    kill() {
      alive = false;
      for (const session of [...sessions.values()]) close(session, 'closed');
      retained.clear();
      recent = [];
      if (depot) {
        const to = depot;
        to.up = false;
        to.waiting = 0;
        later(RETRY_MS, () => connectDepot(to));
      }
    },
    start() {
      alive = true;
    },
    /** The van's machine is gone: no FIN, the broker finds out by itself. */
    vanDied(van: string) {
      const session = sessions.get(van);
      if (!session) return;
      session.open = false;
      sessions.delete(van);
      if (alive) will(session);
    },
    /** The road is cut, or stays open and carries nothing. */
    cut(van: string, halfOpen: boolean) {
      const session = sessions.get(van);
      if (!session) return;
      if (!halfOpen) return close(session, 'closed', 2000 * random.next());
      session.broken = true;
      later(KEEPALIVE_MS, () => close(session, 'closed'));
    },
    /** Somebody with the credential of `van` connects with a will on the topic of `victim`, and dies. */
    hostileWill(van: string, victim: string) {
      const topic = topicOf(victim, 'status');
      const payload = Buffer.from(JSON.stringify({ state: 'offline', session: 'forged', at: null }));
      const packet = { clientId: van, username: van, will: { topic, qos: 1, retain: true, payload } };
      if (alive && !connectCrime(packet)) later(1000, () => publishWill(topic, payload, van));
    },
  };
}
export type SimBroker = ReturnType<typeof makeBroker>;
