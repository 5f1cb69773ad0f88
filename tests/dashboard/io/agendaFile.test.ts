import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { type AgendaFile, startAgendaFile } from '../../../dashboard/io/agendaFile.ts';
import { type OfficeDb, openOffice } from '../../../dashboard/io/officeDb.ts';
import type { Agenda } from '../../../protocol/agenda.ts';
import { systemClock } from '../../../runtime/clock.ts';
import { ConfigError } from '../../../runtime/configFile.ts';
import { silentLog } from '../../../runtime/log.ts';

const AGENDA: Agenda = {
  version: 5,
  timezone: 'Europe/Paris',
  stops: [{ id: 'lig', name: 'Ligueil', commune: '37130', lat: 47, lon: 0.8, radius: 80 }],
  visits: [{ id: 'v1', stop: 'lig', date: '2026-11-24', from: '09:30', to: '12:00' }],
};
const later = (to: string): Agenda => ({ ...AGENDA, visits: [{ ...AGENDA.visits[0]!, to }] });

let folder: string;
let db: OfficeDb;
let parts: AgendaFile[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agenda-'));
  db = openOffice(join(folder, 'office.db'));
  parts = [];
});
afterEach(() => {
  for (const part of parts) void part.stop();
  db.close();
  rmSync(folder, { recursive: true, force: true });
});
const path = () => join(folder, 'agenda.yaml');
function start(): AgendaFile {
  const part = startAgendaFile({ path: path(), db, clock: systemClock, log: silentLog });
  parts.push(part);
  return part;
}
const put = (agenda: object | string) =>
  writeFileSync(path(), typeof agenda === 'string' ? agenda : JSON.stringify(agenda));

describe('agenda file', () => {
  it('publishes the file’s version, and the same content is no new version after a restart', () => {
    put(AGENDA);
    expect(start().current()?.version).toBe(5);
    expect(start().current()?.version).toBe(5);
    expect(start().versions(10)).toHaveLength(1);
  });
  it('gives a change seen at start the next number', () => {
    put(AGENDA);
    start();
    put(later('12:30'));
    expect(start().current()).toMatchObject({ version: 6, visits: [{ to: '12:30' }] });
  });
  it('takes an edit while it runs', async () => {
    put(AGENDA);
    const agenda = start();
    const told: number[] = [];
    agenda.subscribe(({ version }) => told.push(version));
    put(later('13:00'));
    await vi.waitFor(() => expect(told).toEqual([6]), 20_000);
  });
  it('goes on with the version in force when what stands at the path cannot be read', async () => {
    put(AGENDA);
    const agenda = start();
    rmSync(path());
    mkdirSync(path());
    await vi.waitFor(() => expect(agenda.problems().map((p) => p.got)).toEqual(['EISDIR']), 20_000);
    expect(agenda.current()?.version).toBe(5);
    rmSync(path(), { recursive: true });
    put(later('14:00'));
    await vi.waitFor(() => expect(agenda.current()?.version).toBe(6), 20_000);
    expect(agenda.problems()).toEqual([]);
  });
  it('keeps the last good version in force and names every problem', () => {
    put(AGENDA);
    start();
    put({ ...AGENDA, stops: [{ ...AGENDA.stops[0], lat: 'north' }], visits: [{ id: 'x' }] });
    const agenda = start();
    expect(agenda.current()?.version).toBe(5);
    expect(agenda.problems().map((p) => p.path)).toEqual(
      expect.arrayContaining(['stops.0.lat', 'visits.0.stop']),
    );
  });
  it('refuses to begin with nothing good at all', () => {
    expect(start).toThrow(ConfigError);
    put('stops: [');
    expect(start).toThrow(/valid YAML/);
  });
  it('writes what a planner publishes, refuses an edit of an older base, and finds the way back', () => {
    put(AGENDA);
    const agenda = start();
    expect(agenda.publish(later('12:30'), 5, 'Anne', 'mairie')).toEqual({ kind: 'published', version: 6 });
    expect(parse(readFileSync(path(), 'utf8'))).toMatchObject({ version: 6, visits: [{ to: '12:30' }] });
    expect(agenda.publish(later('13:00'), 5, 'Luc', 'autre')).toEqual({ kind: 'conflict', version: 6 });
    expect(agenda.publish(later('12:30'), 6, 'Luc', 'rien')).toEqual({ kind: 'unchanged', version: 6 });
    expect(agenda.publish(agenda.version(5)!, 6, 'Anne', 'retour')).toEqual({
      kind: 'published',
      version: 7,
    });
    expect(agenda.versions(10).map((v) => [v.version, v.account])).toEqual([
      [7, 'Anne'],
      [6, 'Anne'],
      [5, 'file'],
    ]);
    expect(start().current()?.version).toBe(7);
  });
  it('publishes above a version that a van already holds', () => {
    put(AGENDA);
    const agenda = start();
    agenda.publishAbove(9);
    expect(agenda.current()?.version).toBe(10);
    agenda.publishAbove(4);
    expect(agenda.current()?.version).toBe(10);
  });
});
