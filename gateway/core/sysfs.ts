import type { PowerReading } from '../../protocol/readings.ts';

/**
 * Power read from Linux files, for vans without Victron: a power supply (`sysfs:/sys/class/power_supply/BAT0`, in µV, µA,
 * µW, percent) or ADC channels of the industrial I/O subsystem behind a voltage divider
 * (`sysfs:/sys/bus/iio/devices/iio:device0?starterV=in_voltage0_raw*5.7&houseV=in_voltage1_raw*5.7`).
 * (kernel.org ABI/testing/sysfs-class-power, sysfs-bus-iio)
 */
const FIELDS = ['houseV', 'houseA', 'houseW', 'starterV', 'soc', 'temperatureC'] as const;
type Field = (typeof FIELDS)[number];

/** One field, its file, the file with the channel's own scale, and what the value is multiplied by. */
export type SysfsInput = {
  readonly field: Field;
  readonly file: string;
  readonly scaleFiles: readonly string[];
  readonly factor: number;
};

const POWER_SUPPLY: readonly SysfsInput[] = [
  { field: 'houseV', file: 'voltage_now', scaleFiles: [], factor: 1e-6 },
  { field: 'houseA', file: 'current_now', scaleFiles: [], factor: 1e-6 },
  { field: 'houseW', file: 'power_now', scaleFiles: [], factor: 1e-6 },
  { field: 'soc', file: 'capacity', scaleFiles: [], factor: 1 },
  { field: 'temperatureC', file: 'temp', scaleFiles: [], factor: 0.1 },
];

/** IIO: `raw × scale` is in millivolts (or milliamperes, millidegrees); the divider's factor comes on top. */
const MILLI = 1e-3;

/** What to read for a URL's query, or the sentence that says what is wrong with it. */
export function sysfsInputs(query: Readonly<Record<string, string>>): readonly SysfsInput[] | string {
  const entries = Object.entries(query);
  if (entries.length === 0) return POWER_SUPPLY;
  const inputs: SysfsInput[] = [];
  for (const [name, value] of entries) {
    const field = FIELDS.find((f) => f === name);
    const m = /^([\w.-]{1,80})(?:\*(-?\d{1,6}(?:\.\d{1,9})?))?$/.exec(value);
    if (!field || !m) return `expected ${FIELDS.join('|')}=file[*factor], got ${name}=${value}`;
    const file = m[1]!;
    const factor = Number(m[2] ?? 1);
    inputs.push(
      file.endsWith('_raw')
        ? { field, file, scaleFiles: scalesOf(file), factor: factor * MILLI }
        : { field, file, scaleFiles: [], factor },
    );
  }
  return inputs;
}

/** `in_voltage0_raw` → its own scale, else the one shared by all channels of its type. */
const scalesOf = (file: string): string[] => [
  file.replace(/_raw$/, '_scale'),
  file.replace(/\d+(-[a-z]+\d+)?_raw$/, '_scale'),
];

/** Ranges outside which a value is no measure of a van. */
const RANGES: Record<Field, readonly [min: number, max: number]> = {
  houseV: [3, 70],
  houseA: [-1000, 1000],
  houseW: [-50_000, 50_000],
  starterV: [3, 40],
  soc: [0, 100],
  temperatureC: [-60, 120],
};

/** The reading of the texts of the files; what is missing, no number or out of range is absent. */
export function readingOfSysfs(
  inputs: readonly SysfsInput[],
  textOf: (file: string) => string | undefined,
): PowerReading {
  const numberIn = (file: string) => {
    const text = textOf(file)?.trim();
    return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  };
  const reading: Partial<Record<Field, number>> = {};
  for (const { field, file, scaleFiles, factor } of inputs) {
    const raw = numberIn(file);
    if (raw === undefined) continue;
    const scale = scaleFiles.map(numberIn).find((s) => s !== undefined) ?? 1;
    const value = Math.round(raw * scale * factor * 1e4) / 1e4;
    const [min, max] = RANGES[field];
    if (value >= min && value <= max) reading[field] = value;
  }
  return reading;
}
