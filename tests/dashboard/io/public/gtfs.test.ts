import { afterEach, describe, expect, it } from 'vitest';
import type { PublicFacts } from '../../../../visit/public.ts';
import { feedOf, scheduleOf } from '../../../parts/gtfs.ts';
import { realtimeFaults, scheduleFaults } from '../../../parts/gtfsRules.ts';
import { at, factsOf, gps, ZONE } from '../../../parts/publicFacts.ts';
import { publicServer } from '../../../parts/publicServer.ts';
import { ROWS } from '../../../parts/statementRows.ts';

let open: Awaited<ReturnType<typeof publicServer>> | undefined;
afterEach(async () => {
  await open?.app.close();
});
const serve = async (facts: readonly PublicFacts[], nowMs: number) => {
  await open?.app.close();
  open = await publicServer(facts, nowMs);
  return open;
};
type Server = Awaited<ReturnType<typeof serve>>;
const schedule = async ({ app }: Server) => scheduleOf((await app.inject('/public/v1/gtfs.zip')).rawPayload);
const feed = async ({ app }: Server) => feedOf((await app.inject('/public/v1/gtfs-rt.pb')).rawPayload);

const address = 'Place de la Mairie, «devant, la "fontaine"»\n';
const here = factsOf({
  heardMs: at('09:40'),
  address,
  ...gps({ state: 'on_site', arrivedMs: at('09:24'), atMs: at('09:24') }),
});
const PLAN = [
  here,
  factsOf({ id: 'night', stop: 's2', commune: '37115', from: '22:30', to: '01:00' }),
  factsOf({ id: 'spring', date: '2027-03-28', address }),
];

describe('the schedule', () => {
  it('passes the rules of the public validator', async () => {
    const tables = await schedule(await serve(PLAN, at('09:40')));
    expect(scheduleFaults(tables)).toEqual([]);
    expect(tables.stops!.map((row) => row.stop_desc)).toEqual([
      'Place de la Mairie, «devant, la "fontaine"»',
      '',
    ]);
    expect(tables.agency![0]).toMatchObject({ agency_timezone: ZONE, agency_phone: '02 47 00 00 00' });
    expect(tables.feed_info![0]).toMatchObject({ feed_start_date: '20261124', feed_end_date: '20270328' });
  });

  it('counts times from noon minus twelve hours: past midnight, and on a day of 23 hours', async () => {
    const { stop_times } = await schedule(await serve(PLAN, at('09:40')));
    const times = (trip: string) =>
      stop_times!.filter((row) => row.trip_id === trip).map((row) => [row.arrival_time, row.departure_time]);
    expect(times('night')).toEqual([
      ['22:30:00', '25:00:00'],
      ['25:00:00', '25:00:00'],
    ]);
    expect(times('spring')[0]).toEqual(['09:30:00', '12:00:00']);
  });

  it('drops what is past, and is the same bytes while the plan is', async () => {
    const server = await serve([...PLAN, factsOf({ id: 'old', date: '2026-11-23' })], at('09:40'));
    const first = await server.app.inject('/public/v1/gtfs.zip');
    expect(scheduleOf(first.rawPayload).trips!.map((row) => row.trip_id)).toEqual(['v1', 'night', 'spring']);
    server.source.set([
      { ...here, ...gps({ state: 'left', leftMs: at('09:50'), atMs: at('09:50') }) },
      ...PLAN.slice(1),
    ]);
    await server.clock.advance(600_000);
    const second = await server.app.inject('/public/v1/gtfs.zip');
    expect(second.rawPayload.equals(first.rawPayload)).toBe(true);
    expect(second.headers.etag).toBe(first.headers.etag);
  });

  it('has rules that can fail', async () => {
    const tables = await schedule(await serve(PLAN, at('09:40')));
    const broken = {
      ...tables,
      stops: tables.stops!.slice(1),
      agency: [{ ...tables.agency![0]!, agency_timezone: 'Europe/Tours' }],
      stop_times: tables.stop_times!.map((row) => ({ ...row, departure_time: '09:00:00' })),
    };
    const found = scheduleFaults(broken).join();
    for (const rule of [
      'foreign_key_violation stop_times.stop_id s1',
      'invalid_timezone',
      'departure_before_arrival',
    ])
      expect(found).toContain(rule);
  });
});

describe('the live feed', () => {
  it.each(ROWS)('passes the rules of the public validator: $name', async ({ now, facts, state, fr, en }) => {
    const server = await serve([factsOf(facts)], now);
    const tables = await schedule(server);
    if (!tables.trips?.length) return;
    const live = await feed(server);
    expect(realtimeFaults(live, tables, now)).toEqual([]);
    if (state === 'planned' && live.alerts.length === 0) expect(live.updates).toEqual([]);
    else expect(live.alerts[0]!.description).toEqual({ fr, en });
  });

  it('says when it came, and never where it is', async () => {
    const live = await feed(await serve(PLAN, at('09:40')));
    expect(live.updates).toEqual([
      {
        trip: 'v1',
        date: '20261124',
        relationship: 0,
        route: 'agence-mobile',
        hasVehicle: false,
        timestamp: at('09:40') / 1000,
        stops: [
          {
            sequence: 1,
            stop: undefined,
            arrival: { time: at('09:24') / 1000, uncertainty: undefined },
            departure: { time: at('12:00') / 1000, uncertainty: undefined },
            relationship: 0,
          },
        ],
      },
    ]);
  });

  it('never gives another content the same stamp, nor an older one', async () => {
    const server = await serve(PLAN, at('09:40'));
    const first = (await feed(server)).timestamp!;
    server.source.set([{ ...here, ...gps({ state: 'left', leftMs: at('09:40'), atMs: at('09:40') }) }]);
    await server.clock.advance(100);
    const second = await feed(server);
    expect(second.updates[0]!.stops[0]!.departure!.time).toBe(at('09:40') / 1000);
    expect(second.timestamp).toBeGreaterThan(first);
  });

  it('is made again before it is 35 s old', async () => {
    const server = await serve(PLAN, at('09:40'));
    const first = (await feed(server)).timestamp!;
    await server.clock.advance(20_000);
    expect((await feed(server)).timestamp! - first).toBeGreaterThanOrEqual(20);
  });

  it('has rules that can fail', async () => {
    const server = await serve(PLAN, at('09:40'));
    const [tables, live] = [await schedule(server), await feed(server)];
    const update = live.updates[0]!;
    const stop = update.stops[0]!;
    const broken = {
      ...live,
      ids: ['a', 'a'],
      updates: [{ ...update, trip: 'nobody', stops: [stop, { ...stop, relationship: 2 }] }],
      alerts: [{ ...live.alerts[0]!, informed: [] }],
    };
    const found = realtimeFaults(broken, tables, at('09:40') + 3_600_000).join();
    for (const code of ['E052', 'E003', 'E036', 'E042', 'E032', 'W008']) expect(found).toContain(code);
  });
});
