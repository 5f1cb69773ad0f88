import { readFileSync } from 'node:fs';

/** Id of this boot of the machine: an anchor holds for one. Without the kernel's own, one of this process. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return crypto.randomUUID();
  }
}
