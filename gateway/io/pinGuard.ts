import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

/**
 * A PIN is tried once: three failures lock the SIM to its PUK, and a daemon that restarts would try three times. So the
 * attempt is written down (hashed) before it is made, and forgotten when it was right.
 */
export interface PinGuard {
  /** False when this PIN was tried before and is not known to be right. */
  mayTry(): boolean;
  tried(): void;
  right(): void;
}

/** `file`: where the attempt is remembered; absent: for the life of the process alone. */
export function makePinGuard(pin: string, file?: string): PinGuard {
  const mark = createHash('sha256').update(`tournee-pin:${pin}`).digest('hex');
  let spent = false;
  const remembered = () => {
    if (file === undefined) return undefined;
    try {
      return readFileSync(file, 'latin1').trim();
    } catch {
      return undefined;
    }
  };
  return {
    mayTry: () => !spent && remembered() !== mark,
    tried() {
      spent = true;
      if (file === undefined) return;
      const fd = openSync(file, 'w', 0o600);
      writeSync(fd, `${mark}\n`);
      fsyncSync(fd);
      closeSync(fd);
    },
    right() {
      spent = false;
      if (file !== undefined) rmSync(file, { force: true });
    },
  };
}
