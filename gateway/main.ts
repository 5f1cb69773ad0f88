import { dirname } from 'node:path';
import { systemClock } from '../runtime/clock.ts';
import { readConfigFile } from '../runtime/configFile.ts';
import { configuredCredential } from '../runtime/credential.ts';
import { makeParts, type Part, runUntilSignal } from '../runtime/lifecycle.ts';
import { type Log, makeLog } from '../runtime/log.ts';
import { sdNotify } from '../runtime/sdNotify.ts';
import { BUILD_MS } from '../runtime/version.ts';
import { startWatchdog } from '../runtime/watchdog.ts';
import { GatewayConfig } from './config.ts';
import { bootId } from './io/bootId.ts';
import { type CabEngine, startCab } from './io/cab.ts';
import { startDevices } from './io/devices.ts';
import type { Host } from './io/host.ts';
import { startTraffic } from './io/traffic.ts';
import { journalOf, startVan } from './van.ts';

/** Rows that wait longer for their commit: the daemon does not do its work, and systemd is told so by silence. */
const COMMIT_SILENCE_MS = 60_000;

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

async function startParts(
  config: GatewayConfig,
  add: ReturnType<typeof makeParts>['add'],
  log: Log,
): Promise<void> {
  const clock = systemClock;
  const boot = bootId();
  const van = startVan(config, { add, clock, log, random: Math.random, boot });
  const { host, courier, journal, writer, cabEngine } = van;
  if (config.cab !== undefined) add('cab', await startCabPage(config, cabEngine, host, log));
  const folder = dirname(journalOf(config).path);
  const pinFile = config.modem?.pinFile;
  add(
    'devices',
    startDevices(config, host, {
      clock,
      log,
      folder,
      buildMs: BUILD_MS,
      link: () => courier.link(),
      sendBy: van.sendBy,
      ...(pinFile === undefined ? {} : { pin: configuredCredential(pinFile, 'modem.pinFile') }),
    }),
  );
  if (config.dataPlan)
    add(
      'traffic',
      startTraffic({
        networkInterface: config.dataPlan.interface,
        clock,
        onBytes: (bytes) => host.offer({ kind: 'traffic', bytes, boot }),
      }),
    );
  add(
    'watchdog',
    startWatchdog(clock, () => writer.waitingMs() < COMMIT_SILENCE_MS),
  );
  await sdNotify('READY=1');
  log.info({ van: config.van, journal: journal.uuid, broker: config.broker }, 'gateway ready');
}

async function startCabPage(config: GatewayConfig, engine: CabEngine, host: Host, log: Log): Promise<Part> {
  const cab = typeof config.cab === 'string' ? { http: config.cab } : config.cab!;
  const pin = cab.pinFile === undefined ? undefined : configuredCredential(cab.pinFile, 'cab.pinFile');
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
