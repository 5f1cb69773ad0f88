import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { parseDocument, stringify } from 'yaml';
import { Agenda } from '../../protocol/agenda.ts';
import type { Clock } from '../../runtime/clock.ts';
import { ConfigError, type Problem, problemsOf } from '../../runtime/configFile.ts';
import type { Log } from '../../runtime/log.ts';
import { contentOf } from '../core/agendaOfVan.ts';
import type { OfficeDb } from './officeDb.ts';
import type { AgendaSource } from './ports.ts';

/**
 * The agenda: a YAML or JSON file that people edit, or the planning page rewrites. Each different content becomes a
 * version, kept for the way back; a number is never used twice and never goes down.
 */
export type AgendaVersion = {
  readonly version: number;
  readonly at: string;
  readonly account: string;
  readonly why: string;
};

export interface AgendaFile extends AgendaSource {
  versions(limit: number): readonly AgendaVersion[];
  version(n: number): Agenda | undefined;
  /** Writes the file and publishes; `base` is the version that was edited: another's edit in between is refused. */
  publish(draft: Agenda, base: number, account: string, why: string): PublishResult;
  /** Publishes above `floor`: a van holds a higher one than ours. */
  publishAbove(floor: number): void;
  /** Why the file as it stands is not in force. */
  problems(): readonly Problem[];
}
export type PublishResult =
  | { readonly kind: 'published'; readonly version: number }
  | { readonly kind: 'unchanged'; readonly version: number }
  | { readonly kind: 'conflict'; readonly version: number };

export type AgendaDeps = {
  readonly path: string;
  readonly db: OfficeDb;
  readonly clock: Clock;
  readonly log: Log;
};

const POLL_MS = 1000;
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Agenda of a text, or every problem in words. */
export function parseAgenda(text: string): { agenda: Agenda } | { problems: Problem[] } {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0)
    return {
      problems: document.errors.map((e) => ({
        path: e.linePos ? `line ${e.linePos[0].line}, column ${e.linePos[0].col}` : '',
        expected: 'valid YAML',
        got: e.message.split('\n')[0]!,
      })),
    };
  const input: unknown = document.toJS({ maxAliasCount: 50 });
  const result = Agenda.safeParse(input);
  return result.success ? { agenda: result.data } : { problems: problemsOf(result.error, input) };
}

/** Throws ConfigError when there is no agenda at all: neither a good file nor an earlier version. */
export function startAgendaFile(deps: AgendaDeps): AgendaFile {
  const { path, db, clock, log } = deps;
  const listeners = new Set<(agenda: Agenda, at: number) => void>();
  const insert = db.prepare('insert into agendas values (?, ?, ?, ?, ?)');
  const select = db.prepare('select text from agendas where version = ?');
  const list = db.prepare('select version, at, account, why from agendas order by version desc limit ?');
  let current = latest(db);
  let problems: readonly Problem[] = [];

  const take = (content: Agenda, account: string, why: string): number => {
    const version = Math.max((current?.agenda.version ?? 0) + 1, content.version);
    const agenda = { ...content, version };
    const at = clock.nowMs();
    insert.run(version, new Date(at).toISOString(), account, why, JSON.stringify(agenda));
    current = { agenda, at };
    log.info({ version, visits: agenda.visits.length, account, why }, 'agenda published');
    for (const listener of listeners) listener(agenda, at);
    return version;
  };

  // Taken before reading: an edit that comes between the two is read at the next look, never missed.
  let stamp = '';
  const read = (): void => {
    stamp = stampOf(path);
    const parsed = readAgenda(path);
    if ('problems' in parsed) {
      problems = parsed.problems;
      log.warn({ path, problems: problems.slice(0, 5) }, 'agenda file is not in force');
      return;
    }
    problems = [];
    if (current && contentOf(current.agenda) === contentOf(parsed.agenda)) return;
    take(parsed.agenda, 'file', 'edited');
  };

  if (!current && !existsSync(path))
    throw new ConfigError(path, [{ path: 'agenda', expected: 'a readable file', got: 'ENOENT' }]);
  if (existsSync(path)) read();
  if (!current) throw new ConfigError(path, problems);
  const stopLooking = clock.every(POLL_MS, () => {
    const now = stampOf(path);
    if (now !== '' && now !== stamp) read();
  });

  return {
    current: () => current?.agenda,
    publishedAt: () => current?.at ?? 0,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    versions: (limit) => list.all(limit) as AgendaVersion[],
    version(n) {
      const row = select.get(n) as { text: string } | undefined;
      return row && (JSON.parse(row.text) as Agenda);
    },
    publish(draft, base, account, why) {
      const held = current!.agenda;
      if (base !== held.version) return { kind: 'conflict', version: held.version };
      if (contentOf(held) === contentOf(draft)) return { kind: 'unchanged', version: held.version };
      const version = Math.max(held.version + 1, draft.version);
      writeAgendaFile(path, { ...draft, version });
      return { kind: 'published', version: take({ ...draft, version }, account, why) };
    },
    publishAbove(floor) {
      if (current && floor >= current.agenda.version)
        take({ ...current.agenda, version: floor + 1 }, 'depot', 'above');
    },
    problems: () => problems,
    stop: stopLooking,
  };
}

function latest(db: OfficeDb): { agenda: Agenda; at: number } | undefined {
  const row = db.prepare('select at, text from agendas order by version desc limit 1').get() as
    | { at: string; text: string }
    | undefined;
  return row && { agenda: JSON.parse(row.text) as Agenda, at: Date.parse(row.at) };
}

/** Changes with every edit; empty while there is no such file. */
function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs}` : '';
}

/** A file that cannot be read, or is gone again, is a problem like any other: the version in force stays. */
function readAgenda(path: string): ReturnType<typeof parseAgenda> {
  try {
    return parseAgenda(statSync(path).size > MAX_FILE_BYTES ? '' : readFileSync(path, 'utf8'));
  } catch (error) {
    const got = (error as NodeJS.ErrnoException).code ?? String(error);
    return { problems: [{ path: 'agenda', expected: 'a readable file', got }] };
  }
}

/** Replaced at once: a reader sees the old file or the new one. */
function writeAgendaFile(path: string, agenda: Agenda): void {
  const text = path.endsWith('.json')
    ? `${JSON.stringify(agenda, null, 2)}\n`
    : `# Written by the depot's planning page; comments are not kept.\n${stringify(agenda)}`;
  const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  writeFileSync(draft, text, { flush: true });
  renameSync(draft, path);
}
