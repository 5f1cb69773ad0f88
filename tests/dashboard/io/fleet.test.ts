import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../../dashboard/io/broker.ts';
import { makeFleet } from '../../../dashboard/io/fleet.ts';
import { openOffice } from '../../../dashboard/io/officeDb.ts';
import { buildServer } from '../../../dashboard/io/server.ts';
import { systemClock } from '../../../runtime/clock.ts';
import { silentLog } from '../../../runtime/log.ts';
import { syntheticDepot } from '../syntheticDepot.ts';
import { AGENDA_TODAY, TEST_ASSETS } from './parts.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function fleetOf(cut: (van: string) => void = () => {}) {
  const db = openOffice(':memory:');
  open.push(() => db.close());
  const enrolled: string[] = [];
  const make = () =>
    makeFleet({
      config: [{ id: 'one', name: 'Le un' }],
      secrets: new Map([['one', 'written in a file']]),
      db,
      clock: systemClock,
      cut,
      onEnrolled: (van) => void enrolled.push(van),
    });
  return { make, fleet: make(), db, enrolled };
}

describe('the fleet', () => {
  it('keeps no secret, and knows an enrolled van after a restart', () => {
    const { fleet, make, db, enrolled } = fleetOf();
    const secret = fleet.enrol('two', 'Le deux', 'marie')!;
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(JSON.stringify(db.prepare('select * from enrolled').all())).not.toContain(secret);
    expect(enrolled).toEqual(['two']);
    const again = make();
    expect(again.ids).toEqual(['one', 'two']);
    expect([again.verify('two', secret), again.verify('two', 'x'), again.verify('one', secret)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(again.verify('one', 'written in a file')).toBe(true);
    expect([again.enrol('two', 'x', 'x'), again.enrol('one', 'x', 'x')]).toEqual([undefined, undefined]);
  });
  it('renews without locking out: the old secret holds until the new one is used', () => {
    const { fleet } = fleetOf();
    const fresh = fleet.renew('one', 'marie');
    expect(fleet.list()[0]).toMatchObject({ id: 'one', name: 'Le un', from: 'config', pending: true });
    expect(fleet.verify('one', 'written in a file')).toBe(true);
    expect(fleet.verify('one', fresh)).toBe(true);
    expect(fleet.verify('one', 'written in a file')).toBe(false);
    expect(fleet.list()[0]!.pending).toBeUndefined();
  });
  it('revokes a van of the configuration too; a renewed secret alone brings it back', () => {
    const cut: string[] = [];
    const { fleet } = fleetOf((van) => cut.push(van));
    fleet.revoke('one', 'marie');
    expect([cut, fleet.isRevoked('one'), fleet.verify('one', 'written in a file')]).toEqual([
      ['one'],
      true,
      false,
    ]);
    const fresh = fleet.renew('one', 'marie');
    expect([fleet.isRevoked('one'), fleet.verify('one', 'written in a file')]).toEqual([false, false]);
    expect(fleet.verify('one', fresh)).toBe(true);
  });
});

describe('at the broker', () => {
  it('a revoked van loses its live connection and does not come back', async () => {
    let broker: Broker | undefined;
    const { fleet } = fleetOf((van) => broker!.disconnect(van));
    broker = await startBroker({
      listen: 'mqtt://127.0.0.1:0',
      verify: fleet.verify,
      isRevoked: fleet.isRevoked,
      log: silentLog,
      clock: systemClock,
    });
    broker.take(async () => {});
    open.push(() => broker!.stop());
    const secret = fleet.enrol('two', 'Le deux', 'marie')!;
    const login = { clientId: 'two', username: 'two', password: secret, reconnectPeriod: 0 };
    const client = await connectAsync(broker.url, login);
    open.push(() => client.endAsync(true));
    const closed = new Promise((resolve) => client.once('close', () => resolve(undefined)));
    const revokedAt = performance.now();
    fleet.revoke('two', 'marie');
    await closed;
    expect(performance.now() - revokedAt).toBeLessThan(5000);
    await expect(connectAsync(broker.url, login)).rejects.toThrow();
  });
});

describe('over HTTP', () => {
  it('enrols, shows the secret once, renews and revokes; a lone van’s visits are named first', async () => {
    const depot = await syntheticDepot({ vans: ['one', 'two'], agenda: AGENDA_TODAY() });
    const { app, stop } = await buildServer({ ...depot, assets: TEST_ASSETS });
    open.push(async () => {
      await stop();
      await app.close();
      depot.close();
    });
    const csrf = (await app.inject('/api/session')).json().csrf as string;
    const headers = { 'content-type': 'application/json', 'x-csrf': csrf };
    const post = (url: string, payload: object = {}) => app.inject({ method: 'POST', url, payload, headers });
    const made = await post('/api/fleet', { id: 'three', name: 'Le trois' });
    expect(made.statusCode).toBe(201);
    const { secret } = made.json();
    expect(depot.fleet.verify('three', secret)).toBe(true);
    const listed = await app.inject('/api/fleet');
    expect(listed.body).not.toContain(secret);
    expect(listed.json()).toMatchObject({ ours: true, vans: [{}, {}, { id: 'three', from: 'page' }] });
    expect((await app.inject('/api/vans/three')).json()).toMatchObject({ van: 'three', freshness: 'never' });
    expect((await app.inject('/api/session')).json().vans).toContainEqual({ id: 'three', name: 'Le trois' });
    expect((await post('/api/fleet', { id: 'three', name: 'x' })).statusCode).toBe(409);
    expect((await post('/api/fleet', { id: 'No', name: 'x' })).statusCode).toBe(400);
    expect((await post('/api/fleet/three/revoke')).statusCode).toBe(204);
    expect(depot.cut).toEqual(['three']);
    expect((await post('/api/fleet/nobody/secret')).statusCode).toBe(404);
    expect((await post('/api/fleet/three/secret')).json().secret).not.toBe(secret);
  });
  it('refuses a second van while coming visits name none', async () => {
    const agenda = AGENDA_TODAY();
    const visits = agenda.visits.map(({ van: _, ...visit }) => visit);
    const depot = await syntheticDepot({ vans: ['one'], agenda: { ...agenda, visits } });
    const { app, stop } = await buildServer({ ...depot, assets: TEST_ASSETS });
    open.push(async () => {
      await stop();
      await app.close();
      depot.close();
    });
    const csrf = (await app.inject('/api/session')).json().csrf as string;
    const answer = await app.inject({
      method: 'POST',
      url: '/api/fleet',
      payload: { id: 'two', name: 'Le deux' },
      headers: { 'content-type': 'application/json', 'x-csrf': csrf },
    });
    expect(answer.statusCode).toBe(409);
  });
});
