import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * The last rung of the recovery ladder: the modem's supply cut and given again, as `core/powerCycle.ts` writes it. USB:
 * `authorized` takes the device off its port and puts it back (kernel.org, ABI/testing/sysfs-bus-usb); GPIO: libgpiod's
 * `gpioset`.
 */
const OFF_S = 5;
const USB_DEVICES = '/sys/bus/usb/devices';
const run = promisify(execFile);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Rejects when it cannot: no such device, no right to it, no gpioset. `offMs` and `devices` are for tests. */
export function makePowerCycle(
  how: string,
  offMs = OFF_S * 1000,
  devices = USB_DEVICES,
): () => Promise<void> {
  const [kind, rest] = how.split(':') as [string, string];
  if (kind === 'usb') {
    const file = join(devices, rest, 'authorized');
    return async () => {
      await writeFile(file, '0');
      await sleep(offMs);
      await writeFile(file, '1');
    };
  }
  const [chip, line, active] = rest.split('/') as [string, string, string | undefined];
  const value = active === 'low' ? 0 : 1;
  return async () => {
    await run('gpioset', ['--mode=time', `--sec=${Math.round(offMs / 1000)}`, chip, `${line}=${value}`]);
    await run('gpioset', ['--mode=exit', chip, `${line}=${1 - value}`]);
  };
}
