import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { buildServer } from '../../../dashboard/io/server.ts';
import { isoOf } from '../../../protocol/time.ts';
import { localDate } from '../../../visit/format.ts';
import { syntheticDepot } from '../syntheticDepot.ts';
import { AGENDA_TODAY, TEST_ASSETS } from './parts.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function staff(config = {}) {
  const depot = await syntheticDepot({ vans: ['one'], agenda: AGENDA_TODAY(), config });
  const { app, stop } = await buildServer({ ...depot, assets: TEST_ASSETS });
  open.push(async () => {
    await stop();
    await app.close();
    depot.close();
  });
  const csrf = (await app.inject('/api/session')).json().csrf as string;
  const post = (url: string, payload: object) =>
    app.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': 'application/json', 'x-csrf': csrf },
    });
  return { depot, app, post };
}

describe('a driver’s request', () => {
  it('gives all of a van, looks included; erases places and measures; both are written down', async () => {
    const { depot, app, post } = await staff();
    const at = isoOf(depot.clock.nowMs());
    depot.tellRows('one', { kind: 'fix', at, latitude: 47, longitude: 0.8, moving: true }, {
      kind: 'act',
      at,
      act: 'open',
      key: 'k1',
      visit: 'v1',
      by: 'cab',
    } as never);
    await post('/api/watch', { van: 'one' });
    const today = localDate(depot.clock.nowMs(), 'Europe/Paris');
    const url = `/api/vans/one/everything.json?from=${today}&to=${today}`;
    const held = (await app.inject(url)).json();
    expect(held.rows.map((row: { kind: string }) => row.kind)).toEqual(['fix', 'act']);
    expect(held.looks).toMatchObject([{ account: 'local', van: 'one', what: 'live' }]);
    expect((await app.inject('/api/access?van=one')).json().entries[0]).toMatchObject({ what: 'export' });

    const span = { from: today, to: today, reason: 'demande du 24 novembre' };
    expect((await post('/api/vans/one/erase', { ...span, reason: '' })).statusCode).toBe(400);
    expect((await post('/api/vans/one/erase', span)).json()).toEqual({ rows: 1 });
    const left = (await app.inject(url)).json();
    expect(left.rows.map((row: { kind: string }) => row.kind)).toEqual(['act']);
    const { sweeps } = (await app.inject('/api/retention')).json();
    expect(sweeps).toContainEqual(
      expect.objectContaining({ rows: 1, request: { van: 'one', ...span, by: 'local' } }),
    );
    expect((await app.inject('/api/vans/two/everything.json?from=x&to=y')).statusCode).toBe(404);
    expect((await app.inject('/api/vans/one/everything.json?from=x&to=y')).statusCode).toBe(400);
  });
});

describe('the operator’s own basemap', () => {
  it('is served to the staff and named in the session; a broken one is a mistake of the configuration', async () => {
    const path = join(tmpdir(), `basemap-${process.pid}.json`);
    writeFileSync(path, '{"type":"FeatureCollection","features":[]}');
    const { app } = await staff({ basemap: { geojson: path } });
    expect((await app.inject('/api/session')).json().basemap.geojson).toBe('/api/basemap.geojson');
    expect((await app.inject('/api/basemap.geojson')).json()).toMatchObject({ type: 'FeatureCollection' });
    writeFileSync(path, 'not json');
    await expect(staff({ basemap: { geojson: path } })).rejects.toThrow();
  });
});
