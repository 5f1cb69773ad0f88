import { describe, expect, it } from 'vitest';
import { isoOf } from '../../protocol/time.ts';
import {
  initialPresence,
  PRESENCE_DEFAULTS,
  type PresenceFold,
  type PresenceInput,
  step,
} from '../../visit/presence.ts';
import { act, agenda, arrive, at, fix, leave, north, power, replayed, stand, track, words } from './day.ts';

const moving = (ms: number, metres: number) => fix(ms, metres, { speed: 9 });

describe('presence by GPS alone', () => {
  const plain = [...arrive(at(9, 58)), ...stand(at(9, 58), at(12, 1), 0), ...leave(at(12, 1))];

  it('tells the soft word at the halt, the hard one after 90 s, and leaving within seconds', () => {
    expect(words(replayed(plain))).toEqual([
      '09:58:00 approaching',
      '09:59:30 on_site closed',
      '12:01:09 left',
    ]);
  });

  it('claims the arrival at the halt and the departure at the first turn of the wheel', () => {
    const [, arrived, left] = replayed(plain);
    expect(arrived!.evidence.since).toBe(isoOf(at(9, 58)));
    expect(left!.evidence).toMatchObject({ arrived: isoOf(at(9, 58)), from: 'on_site' });
    expect(Math.abs(Date.parse(left!.evidence.since as string) - at(12, 1))).toBeLessThanOrEqual(3000);
  });

  it('says nothing of a pass and only the soft word of a red light', () => {
    const pass = track(at(9, 50), at(9, 55), (s) => 12 * (s - 150));
    expect(replayed(pass)).toEqual([]);
    const light = [
      ...track(at(9, 50), at(9, 51), (s) => -12 * (60 - s)),
      ...stand(at(9, 51), at(9, 52, 10), 0),
      ...track(at(9, 52, 10), at(9, 53), (s) => 12 * s),
    ];
    const told = replayed(light);
    expect(words(told)).toEqual(['09:51:00 approaching', '09:52:18 planned']);
    expect(told[1]!.because).toBe('Not there yet: 21 s short of 90 s halted');
  });

  it('does not take the next street for the stop', () => {
    expect(words(replayed(stand(at(9, 50), at(10, 4), 125)))).toEqual([]);
  });

  it('does not add up the halts of a jam', () => {
    const jam = Array.from({ length: 12 }, (_, i) => [
      ...stand(at(9, 40) + i * 50_000, at(9, 40) + i * 50_000 + 45_000, -55 + 10 * i),
      ...track(at(9, 40) + i * 50_000 + 45_000, at(9, 40) + i * 50_000 + 50_000, (s) => -55 + 10 * i + 2 * s),
    ]).flat();
    expect(words(replayed(jam)).filter((w) => w.includes('on_site'))).toEqual([]);
  });

  it('keeps presence over a shuffle inside, an outlier and a drift', () => {
    const lines = [
      ...arrive(at(9, 58)),
      ...stand(at(9, 58), at(10, 10), 0),
      ...track(at(10, 10), at(10, 10, 12), (s) => 2 * s),
      ...stand(at(10, 10, 12), at(10, 20), 24),
      ...stand(at(10, 20), at(10, 20, 6), 500),
      ...stand(at(10, 20, 6), at(10, 30), 24),
      ...track(at(10, 30), at(10, 50), (s) => 24 + 60 * Math.sin(s / 300), { speed: 0.1, eph: 30 }),
    ];
    expect(words(replayed(lines))).toEqual(['09:58:00 approaching', '09:59:30 on_site closed']);
  });

  it('averages a doubtful place for ten minutes before it is believed', () => {
    const canyon = track(at(9, 30), at(9, 50), (s) => 62 + 10 * Math.sin(s / 37), { speed: 0.2, eph: 60 });
    expect(words(replayed(canyon))).toEqual(['09:30:00 approaching', '09:40:00 on_site closed']);
  });

  it('tells the departure of a receiver of 30 s with its first moving fix', () => {
    const sparse = [
      ...stand(at(9, 58), at(10, 30), 0, { everyS: 30 }),
      moving(at(10, 30, 20), 60),
      moving(at(10, 30, 50), 400),
    ];
    expect(words(replayed(sparse)).at(-1)).toBe('10:30:20 left');
  });
});

describe('other senses', () => {
  it('believes an engine that is switched off sooner, and one that runs later', () => {
    const halted = [...arrive(at(9, 58)), ...stand(at(9, 58), at(10, 5), 0)];
    const running = [...halted.slice(0, 1), power(at(9, 56), 14.2), ...halted.slice(1)];
    expect(words(replayed(running))[1]).toBe('10:00:00 on_site');
    const stopped = [...running.filter((l) => l.time < isoOf(at(9, 58, 20))), power(at(9, 58, 20), 12.7)];
    expect(words(replayed([...stopped, ...stand(at(9, 58, 20), at(10, 1), 0)]))[1]).toBe(
      '09:58:24 on_site closed',
    );
  });

  it('does not on a start-stop van', () => {
    const plan = agenda({ vehicle: { startStop: true } });
    const lines = [
      ...arrive(at(9, 58)),
      power(at(9, 57), 14.2),
      power(at(9, 58), 12.7),
      ...stand(at(9, 58), at(10, 5), 0),
    ];
    expect(words(replayed(lines, plan))[1]).toBe('09:59:30 on_site closed');
  });

  it('is sooner at a spot that two earlier visits used', () => {
    let state: PresenceFold = initialPresence(PRESENCE_DEFAULTS);
    const told: string[] = [];
    const ask = (input: PresenceInput) => {
      const next = step(state, input, PRESENCE_DEFAULTS);
      state = next.state;
      told.push(...next.changes.map((c) => `${isoOf(c.at).slice(11, 19)} ${c.state}`));
    };
    const spot = { latitude: north(0).lat, longitude: north(0).lon };
    ask({ kind: 'agenda', at: at(9, 0), agenda: agenda() });
    for (let i = 0; i < 2; i++) ask({ kind: 'learnt', at: at(9, 0), learnt: { stop: 'a', spot } });
    for (let s = 0; s < 60; s++) ask({ kind: 'fix', at: at(9, 58, s), ...spot, accuracyM: 5, moving: false });
    expect(told.slice(-2)).toEqual(['09:58:00 approaching', '09:58:20 on_site']);
  });
});

describe('the driver', () => {
  const here = [...arrive(at(9, 58)), ...stand(at(9, 58), at(10, 20), 0)];

  it('wins at once, is labelled, and never moves since', () => {
    const lines = [...here, act(at(9, 58, 30), 'open')].sort((a, b) => (a.time < b.time ? -1 : 1));
    const told = replayed(lines);
    expect(words(told)).toEqual(['09:58:00 approaching', '09:58:30 on_site open']);
    expect(told[1]!.evidence).toMatchObject({
      source: 'crew',
      since: isoOf(at(9, 58)),
      act: { act: 'open', at: isoOf(at(9, 58, 30)) },
    });
    const later = replayed([...here, act(at(10, 20), 'open')]);
    expect(later.at(-1)!.evidence.since).toBe(isoOf(at(9, 58)));
  });

  it('works without any position', () => {
    const told = replayed([power(at(9, 50), 12.5), act(at(10, 1), 'open')]);
    expect(words(told).at(-1)).toBe('10:01:00 on_site open');
    expect(told.at(-1)!.evidence.since).toBeUndefined();
  });

  it('is flagged, neither obeyed nor dropped, where the position contradicts beyond reason', () => {
    const told = replayed([...stand(at(9, 50), at(9, 59), 2000), act(at(9, 59), 'open')]);
    expect(words(told)).toEqual(['09:59:00 planned']);
    expect(told[0]!.evidence).toMatchObject({ contradicted: true, source: 'crew' });
  });

  it('says late, with a range in steps of five minutes', () => {
    const [late] = replayed([fix(at(9, 40), 9000), act(at(9, 41), 'late', { minutes: 23 })]);
    expect(late).toMatchObject({
      state: 'late',
      evidence: { expectedFrom: isoOf(at(10, 20)), expectedTo: isoOf(at(10, 40)), source: 'crew' },
    });
  });

  it('moves the visit: from then on the new circle counts', () => {
    const place = { latitude: north(900).lat, longitude: north(900).lon, name: 'Salle des fêtes' };
    const told = replayed([
      ...stand(at(9, 40), at(9, 41), 3000),
      act(at(9, 41), 'moved', { place }),
      ...stand(at(9, 50), at(9, 55), 0),
      ...stand(at(10, 1), at(10, 4), 900),
    ]);
    expect(words(told)).toEqual([
      '09:41:00 moved',
      '09:42:59 unknown',
      '09:50:00 moved',
      '09:56:59 unknown',
      '10:01:00 approaching',
      '10:02:30 on_site',
    ]);
    expect(told.at(-1)!.movedTo).toEqual(place);
  });

  it('cancels for good, whatever GPS shows; only the driver takes it back', () => {
    const lines = [act(at(9, 30), 'cancelled', { reason: 'panne' }), ...here];
    expect(words(replayed(lines))).toEqual(['09:30:00 cancelled']);
    expect(words(replayed([...lines, act(at(10, 21), 'open')])).at(-1)).toBe('10:21:00 on_site open');
  });

  it('takes a cancellation back with «late by 0», and sees the van that stands there', () => {
    const lines = [act(at(9, 30), 'cancelled', { reason: 'panne' }), ...here];
    const told = replayed([...lines, act(at(10, 20), 'late', { minutes: 0 }), fix(at(10, 20, 1), 0)]);
    expect(words(told).slice(0, 3)).toEqual(['09:30:00 cancelled', '10:20:00 late', '10:20:00 on_site']);
    const soon = replayed([lines[0]!, fix(at(9, 31), 9000), act(at(9, 32), 'late', { minutes: 0 })]);
    expect(words(soon)).toEqual(['09:30:00 cancelled', '09:32:00 planned']);
    expect(soon.at(-1)!.because).toBe('As planned again, said by the driver at 9:32');
  });

  it('takes a move back with «late by 0»: the planned place counts again', () => {
    const place = { latitude: north(3000).lat, longitude: north(3000).lon, name: 'salle' };
    const told = replayed([
      ...stand(at(9, 40), at(9, 50), 3000),
      act(at(9, 50), 'moved', { place }),
      ...stand(at(9, 50, 1), at(9, 55), 3000),
      act(at(9, 55), 'late', { minutes: 0 }),
      ...stand(at(9, 55, 1), at(9, 56), 3000),
    ]);
    expect(words(told)).toEqual(['09:50:00 moved', '09:50:00 on_site closed', '09:55:00 planned']);
    expect(told.at(-1)!.movedTo).toBeUndefined();
  });

  it('takes the driver’s «late» back, and leaves the planner’s cancellation alone', () => {
    const back = [act(at(9, 45), 'late', { minutes: 0 })];
    const late = replayed([fix(at(9, 44), 9000), act(at(9, 44), 'late', { minutes: 20 }), ...back]);
    expect(words(late)).toEqual(['09:44:00 late', '09:45:00 planned']);
    const plan = agenda();
    plan.visits[0]!.cancelled = { reason: 'neige' };
    expect(words(replayed([fix(at(9, 40), 9000), ...back], plan))).toEqual(['09:40:00 cancelled']);
  });
});

describe('absence and not knowing', () => {
  const away = (fromMs: number, toMs: number) => stand(fromMs, toMs, 9000, { everyS: 20 });

  it('is late 5 min into the window with a range, and missed at its end', () => {
    const told = replayed(away(at(9, 0), at(12, 1)));
    expect(words(told)).toEqual(['10:05:00 late', '12:00:00 missed']);
    expect(told[0]!.evidence).toMatchObject({ expectedBy: 'distance', expectedFrom: isoOf(at(10, 10)) });
  });

  it('is not missed while a gap could hide a visit', () => {
    const told = replayed([...away(at(9, 0), at(10, 30)), ...away(at(11, 30), at(12, 1))]);
    expect(words(told)).toEqual(['10:05:00 late', '10:31:40 unknown', '11:30:00 late', '12:00:00 unknown']);
  });

  it('is missed all the same when the gap is too short to come, stay 180 s and go', () => {
    const told = replayed([...away(at(9, 0), at(10, 30)), ...away(at(10, 38), at(12, 1))]);
    expect(words(told).at(-1)).toBe('12:00:00 missed');
  });

  it('is unknown without any position, never late nor missed', () => {
    const lines = Array.from({ length: 400 }, (_, i) => power(at(9, 0) + i * 30_000, 12.6));
    expect(words(replayed(lines))).toEqual(['09:15:00 unknown']);
  });

  it('holds presence through a gap of half an hour, and no longer', () => {
    const lines = [...stand(at(9, 58), at(10, 10), 0), power(at(11, 0), 12.5)];
    expect(words(replayed(lines)).at(-1)).toBe('10:39:59 unknown');
  });

  it('a backlog closes the hole, or shows the visit with the old statement beside it', () => {
    const hole = [...away(at(9, 0), at(10, 30)), ...away(at(11, 30), at(12, 2))];
    const closed = replayed([...hole, ...away(at(10, 30), at(11, 30)), fix(at(12, 3), 9000)]);
    expect(words(closed).at(-1)).toMatch(/missed/);
    const there = replayed([...hole, ...stand(at(10, 45), at(11, 10), 3, { everyS: 10 })]);
    expect(there.at(-1)).toMatchObject({
      state: 'left',
      evidence: { corrects: 'unknown', arrived: isoOf(at(10, 45)) },
    });
  });
});

describe('one visit at a time', () => {
  const twice = agenda({
    visits: [
      { id: 'm', stop: 'a', date: '2026-03-10', from: '09:00', to: '10:00' },
      { id: 'n', stop: 'a', date: '2026-03-10', from: '11:00', to: '12:00' },
    ],
  });

  it('splits the time of one place between its visits', () => {
    const told = replayed(stand(at(8, 50), at(12, 0), 0), twice);
    expect(told.map((t) => `${t.at.slice(11, 16)} ${t.visit} ${t.state}`)).toEqual([
      '08:50 m approaching',
      '08:51 m on_site',
      '10:30 m left',
      '10:30 n on_site',
    ]);
  });

  it('gives circles that meet to the nearer', () => {
    const plan = agenda({
      stops: [
        { id: 'a', name: 'A', commune: '37130', ...north(0), radius: 60 },
        { id: 'b', name: 'B', commune: '37130', ...north(100), radius: 60 },
      ],
      visits: [
        { id: 'va', stop: 'a', date: '2026-03-10', from: '10:00', to: '11:00' },
        { id: 'vb', stop: 'b', date: '2026-03-10', from: '10:00', to: '11:00' },
      ],
    });
    const told = replayed(stand(at(9, 58), at(10, 2), 57), plan);
    expect(told.filter((t) => t.state === 'on_site').map((t) => t.visit)).toEqual(['vb']);
  });

  it('leaves one place by arriving at its neighbour, whose circle meets it', () => {
    const plan = agenda({
      stops: [
        { id: 'a', name: 'A', commune: '37130', ...north(0), radius: 60 },
        { id: 'b', name: 'B', commune: '37130', ...north(100), radius: 60 },
      ],
      visits: [
        { id: 'va', stop: 'a', date: '2026-03-10', from: '09:00', to: '10:00' },
        { id: 'vb', stop: 'b', date: '2026-03-10', from: '10:15', to: '11:00' },
      ],
    });
    const lines = [
      ...stand(at(9, 0), at(10, 5), 0),
      ...track(at(10, 5), at(10, 5, 30), (s) => 2 * s),
      ...stand(at(10, 5, 30), at(10, 8), 60),
    ];
    expect(replayed(lines, plan).map((t) => `${t.at.slice(11, 19)} ${t.visit} ${t.state}`)).toEqual([
      '09:00:00 va approaching',
      '09:01:30 va on_site',
      '10:05:30 vb approaching',
      '10:07:00 va left',
      '10:07:00 vb on_site',
    ]);
  });

  it('takes a polygon as it is drawn', () => {
    const ring = [
      [0.819, 47.039],
      [0.821, 47.039],
      [0.821, 47.0401],
      [0.819, 47.0401],
    ] as [number, number][];
    const plan = agenda({
      stops: [{ id: 'a', name: 'A', commune: '37130', ...north(0), radius: 300, polygon: ring }],
    });
    expect(words(replayed(stand(at(9, 58), at(10, 2), 8), plan)).at(-1)).toMatch(/on_site/);
    expect(words(replayed(stand(at(9, 58), at(10, 2), 80), plan))).toEqual([]);
  });

  it('shows an early or overnight presence as here, not open, from 45 min before', () => {
    const told = replayed(stand(at(6, 0), at(9, 20), 0));
    expect(words(told)).toEqual(['09:15:00 on_site closed']);
    expect(told[0]!.evidence.since).toBe(isoOf(at(6, 0)));
  });
});

describe('the fold', () => {
  const lines = [
    ...arrive(at(9, 58)),
    power(at(9, 58), 14.1),
    ...stand(at(9, 58), at(10, 30), 0),
    act(at(10, 30), 'open'),
    ...stand(at(10, 31), at(10, 40), 0),
    ...leave(at(10, 40)),
  ];

  it('goes on from its JSON after a restart at any moment', () => {
    const inputs: PresenceInput[] = [
      { kind: 'agenda', at: at(9, 0), agenda: agenda() },
      ...Array.from({ length: 300 }, (_, s): PresenceInput => {
        const metres = s < 40 ? -12 * (40 - s) : s < 200 ? 0 : 0.75 * (s - 200) ** 2;
        const { lat: latitude, lon: longitude } = north(metres);
        const isMoving = s < 40 || s > 201;
        return { kind: 'fix', at: at(9, 58, s), latitude, longitude, accuracyM: 5, moving: isMoving };
      }),
    ];
    const run = (restart: boolean) => {
      let state = initialPresence(PRESENCE_DEFAULTS);
      return inputs.flatMap((input) => {
        if (restart) state = JSON.parse(JSON.stringify(state));
        const next = step(state, input, PRESENCE_DEFAULTS);
        state = next.state;
        return next.changes;
      });
    };
    expect(run(false).map((c) => c.state)).toEqual(['approaching', 'on_site', 'left']);
    expect(JSON.stringify(run(true))).toBe(JSON.stringify(run(false)));
  });

  it('finishes a visit under the agenda with which it began, and hears a cancellation', () => {
    let state = initialPresence(PRESENCE_DEFAULTS);
    const ask = (input: PresenceInput) => {
      const next = step(state, input, PRESENCE_DEFAULTS);
      state = next.state;
      return next.changes.map((c) => `${c.agenda} ${c.state}`);
    };
    const spot = { latitude: north(0).lat, longitude: north(0).lon };
    ask({ kind: 'agenda', at: at(9, 0), agenda: agenda() });
    for (let s = 0; s < 100; s++)
      ask({ kind: 'fix', at: at(9, 58, s), ...spot, accuracyM: 5, moving: false });
    const gone = agenda({ version: 4, visits: [] });
    expect(ask({ kind: 'agenda', at: at(10, 5), agenda: gone })).toEqual([]);
    const away = { latitude: north(500).lat, longitude: north(500).lon };
    expect(ask({ kind: 'fix', at: at(10, 6), ...away, accuracyM: 5, moving: true })).toEqual(['3 left']);
    const cancelled = agenda({ version: 5 });
    cancelled.visits[0]!.cancelled = { reason: 'neige' };
    expect(ask({ kind: 'agenda', at: at(10, 7), agenda: cancelled })).toEqual(['3 cancelled']);
    expect(ask({ kind: 'agenda', at: at(10, 8), agenda: agenda({ version: 2 }) })).toEqual([]);
  });

  it('says why in each change, in words that derive from the evidence alone', () => {
    const told = replayed(lines);
    expect(told.map((t) => t.because)).toEqual([
      'Close to the place, halted or at walking pace',
      'Arrived at 9:58 (seen at 10:00): halted with the engine running, 120 s',
      'Open at 10:30, said by the driver (arrived at 9:58)',
      'Left at 10:40 (seen at 10:40)',
    ]);
    expect(told[1]!.evidence).toMatchObject({
      rule: 'presence/1',
      from: 'approaching',
      haltedS: 120,
      neededS: 120,
      neededBy: 'engine_on',
      radiusM: 60,
      toleranceM: 20,
      distanceM: 0,
      accuracyM: 5,
      engine: { state: 'on', starterV: 14.1 },
      window: { from: isoOf(at(10, 0)), to: isoOf(at(12, 0)) },
    });
  });
});
