import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../runtime/clock.ts';
import { runUntilSignal } from '../runtime/lifecycle.ts';
import { makeLog } from '../runtime/log.ts';
import { startBox } from '../simulators/box.ts';
import { STORIES, type StoryName, storyAgenda, storyPlan } from '../simulators/story.ts';
import { makeWorld, type WorldEvent } from '../simulators/world.ts';
import { UsageError } from './exit.ts';

/** `tournee simulate`: a van in a box until a signal; JSON lines of what it does on standard output. */
const USAGE = `usage: tournee simulate [--dir D] [--story ${STORIES.join('|')}] [--faults none|story|storm|name[@start[+seconds]],…]
  [--seed N] [--proxy-listen PORT --proxy-to HOST:PORT] [--agenda FILE] [--timezone Europe/Paris]`;

const OPTIONS = {
  dir: { type: 'string' },
  story: { type: 'string', default: 'demo' },
  faults: { type: 'string', default: 'none' },
  seed: { type: 'string', default: '1' },
  'proxy-listen': { type: 'string' },
  'proxy-to': { type: 'string' },
  agenda: { type: 'string' },
  timezone: { type: 'string', default: 'Europe/Paris' },
  /** As `--story`, as far as «--day reference» is asked. */
  day: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}

function wholeOf(name: string, text: string, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= max)) throw new UsageError(`--${name}: expected a number from 0 to ${max}, got ${text}`);
  return value;
}

function proxyOf(listen: string | undefined, to: string | undefined) {
  if (listen === undefined && to === undefined) return undefined;
  const target = /^([^\s:]+|\[[^\]]+\]):(\d{1,5})$/.exec(to ?? '');
  if (listen === undefined || !target)
    throw new UsageError('--proxy-listen PORT and --proxy-to HOST:PORT go together');
  return {
    listen: wholeOf('proxy-listen', listen, 65_535),
    to: { host: target[1]!, port: wholeOf('proxy-to', target[2]!, 65_535) },
  };
}

export async function run(args: string[]): Promise<number> {
  const values = parse(args);
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const story = values.day ?? values.story;
  if (!STORIES.includes(story as StoryName))
    throw new UsageError(`--story: expected ${STORIES.join('|')}, got ${story}`);
  const startMs = Math.ceil(systemClock.nowMs() / 1000) * 1000;
  const plan = storyPlan(
    story as StoryName,
    values.faults,
    wholeOf('seed', values.seed, 2 ** 32 - 1),
    startMs,
  );
  if (typeof plan === 'string') throw new UsageError(`--faults: ${plan}`);
  const proxy = proxyOf(values['proxy-listen'], values['proxy-to']);
  const agenda = storyAgenda(story as StoryName, startMs, values.timezone);
  if (values.agenda !== undefined) writeFileSync(values.agenda, `${JSON.stringify(agenda, null, 2)}\n`);

  const tell = (event: WorldEvent) =>
    process.stdout.write(
      `${JSON.stringify({ time: new Date(startMs + event.s * 1000).toISOString(), ...event })}\n`,
    );
  // The world's second 0 is a whole second of UTC, as a receiver's epochs are.
  await new Promise((resolve) => setTimeout(resolve, startMs - systemClock.nowMs()));
  const box = await startBox(makeWorld(plan), {
    dir: values.dir ?? mkdtempSync(join(tmpdir(), 'tournee-van-')),
    ...(proxy ? { proxy } : {}),
    clock: systemClock,
    onEvent: tell,
  });
  runUntilSignal(makeLog('simulate', 'error'), async () => box.stop());
  tell({
    s: 0,
    event: 'ready',
    story,
    devices: box.paths,
    ...(box.proxyPort === undefined ? {} : { proxyPort: box.proxyPort }),
    ...(values.agenda === undefined ? { agenda } : { agenda: values.agenda }),
  });
  return new Promise<number>(() => {});
}
