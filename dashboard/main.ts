import { dirname, join } from 'node:path';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { ConfigError, readConfigFile } from '../runtime/configFile.ts';
import { configuredCredential, configuredTls } from '../runtime/credential.ts';
import { makeParts, runUntilSignal } from '../runtime/lifecycle.ts';
import { type Log, makeLog } from '../runtime/log.ts';
import { loadPageAssets } from '../runtime/pageAssets.ts';
import { sdNotify } from '../runtime/sdNotify.ts';
import { startWatchdog } from '../runtime/watchdog.ts';
import { DepotConfig } from './config.ts';
import { rowRetention } from './core/rowRetention.ts';
import { publicFacts } from './core/views.ts';
import { startAgendaFile } from './io/agendaFile.ts';
import { type Broker, connectBroker, startBroker, type VanLink } from './io/broker.ts';
import { makeFeed } from './io/feed.ts';
import { type Fleet, makeFleet } from './io/fleet.ts';
import { startIngest } from './io/ingest.ts';
import type { Ask } from './io/notices/webPush.ts';
import { type OfficeDb, openOffice } from './io/officeDb.ts';
import { publicRoutes } from './io/public.ts';
import { startServer } from './io/server.ts';
import { startAgendaPublisher, startStatePublisher } from './io/statePublisher.ts';
import { openSqliteStore } from './io/store/sqlite.ts';
import type { Store } from './io/store/store.ts';
import { startViews } from './io/views.ts';
import { openNotices } from './tenants.ts';

const TIMEZONE = 'Europe/Paris';

/** `tournee depot`: broker, ingest, store, views and pages, in this order; stopped in reverse. */
export async function runDepot(configFile: string): Promise<void> {
  const config = readConfigFile(configFile, DepotConfig);
  const log = makeLog('depot');
  const parts = makeParts(log);
  runUntilSignal(log, async () => {
    void sdNotify('STOPPING=1');
    await parts.stop();
  });
  try {
    await startDepot(config, { add: parts.add, clock: systemClock, log });
  } catch (error) {
    await parts.stop();
    throw error;
  }
}

export type DepotDeps = {
  readonly add: ReturnType<typeof makeParts>['add'];
  readonly clock: Clock;
  readonly log: Log;
  /** Who asks the push services; a scenario puts a server of its own here. */
  readonly ask?: Ask;
};

/** The whole depot; scenarios run it on a clock of their own. */
export async function startDepot(config: DepotConfig, { add, clock, log, ask }: DepotDeps) {
  const store = add('store', openStore(config, clock, log));
  const office = openOffice(officePath(config));
  add('office', { stop: () => void office.close() });
  const feed = makeFeed(log.child({ part: 'feed' }));
  const agenda = add(
    'agenda',
    startAgendaFile({ path: config.agenda, db: office, clock, log: log.child({ part: 'agenda' }) }),
  );
  const { words, seen } = writtenDown(office);
  const isOurs = !(typeof config.broker === 'object' && 'connect' in config.broker);
  const fleet = makeFleet({
    config: config.vans,
    secrets: secretsOf(config),
    db: office,
    clock,
    ...(isOurs ? { cut: (van: string) => (link as Broker).disconnect(van) } : {}),
    onEnrolled(van) {
      views.enrol(van);
      publisher.republish();
    },
  });
  const vans = fleet.ids;
  const views = add('views', await startViews({ vans, feed, store, agenda, words, seen, clock }));
  const link = add('broker', await startLink(config, fleet, clock, log));
  const ingest = add(
    'ingest',
    startIngest({ link, store, feed, vans: () => vans, log: log.child({ part: 'ingest' }), clock }),
  );
  const { publish } = link;
  const publisher = add(
    'agenda publisher',
    startAgendaPublisher({ vans, agenda, views, publish, clock, log }),
  );
  add('state publisher', startStatePublisher({ vans, views, publish, clock }));
  const assets = loadPageAssets();
  const notices = openNotices(
    config.tenants,
    sqlitePath(config.store),
    log.child({ part: 'notices' }),
    ask && { ask },
  );
  if (notices) add('notices', notices);
  const counters = () => ({
    ...prefixed('broker', link.counters()),
    ...prefixed('ingest', ingest.counters()),
    ...(notices ? prefixed('notices', notices.counters()) : {}),
  });
  const server = await startServer({
    config,
    store,
    office,
    views,
    feed,
    agenda,
    fleet,
    publish,
    counters,
    ...(notices ? { deadLetters: notices.deadLetters } : {}),
    clock,
    log,
    assets,
    tenants: (app) =>
      void app.register(publicRoutes, {
        source: {
          visits: () => publicFacts(views.state()),
          subscribe: (listener) => views.subscribe(listener),
        },
        clock,
        assets,
        timezone: agenda.current()?.timezone ?? TIMEZONE,
        origin: config.tenants?.origin ?? config.http.replace(/\/$/, ''),
        serveAssets: false,
        log,
        ...(notices ? { notices: notices.deps } : {}),
        ...(config.phone === undefined ? {} : { phone: config.phone }),
      }),
  });
  add('http', server);
  add(
    'watchdog',
    startWatchdog(clock, () => true),
  );
  await sdNotify(`READY=1\nSTATUS=${vans.length} vans, ${server.url}`);
  log.info({ http: server.url, broker: config.broker, vans: vans.length }, 'depot ready');
  return { store, views, agenda, ingest, link, url: server.url, office };
}

const prefixed = (name: string, counters: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counters).map(([key, value]) => [`${name}_${key}`, value]));

function openStore(config: DepotConfig, clock: Clock, log: Log): Store {
  const path = sqlitePath(config.store);
  return openSqliteStore(path, {
    log: log.child({ part: 'store' }),
    clock,
    retention: rowRetention(config.retention),
  });
}

function sqlitePath(store: string): string {
  const path = /^sqlite:(.+)$/.exec(store)?.[1];
  if (path) return path;
  throw new ConfigError('store', [
    {
      path: 'store',
      expected: 'sqlite:PATH (PostgreSQL is not built in yet)',
      got: store.replace(/\/\/.*@/, '//…@'),
    },
  ]);
}

const officePath = (config: DepotConfig): string =>
  config.office ?? join(dirname(sqlitePath(config.store)), 'office.db');

/** What the office wrote before this start. */
function writtenDown(office: OfficeDb) {
  const words = office.prepare('select text from words order by id').all() as { text: string }[];
  const seen = office.prepare('select episode, at from seen').all() as { episode: string; at: string }[];
  return { words: words.map(({ text }) => JSON.parse(text)), seen };
}

function startLink(config: DepotConfig, fleet: Fleet, clock: Clock, log: Log): Promise<VanLink> {
  const { broker } = config;
  if (typeof broker === 'object' && 'connect' in broker)
    return connectBroker({
      url: broker.connect,
      ...(broker.user === undefined ? {} : { user: broker.user }),
      ...(broker.secretFile === undefined
        ? {}
        : { secret: configuredCredential(broker.secretFile, 'broker.secretFile') }),
      ...(broker.tls === undefined ? {} : { tls: configuredTls(broker.tls, 'broker.tls') }),
      log: log.child({ part: 'broker' }),
      clock,
      random: Math.random,
    });
  const { listen, tls } = typeof broker === 'string' ? { listen: broker, tls: undefined } : broker;
  const read = tls && configuredTls(tls, 'broker.tls');
  return startBroker({
    listen,
    ...(read?.cert && read.key
      ? { tls: { cert: read.cert, key: read.key, ...(read.ca ? { ca: read.ca } : {}) } }
      : {}),
    verify: fleet.verify,
    isRevoked: fleet.isRevoked,
    log: log.child({ part: 'broker' }),
    clock,
  });
}

/** Read once, at the start: a file that cannot be read is a mistake of the configuration. */
const secretsOf = ({ vans }: DepotConfig): ReadonlyMap<string, string> =>
  new Map(
    vans.flatMap((van, n) =>
      van.secretFile === undefined
        ? []
        : [[van.id, configuredCredential(van.secretFile, `vans.${n}.secretFile`)] as const],
    ),
  );
