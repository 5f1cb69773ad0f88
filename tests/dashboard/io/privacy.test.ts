import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isoOf } from '../../../protocol/time.ts';
import { localDate } from '../../../visit/format.ts';
import { openStaff } from './parts.ts';

describe('a driver’s request', () => {
  it('gives all of a van, looks included; erases places and measures; both are written down', async () => {
    const { depot, app, post } = await openStaff();
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
    const { app } = await openStaff({ config: { basemap: { geojson: path } } });
    expect((await app.inject('/api/session')).json().basemap.geojson).toBe('/api/basemap.geojson');
    expect((await app.inject('/api/basemap.geojson')).json()).toMatchObject({ type: 'FeatureCollection' });
    writeFileSync(path, 'not json');
    await expect(openStaff({ config: { basemap: { geojson: path } } })).rejects.toThrow();
  });
});
