import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { openJournalForExport } from '../gateway/io/journalExport.ts';
import { Agenda, Stop } from '../protocol/agenda.ts';
import { readConfigFile } from '../runtime/configFile.ts';
import { UsageError } from './exit.ts';
import { lineOfChange, makeReplay } from './replayFold.ts';
import { replayJournal } from './replayJournal.ts';

/**
 * `tournee replay --agenda F --fixes F|-` and `tournee replay --journal F`: the presence changes of a day, as JSON
 * lines, by the van's own rule (DESIGN §6). Standard input is answered as lines come; the end of it prints nothing.
 */
const USAGE = 'usage: tournee replay --agenda FILE --fixes FILE|- | tournee replay --journal FILE';

/** Presence does not ask for the commune: a file without real INSEE codes is replayed all the same. */
const ReplayAgenda = Agenda.extend({
  stops: z.array(Stop.extend({ commune: z.coerce.string().optional() })),
});

/** A longer line is none of ours; it is dropped without being held. */
const MAX_LINE = 65_536;

export async function run(args: string[]): Promise<number> {
  const { agenda, fixes, journal } = optionsOf(args);
  if (journal !== undefined) {
    if (agenda !== undefined || fixes !== undefined) throw new UsageError(USAGE);
    await printJournal(journal);
    return 0;
  }
  if (agenda === undefined || fixes === undefined) throw new UsageError(USAGE);
  await printFixes(readConfigFile(agenda, ReplayAgenda) as Agenda, fixes);
  return 0;
}

function optionsOf(args: string[]) {
  try {
    return parseArgs({
      args,
      options: { agenda: { type: 'string' }, fixes: { type: 'string' }, journal: { type: 'string' } },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}

async function printFixes(agenda: Agenda, path: string): Promise<void> {
  const replay = makeReplay(agenda);
  for await (const lines of chunksOf(path)) {
    const told = lines.flatMap((line) => replay.push(line));
    await print(told.map((row) => `${lineOfChange(row)}\n`).join(''));
  }
  process.stderr.write(`${JSON.stringify(replay.counters)}\n`);
}

async function printJournal(path: string): Promise<void> {
  const journal = openJournalForExport(path);
  if (!journal) throw new UsageError(`--journal: expected a journal file, got ${path}`);
  try {
    for (const row of replayJournal(journal.merged())) await print(`${lineOfChange(row)}\n`);
  } finally {
    journal.close();
  }
}

/** The complete lines of each chunk as it comes, and the last line though no newline ends it. */
async function* chunksOf(path: string): AsyncGenerator<string[]> {
  const stream = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 18 });
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = lines.pop()!;
      if (rest.length > MAX_LINE) rest = rest.slice(0, MAX_LINE);
      yield lines.filter((line) => line !== '' && line.length < MAX_LINE);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`--fixes: expected a readable file, got ${path} (${code})`);
  }
  if (rest !== '' && rest.length < MAX_LINE) yield [rest];
}

async function print(text: string): Promise<void> {
  if (text !== '' && !process.stdout.write(text))
    await new Promise((resolve) => process.stdout.once('drain', resolve));
}
