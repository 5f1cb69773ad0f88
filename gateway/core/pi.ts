/** The texts in which Linux and the Pi's firmware tell of themselves (facts/devices.md §5). Absent is unknown. */

/** `throttled=0x50005` → 0x50005: bits 0-3 now, 16-19 since boot. */
export function throttledOf(text: string): number | undefined {
  const m = /^throttled=(0x[0-9a-fA-F]{1,8})\s*$/.exec(text);
  return m ? Number(m[1]) : undefined;
}

/** Thousandths of a degree → °C. */
export function temperatureOf(text: string): number | undefined {
  const milli = /^-?\d{1,6}$/.test(text.trim()) ? Number(text.trim()) : undefined;
  return milli !== undefined && milli > -60_000 && milli < 150_000 ? Math.round(milli / 100) / 10 : undefined;
}

/** Whether `point` is mounted read-only, by /proc/self/mounts; the last mount on it counts. */
export function mountIsReadOnly(mounts: string, point: string): boolean | undefined {
  const options = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields[1] === point)
    .at(-1)?.[3];
  return options === undefined ? undefined : options.split(',').includes('ro');
}
