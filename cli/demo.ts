import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../runtime/freePort.ts';
import { makeParts, runUntilSignal } from '../runtime/lifecycle.ts';
import { makeLog } from '../runtime/log.ts';
import { UsageError } from './exit.ts';
import { supervise } from './supervise.ts';

/**
 * `tournee demo`: a van's day in short stops and real time, as separate processes: the van in a box (devices on PTYs,
 * 4G as a TCP proxy), the gateway, the depot. Everything lives in one temporary folder that goes at the end.
 */

const VAN = 'camping-car-7';
const TIMEZONE = 'Europe/Paris';
const FAULTS = ['none', 'story', 'storm'];
/** How long the killed gateway stays away, so that «offline» can be seen. */
const GATEWAY_RESTART_MS = 20_000;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      faults: { type: 'string', default: 'story' },
      http: { type: 'string', default: '8080' },
      cab: { type: 'string', default: '8081' },
      seed: { type: 'string', default: '1' },
    },
  });
  if (!FAULTS.includes(values.faults))
    throw new UsageError(`--faults: expected ${FAULTS.join('|')}, got ${values.faults}`);
  const [broker, cell] = await Promise.all([freePort(), freePort()]);
  const folder = mkdtempSync(join(tmpdir(), 'tournee-demo-'));
  const files = writeFiles(folder, { http: portOf(values.http), cab: portOf(values.cab), broker, cell });
  const log = makeLog('demo', process.env.TOURNEE_LOG ?? 'warn');
  const parts = makeParts(log);
  runUntilSignal(log, async () => {
    process.stdout.write('\nStopping…\n');
    await parts.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (name: string, command: string[], restartMs?: number) =>
    parts.add(
      name,
      supervise(name, command, {
        logFile: join(files.logs, `${name}.log`),
        ...(restartMs ? { restartMs } : {}),
      }),
    );
  const simulate = [
    'simulate',
    '--dir',
    files.devices,
    '--agenda',
    files.agenda,
    '--story',
    'demo',
    '--faults',
    values.faults,
    '--seed',
    values.seed,
    '--proxy-listen',
    `${cell}`,
    '--proxy-to',
    `127.0.0.1:${broker}`,
  ];
  const van = start('simulate', simulate);
  await van.line((line) => line.includes('"ready"'));
  const depot = start('depot', ['depot', '--config', files.depot]);
  const gateway = start('gateway', ['gateway', '--config', files.gateway], GATEWAY_RESTART_MS);
  const failed = await Promise.race([
    Promise.all([
      reachable(`http://localhost:${values.http}/`),
      reachable(`http://localhost:${values.cab}/`),
    ]).then(() => undefined),
    depot.failed,
    gateway.failed,
    van.failed,
  ]);
  if (failed) {
    process.stderr.write(`${failed}\n`);
    await parts.stop();
    rmSync(folder, { recursive: true, force: true });
    return 2;
  }
  process.stdout.write(welcome(values.http, values.cab, files.logs));
  return new Promise<number>(() => {});
}

function welcome(http: string, cab: string, logs: string): string {
  return [
    '',
    'Tournée, the demo: a van reaches its first stop within a minute, stands, leaves, and goes to the next.',
    '',
    `  depot    http://localhost:${http}/depot   the van moves on the map; state, age, battery, link and alerts beside it`,
    `  tenants  http://localhost:${http}/        choose Ligueil: «L'agence arrive», then «L'agence est arrivée»`,
    `  cab      http://localhost:${cab}/        what the driver sees: next stop, what tenants are told, alerts`,
    '',
    'On its own come a low battery (about 3 min), a minute without 4G (the rows wait, then drain), a departure, the next stop.',
    'Kill the gateway (kill -9 of «tournee gateway»): offline at the depot within 2 s; it comes back after 20 s.',
    `Logs of each process: ${logs}   ·   Ctrl-C ends everything.`,
    '',
    '',
  ].join('\n');
}

function writeFiles(folder: string, ports: { http: number; cab: number; broker: number; cell: number }) {
  const at = (name: string) => join(folder, name);
  const files = {
    devices: at('devices'),
    logs: at('logs'),
    agenda: at('agenda.json'),
    depot: at('depot.yaml'),
    gateway: at('gateway.yaml'),
  };
  mkdirSync(files.devices);
  mkdirSync(files.logs);
  const secret = at('van.secret');
  writeFileSync(secret, `${crypto.randomUUID()}${crypto.randomUUID()}\n`, { mode: 0o600 });
  writeFileSync(
    files.depot,
    JSON.stringify(
      {
        broker: `mqtt://127.0.0.1:${ports.broker}`,
        http: `http://127.0.0.1:${ports.http}`,
        store: `sqlite:${at('depot.db')}`,
        agenda: files.agenda,
        vans: [{ id: VAN, secretFile: secret }],
        auth: 'none',
      },
      null,
      2,
    ),
  );
  writeFileSync(
    files.gateway,
    JSON.stringify(
      {
        van: VAN,
        sources: {
          gps: `serial:${join(files.devices, 'gps')}?baud=9600`,
          power: `serial:${join(files.devices, 'shunt')}?baud=19200`,
          modem: `serial:${join(files.devices, 'modem')}?baud=115200`,
        },
        journal: at('gateway.db'),
        broker: `mqtt://127.0.0.1:${ports.cell}`,
        cab: `http://127.0.0.1:${ports.cab}`,
        secretFile: secret,
        timezone: TIMEZONE,
        // A demo's minute is a day's hour: a weak battery is told after ten seconds, not ten minutes.
        alerts: { chemistry: 'lifepo4', hold: { house_battery: '10s' } },
      },
      null,
      2,
    ),
  );
  return files;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new UsageError(`expected a port from 1 to 65535, got ${text}`);
  return port;
}

/** Resolves as soon as the address answers. */
async function reachable(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(url, { signal: AbortSignal.timeout(2000) });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
