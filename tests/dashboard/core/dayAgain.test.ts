import { describe, expect, it } from 'vitest';
import { dayAgain, MAX_POINTS } from '../../../dashboard/core/dayAgain.ts';
import type { StoredRow } from '../../../dashboard/core/feed.ts';
import { geojsonOf, gpxOf } from '../../../dashboard/core/trackFormats.ts';
import { verdictAgain } from '../../../dashboard/core/verdictAgain.ts';
import type { Agenda } from '../../../protocol/agenda.ts';
import { destination } from '../../../protocol/geo.ts';
import type { Row } from '../../../protocol/rows.ts';
import { isoOf, msOf } from '../../../protocol/time.ts';
import {
  initialPresence,
  inputOfRow,
  PRESENCE_DEFAULTS,
  rowOfChange,
  step,
} from '../../../visit/presence.ts';

const T0 = msOf('2026-11-24T08:00:00.000Z')!;
const MINUTE = 60_000;
const stored = (rows: readonly Row[], after = 0): StoredRow[] => {
  let [bulk, urgent] = [0, 0];
  return rows.map((row) => {
    const isUrgent = row.kind === 'visit' || row.kind === 'gap';
    return {
      van: 'one',
      journal: 'j',
      lane: isUrgent ? 'urgent' : 'bulk',
      seq: isUrgent ? ++urgent : ++bulk,
      ...(isUrgent ? { after: bulk + after } : {}),
      text: '',
      row,
      receivedAt: T0,
    };
  });
};
const fix = (minute: number, latitude = 47): Row => ({
  kind: 'fix',
  at: isoOf(T0 + minute * MINUTE),
  latitude,
  longitude: 0.8,
  moving: true,
});

describe('a day again', () => {
  it('breaks the track where nothing came for three minutes and where the receiver was lost', () => {
    const lost: Row = { kind: 'lost', at: isoOf(T0 + 8 * MINUTE) };
    const day = dayAgain(stored([fix(0), fix(1), fix(5), fix(6), lost, fix(8.5), fix(2)]));
    expect(day.track.map((piece) => piece.length)).toEqual([2, 2, 1]);
    expect(day.gaps).toEqual([
      { fromMs: T0 + MINUTE, toMs: T0 + 5 * MINUTE },
      { fromMs: T0 + 6 * MINUTE, toMs: T0 + 8.5 * MINUTE },
    ]);
  });
  it('keeps a full day of 1 Hz drawable, ends included', () => {
    const rows = Array.from({ length: 40_000 }, (_, n) => fix(n / 60));
    const [piece] = dayAgain(stored(rows)).track;
    expect(piece!.length).toBeLessThanOrEqual(MAX_POINTS);
    expect([piece![0]![0], piece!.at(-1)![0]]).toEqual([T0, T0 + 39_999_000]);
  });
  it('orders measures by their own time', () => {
    const power = (minute: number): Row => ({
      kind: 'power',
      at: isoOf(T0 + minute * MINUTE),
      soc: 80 - minute,
    });
    expect(dayAgain(stored([power(3), power(1)])).power.map((p) => p[1])).toEqual([79, 77]);
  });
  it('writes GPX with its name escaped, and GeoJSON, without speed', () => {
    const { track } = dayAgain(stored([fix(0), fix(1)]));
    expect(gpxOf('<van>', track)).toContain('<name>&lt;van&gt;</name><trkseg><trkpt lat="47" lon="0.8">');
    expect(geojsonOf('van', track)).toMatchObject({
      features: [
        {
          geometry: {
            coordinates: [
              [0.8, 47],
              [0.8, 47],
            ],
          },
        },
      ],
    });
    expect(JSON.stringify(geojsonOf('van', track))).not.toContain('speed');
  });
});

describe('the verdict again', () => {
  const STOP = { latitude: 47.0421, longitude: 0.8189 };
  const agenda: Agenda = {
    version: 1,
    timezone: 'Europe/Paris',
    stops: [
      { id: 's', name: 'Ligueil', commune: '37130', lat: STOP.latitude, lon: STOP.longitude, radius: 80 },
    ],
    visits: [{ id: 'v1', stop: 's', date: '2026-11-24', from: '09:15', to: '10:15' }],
  };

  /** The rows of a morning as a van journals them: drive in, stand, drive away; verdicts by the van's own rule. */
  function morning(): StoredRow[] {
    let presence = step(
      initialPresence(PRESENCE_DEFAULTS),
      { kind: 'agenda', at: T0, agenda },
      PRESENCE_DEFAULTS,
    );
    const rows: Row[] = [{ kind: 'snapshot', at: isoOf(T0), rule: 'presence-1', state: presence.state }];
    const ask = (input: Parameters<typeof step>[1]) => {
      presence = step(presence.state, input, PRESENCE_DEFAULTS);
      rows.push(...presence.changes.map(rowOfChange));
      for (const learnt of presence.learnt)
        rows.push({ kind: 'learnt', at: isoOf(input.at), learnt: { ...learnt } });
    };
    for (let s = 0; s < 3600; s += 5) {
      const out = s < 900 ? (900 - s) * 4 : s < 3000 ? 3 : (s - 3000) * 4;
      const place = destination(STOP, out, 40);
      const row: Row = {
        kind: 'fix',
        at: isoOf(T0 + s * 1000),
        latitude: place.latitude,
        longitude: place.longitude,
        accuracyM: 4,
        moving: s < 900 || s >= 3000,
      };
      const input = inputOfRow(row)!;
      for (let due = presence.nextAt; due !== undefined && due < input.at; due = presence.nextAt) {
        ask({ kind: 'tick', at: due });
        if (presence.nextAt === due) break;
      }
      rows.push(row);
      ask(input);
    }
    return stored(rows);
  }

  it('is the van’s, row for row', () => {
    const rows = morning();
    const told = rows
      .filter(({ row }) => row.kind === 'visit')
      .map(({ row }) => (row as { state: string }).state);
    expect(told).toEqual(expect.arrayContaining(['on_site', 'left']));
    expect(verdictAgain(rows)).toEqual({ kind: 'same', changes: told.length });
  });
  it('says where it differs', () => {
    const rows = morning().map((s) =>
      s.row.kind === 'visit' && s.row.state === 'on_site'
        ? { ...s, row: { ...s.row, state: 'late' as const } }
        : s,
    );
    expect(verdictAgain(rows)).toMatchObject({
      kind: 'differs',
      differences: [{ van: 'late', depot: 'on_site' }],
    });
  });
  it('is not compared without a start, across a gap, or before the bulk is there', () => {
    const rows = morning();
    const gap: Row = {
      kind: 'gap',
      at: null,
      lane: 'bulk',
      journal: 'j',
      from: 1,
      to: 2,
      reason: 'disk_full',
    };
    expect(verdictAgain([])).toEqual({ kind: 'not_comparable', why: 'no_rows' });
    expect(verdictAgain(rows.slice(1))).toEqual({ kind: 'not_comparable', why: 'no_start' });
    expect(verdictAgain([...rows, ...stored([gap])])).toEqual({ kind: 'not_comparable', why: 'gap' });
    const ahead = rows.filter(({ lane, seq }) => lane === 'urgent' || seq < 100);
    expect(verdictAgain(ahead)).toEqual({ kind: 'not_comparable', why: 'behind' });
    const other = rows.map((s) =>
      s.row.kind === 'snapshot' ? { ...s, row: { ...s.row, rule: 'presence-0' } } : s,
    );
    expect(verdictAgain(other)).toEqual({ kind: 'not_comparable', why: 'rule' });
  });
  it('uses the settings that the van told, and does not compare a day on which they changed', () => {
    const rows = morning();
    const settings = (dwellMs: number): Extract<Row, { kind: 'settings' }> => ({
      kind: 'settings',
      at: isoOf(T0 - MINUTE),
      settings: { presence: { ...PRESENCE_DEFAULTS, dwellMs } },
    });
    expect(verdictAgain(rows, settings(PRESENCE_DEFAULTS.dwellMs)).kind).toBe('same');
    expect(verdictAgain(rows, settings(20 * 60_000)).kind).toBe('differs');
    expect(verdictAgain([...rows, ...stored([settings(1)])], settings(2))).toEqual({
      kind: 'not_comparable',
      why: 'rule',
    });
  });
});
