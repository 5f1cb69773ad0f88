import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { uptime } from 'node:os';
import type { HealthReading } from '../../protocol/readings.ts';
import type { Part } from '../../runtime/lifecycle.ts';
import { mountIsReadOnly, temperatureOf, throttledOf } from '../core/pi.ts';
import type { DeviceDeps, HealthCallbacks } from './device.ts';

/**
 * The Pi itself, every 60 s: throttling bits, temperature, the disk of the journal, the root's mount, the clock, uptime.
 * What cannot be told is absent, never fine: off a Pi there is no vcgencmd.
 */
const LOOK_EVERY_MS = 60_000;
const COMMAND_MS = 3000;

export type HealthSettings = {
  /** Folder of the journal: its disk is the one that counts. */
  readonly folder: string;
};

/** Commands that this machine has not: to try one costs a fork of the whole daemon. */
const absent = new Set<string>();

/** Standard output of a command, or nothing. */
function outputOf(command: string, args: string[]): Promise<string | undefined> {
  if (absent.has(command)) return Promise.resolve(undefined);
  return new Promise((resolve) =>
    execFile(command, args, { timeout: COMMAND_MS, maxBuffer: 65_536 }, (error, stdout) => {
      if ((error as NodeJS.ErrnoException | null)?.code === 'ENOENT') absent.add(command);
      resolve(error ? undefined : stdout);
    }),
  );
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

async function diskOf(folder: string): Promise<Pick<HealthReading, 'diskFreePercent' | 'diskFreeMb'>> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    if (blocks === 0) return {};
    return {
      diskFreePercent: Math.round((1000 * bavail) / blocks) / 10,
      diskFreeMb: Math.round((bavail * bsize) / 1e6),
    };
  } catch {
    return {};
  }
}

/**
 * systemd-timesyncd touches this file when it synchronises and chrony has its own word; timedatectl asks whichever
 * there is over D-Bus, and knows of both.
 */
async function clockOf(): Promise<boolean | undefined> {
  const said = (await outputOf('timedatectl', ['show', '--property=NTPSynchronized', '--value']))?.trim();
  if (said === 'yes' || said === 'no') return said === 'yes';
  return existsSync('/run/systemd/timesync/synchronized') ? true : undefined;
}

/** One look at everything. */
export async function readHealth({ folder }: HealthSettings): Promise<HealthReading> {
  const [throttledText, clockSynchronised, disk] = await Promise.all([
    outputOf('vcgencmd', ['get_throttled']),
    clockOf(),
    diskOf(folder),
  ]);
  const throttled = throttledText === undefined ? undefined : throttledOf(throttledText);
  const temperatureC = temperatureOf(textOf('/sys/class/thermal/thermal_zone0/temp') ?? '');
  const rootReadOnly = mountIsReadOnly(textOf('/proc/self/mounts') ?? '', '/');
  return {
    ...(throttled === undefined ? {} : { throttled }),
    ...(temperatureC === undefined ? {} : { temperatureC }),
    ...disk,
    ...(rootReadOnly === undefined ? {} : { rootReadOnly }),
    ...(clockSynchronised === undefined ? {} : { clockSynchronised }),
    uptimeS: Math.round(uptime()),
  };
}

export function startHealth(
  settings: HealthSettings,
  { clock }: DeviceDeps,
  callbacks: HealthCallbacks,
): Part {
  let stopped = false;
  async function look(): Promise<void> {
    const reading = await readHealth(settings);
    if (!stopped) callbacks.onReading(reading, clock.monotonicMs());
  }
  let looking = look();
  const cancel = clock.every(LOOK_EVERY_MS, () => {
    looking = looking.then(look);
  });
  return {
    async stop() {
      stopped = true;
      cancel();
      await looking;
    },
  };
}
