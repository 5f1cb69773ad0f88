import { parseArgs } from 'node:util';
import { DepotConfig } from '../dashboard/config.ts';
import { openStoreForExport } from '../dashboard/io/store/exportRows.ts';
import { openJournalForExport } from '../gateway/io/journalExport.ts';
import { readConfigFile } from '../runtime/configFile.ts';
import { UsageError } from './exit.ts';
import { EXPORT_FORMATS, type ExportedRow, formatExport } from './exportFormats.ts';

/**
 * `tournee export --journal F` on board, `--config F` at the depot: rows as JSON lines, journals in the order of their
 * chain, then lane and seq; equal on both sides for the same row. Read-only, beside the running daemon.
 */
const USAGE =
  'usage: tournee export --journal FILE | --config FILE [--van V] [--format jsonl|gpx|geojson|csv]';

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      journal: { type: 'string' },
      config: { type: 'string' },
      van: { type: 'string' },
      format: { type: 'string', default: 'jsonl' },
    },
  });
  const format = EXPORT_FORMATS.find((f) => f === values.format);
  if (!format) throw new UsageError(`--format: expected ${EXPORT_FORMATS.join('|')}, got ${values.format}`);
  if ((values.journal === undefined) === (values.config === undefined)) throw new UsageError(USAGE);
  const source =
    values.journal !== undefined ? journalRows(values.journal) : depotRows(values.config!, values.van);
  for await (const text of formatExport(source, format)) await print(text);
  return 0;
}

async function* journalRows(path: string): AsyncGenerator<ExportedRow> {
  const file = openJournalForExport(path);
  if (!file) throw new UsageError(`--journal: expected a journal file, got ${path}`);
  try {
    yield* file.lines();
  } finally {
    file.close();
  }
}

async function* depotRows(configFile: string, van: string | undefined): AsyncGenerator<ExportedRow> {
  const config = readConfigFile(configFile, DepotConfig);
  const path = /^sqlite:(.+)$/.exec(config.store)?.[1];
  const file = path === undefined ? undefined : openStoreForExport(path);
  if (!file)
    throw new UsageError(`store: expected a SQLite store that exists, got ${config.store.split('@').at(-1)}`);
  try {
    yield* file.lines(van);
  } finally {
    file.close();
  }
}

/** Waits for the reader: an export of a million rows must not sit in memory. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
}
