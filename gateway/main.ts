import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Agenda } from '../protocol/agenda.ts';
import type { RowOf } from '../protocol/rows.ts';
import { isoOf } from '../protocol/time.ts';
import { systemClock } from '../runtime/clock.ts';
import { ConfigError, readConfigFile } from '../runtime/configFile.ts';
import type { Part } from '../runtime/lifecycle.ts';
import { makeParts, runUntilSignal } from '../runtime/lifecycle.ts';
import { type Log, makeLog } from '../runtime/log.ts';
import { sdNotify } from '../runtime/sdNotify.ts';
import { BUILD_MS, SOFTWARE } from '../runtime/version.ts';
import { startWatchdog } from '../runtime/watchdog.ts';
import { GatewayConfig, JOURNAL_DEFAULTS } from './config.ts';
import type { EngineState } from './core/engine/types.ts';
import type { CourierFacts } from './core/link.ts';
import { engineSettingsOf } from './engineSettings.ts';
import { bootId } from './io/bootId.ts';
import type { CabEngine } from './io/cab.ts';
import { startCab } from './io/cab.ts';
import { makeCabEngine } from './io/cabEngine.ts';
import type { CourierLink } from './io/courier.ts';
import { startCourier } from './io/courier.ts';
import { startDevices } from './io/devices.ts';
import type { Host } from './io/host.ts';
import { startHost } from './io/host.ts';
import { openJournal } from './io/journal.ts';
import { startPositions } from './io/positions.ts';
import { restoreEngine } from './io/restore.ts';
import { startWriter } from './io/writer.ts';

/** Rows that wait longer for their commit: the daemon does not do its work, and systemd is told so by silence. */
const COMMIT_SILENCE_MS = 60_000;
const COURIER_BEAT_MS = 5_000;

/** `tournee gateway`: journal → engine → courier → cab → devices, stopped in reverse. Only the journal is indispensable. */
export async function runGateway(configFile: string): Promise<void> {
  const config = readConfigFile(configFile, GatewayConfig);
  const log = makeLog('gateway');
  const parts = makeParts(log);
  runUntilSignal(log, async () => {
    void sdNotify('STOPPING=1');
    await parts.stop();
  });
  try {
    await startParts(config, parts.add, log);
  } catch (error) {
    await parts.stop();
    throw error;
  }
}

type Add = ReturnType<typeof makeParts>['add'];

async function startParts(config: GatewayConfig, add: Add, log: Log): Promise<void> {
  const clock = systemClock;
  const boot = bootId();
  const secret = config.secretFile === undefined ? undefined : fileAt(config.secretFile, 'secretFile');
  const tls = tlsOf(config);
  const { path, retention, sizeMb } = journalOf(config);
  const journal = openJournal(path, {
    van: config.van,
    software: SOFTWARE,
    boot,
    retentionMs: retention,
    maxBytes: sizeMb * 1_000_000,
    clock,
    log: log.child({ part: 'journal' }),
  });
  add('journal', { stop: () => journal.close() });
  const writer = add('writer', startWriter(journal, clock, log.child({ part: 'writer' })));
  const settings = engineSettingsOf(config);
  const { state, anchor, lastMs } = restoreEngine(journal, settings, boot);
  const floorMs = Math.max(BUILD_MS, lastMs);
  const host = add(
    'engine',
    startHost({ settings, state, anchor, boot, floorMs, writer, journal, clock, log }),
  );
  writer.add([{ lane: 'bulk', row: bootRow(host.state().timeKnown ? host.nowMs() : undefined, boot) }], true);
  host.offer({ kind: 'journal', state: journal.opening.salvaged ? 'salvaged' : 'ok' });

  const courier = startCourier({
    broker: config.broker,
    van: config.van,
    ...(secret === undefined ? {} : { secret }),
    ...(tls ? { tls } : {}),
    journal,
    clock,
    log: log.child({ part: 'courier' }),
    random: Math.random,
    status: () => statusOf(host.state(), host.nowMs()),
    on: {
      agenda: (agenda) => takeAgenda(host, agenda, log),
      cab: (message) => cabEngine.message(message),
      link: () => tellCourier(),
    },
  });
  add('courier', courier);
  const tellCourier = () =>
    host.offer({ kind: 'courier', facts: courierFacts(courier.link(), clock.monotonicMs()) });
  add('courier facts', { stop: clock.every(COURIER_BEAT_MS, tellCourier) });
  add('positions', startPositions(host, courier, clock));
  const cabEngine = makeCabEngine({
    host,
    journal,
    van: config.van,
    timezone: config.timezone,
    session: randomUUID(),
  });
  if (config.cab !== undefined) add('cab', await startCabPage(config, cabEngine, host, log));
  add(
    'devices',
    startDevices(config, host, {
      clock,
      log,
      folder: dirname(path),
      buildMs: BUILD_MS,
      link: () => courier.link(),
    }),
  );
  add(
    'watchdog',
    startWatchdog(clock, () => writer.waitingMs() < COMMIT_SILENCE_MS),
  );
  await sdNotify('READY=1');
  log.info({ van: config.van, journal: journal.uuid, broker: config.broker }, 'gateway ready');
}

function bootRow(nowMs: number | undefined, boot: string): RowOf<'boot'> {
  if (nowMs !== undefined) return { kind: 'boot', at: isoOf(nowMs), software: SOFTWARE };
  return { kind: 'boot', at: null, boot, monoMs: systemClock.monotonicMs(), software: SOFTWARE };
}

/** What the retained status says beside what is the courier's own. */
const statusOf = ({ timeKnown, agenda, duty }: EngineState, nowMs: number) => ({
  at: timeKnown ? isoOf(nowMs) : null,
  software: SOFTWARE,
  ...(agenda ? { agenda: agenda.version } : {}),
  duty: duty.on,
});

/** A lower version than the one in force is refused: a poisoned retained agenda changes nothing (DESIGN §1.9). */
function takeAgenda(host: Host, agenda: Agenda, log: Log): void {
  const inForce = host.state().agenda;
  if (inForce && agenda.version < inForce.version) {
    log.warn({ version: agenda.version, inForce: inForce.version }, 'lower agenda refused');
    return;
  }
  if (inForce && JSON.stringify(inForce) === JSON.stringify(agenda)) return;
  host.offer({ kind: 'agenda', agenda });
  log.info({ version: agenda.version, visits: agenda.visits.length }, 'agenda taken over');
}

/** The courier's link in the words of the link fold: ages in seconds. */
function courierFacts(link: CourierLink, monoMs: number): CourierFacts {
  return {
    connected: link.connected,
    ...(link.roundTripMs === undefined ? {} : { roundTripMs: link.roundTripMs }),
    ...(link.oldestUnreceivedMs === undefined ? {} : { oldestUnreceivedS: link.oldestUnreceivedMs / 1000 }),
    ...(link.cause === undefined ? {} : { lastErrorCause: link.cause }),
    ...(link.lastReceiptMs === undefined ? {} : { receiptAgeS: (monoMs - link.lastReceiptMs) / 1000 }),
  };
}

async function startCabPage(config: GatewayConfig, engine: CabEngine, host: Host, log: Log): Promise<Part> {
  const cab = typeof config.cab === 'string' ? { http: config.cab } : config.cab!;
  const pin = cab.pinFile === undefined ? undefined : fileAt(cab.pinFile, 'cab.pinFile');
  return startCab({
    http: cab.http,
    van: config.van,
    engine,
    ...(pin === undefined ? {} : { pin }),
    ...(cab.hosts === undefined ? {} : { hosts: cab.hosts }),
    clock: systemClock,
    log: log.child({ part: 'cab' }),
    onState: (state, detail) =>
      host.offer({ kind: 'part', part: 'cab', state, ...(detail === undefined ? {} : { detail }) }),
  });
}

function journalOf({ journal }: GatewayConfig) {
  return typeof journal === 'string' ? { path: journal, ...JOURNAL_DEFAULTS } : journal;
}

function tlsOf({ tls }: GatewayConfig): { ca?: string; cert?: string; key?: string } | undefined {
  if (!tls) return undefined;
  const read = (name: 'ca' | 'cert' | 'key', file: string | undefined) =>
    file === undefined ? {} : { [name]: fileAt(file, `tls.${name}File`) };
  return { ...read('ca', tls.caFile), ...read('cert', tls.certFile), ...read('key', tls.keyFile) };
}

function fileAt(file: string, path: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const got = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ConfigError(file, [{ path, expected: 'a readable file', got }]);
  }
}
