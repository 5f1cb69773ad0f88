import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** Bytes kept for the day when the disk is full: dropping rows, and the WAL, need some room themselves. */
const BALLAST_BYTES = 2 * 1024 * 1024;

export type Ballast = {
  /** False when there is no room for it. */
  fill(): boolean;
  /** False when there was none. */
  release(): boolean;
};

export function makeBallast(path: string): Ballast {
  return {
    fill() {
      if (statSync(path, { throwIfNoEntry: false })?.size === BALLAST_BYTES) return true;
      try {
        writeFileSync(path, Buffer.alloc(BALLAST_BYTES, 0x5a));
        return true;
      } catch {
        rmSync(path, { force: true });
        return false;
      }
    },
    release() {
      const there = existsSync(path);
      rmSync(path, { force: true });
      return there;
    },
  };
}
