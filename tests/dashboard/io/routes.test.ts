import { describe, expect, it } from 'vitest';
import type { VisitView } from '../../../dashboard/core/vanView.ts';
import { startAgendaPublisher, startStatePublisher } from '../../../dashboard/io/statePublisher.ts';
import type { Agenda } from '../../../protocol/agenda.ts';
import { openStaff } from './parts.ts';

async function staff(vans = ['one', 'two']) {
  const { depot, app, post } = await openStaff({ vans });
  const visit = async (id: string, van = 'one') =>
    ((await app.inject(`/api/vans/${van}`)).json().visits as VisitView[]).find((v) => v.id === id)!;
  return { depot, app, post, visit, get: async (url: string) => (await app.inject(url)).json() };
}

describe('words of the office', () => {
  it('tells once for a press that comes twice, writes it down, and tenants read it', async () => {
    const { post, visit, depot } = await staff();
    const act = { act: 'cancelled', reason: 'véhicule en panne', key: 'k1' };
    expect((await post('/api/visits/v1/acts', act)).statusCode).toBe(201);
    expect((await post('/api/visits/v1/acts', act)).json()).toEqual({ repeated: true });
    const told = await visit('v1');
    expect(told).toMatchObject({ state: 'cancelled', source: 'office' });
    expect(told.statement.fr).toContain('Passage annulé: véhicule en panne.');
    expect(told.officeActs).toHaveLength(1);
    expect(depot.office.prepare('select count(*) as n from words').get()).toEqual({ n: 1 });
  });
  it('corrects with a reason, keeps both, and withdraws', async () => {
    const { post, visit } = await staff();
    expect((await post('/api/visits/v1/corrections', { state: 'left', reason: 'no' })).statusCode).toBe(400);
    const made = (
      await post('/api/visits/v1/corrections', { state: 'left', reason: 'vue par la mairie' })
    ).json();
    expect(await visit('v1')).toMatchObject({
      state: 'left',
      correction: { by: 'local', reason: 'vue par la mairie' },
    });
    const back = await post(`/api/visits/v1/corrections/${made.id}/withdraw`, { reason: 'erreur de jour' });
    expect(back.statusCode).toBe(201);
    expect((await visit('v1')).correction).toBeUndefined();
    expect((await post('/api/visits/nowhere/corrections', { state: 'left', reason: 'vue' })).statusCode).toBe(
      404,
    );
  });
});

describe('the agenda over HTTP', () => {
  const cancelled = (agenda: Agenda): Agenda => ({
    ...agenda,
    visits: agenda.visits.map((v) => (v.id === 'v1' ? { ...v, cancelled: { reason: 'neige' } } : v)),
  });
  it('previews what tenants will read, publishes, reaches the van, and goes back', async () => {
    const { depot, get, post, visit } = await staff();
    const publisher = startAgendaPublisher({ ...depot, vans: ['one', 'two'] });
    const { agenda } = await get('/api/agenda');
    const draft = cancelled(agenda);
    const preview = (await post('/api/agenda/preview', { base: 7, agenda: draft })).json();
    expect(preview.changes).toMatchObject([{ visit: 'v1', kind: 'cancelled' }]);
    expect(preview.communes).toHaveLength(1);
    expect(preview.communes[0]).toMatchObject({ commune: '37130' });
    expect(preview.communes[0].after.fr).toContain('annulé: neige');
    expect((await post('/api/agenda', { base: 6, agenda: draft, why: 'neige' })).statusCode).toBe(409);
    expect((await post('/api/agenda', { base: 7, agenda: draft, why: 'neige' })).json()).toEqual({
      kind: 'published',
      version: 8,
    });
    expect((await visit('v1')).state).toBe('cancelled');
    const sent = depot.published.filter((p) => p.leaf === 'agenda' && p.van === 'one').at(-1);
    expect(sent).toMatchObject({ retained: true, payload: { version: 8, visits: [{ id: 'v1' }] } });
    expect((await post('/api/agenda/back', { version: 7 })).json()).toEqual({
      kind: 'published',
      version: 9,
    });
    expect((await visit('v1')).state).not.toBe('cancelled');
    await publisher.stop();
  });
  it('never removes a visit of today', async () => {
    const { get, post } = await staff();
    const { agenda } = await get('/api/agenda');
    const draft = { ...agenda, visits: agenda.visits.slice(1) };
    expect((await post('/api/agenda/preview', { base: 7, agenda: draft })).json().forbidden).toEqual(['v1']);
    expect((await post('/api/agenda', { base: 7, agenda: draft, why: 'x' })).statusCode).toBe(409);
  });
  it('gives a day to another van in one act', async () => {
    const { get, post } = await staff();
    const { agenda } = await get('/api/agenda');
    const { date } = agenda.visits[0];
    expect((await post('/api/agenda/give', { date, from: 'one', to: 'two' })).statusCode).toBe(200);
    expect((await get('/api/vans/two')).visits.map((v: VisitView) => v.id).sort()).toEqual(['v1', 'v2']);
    expect((await get('/api/vans/one')).visits).toEqual([]);
    expect((await post('/api/agenda/give', { date, from: 'two', to: 'ghost' })).statusCode).toBe(404);
  });
  it('imports what it exports, and says what a file lacks', async () => {
    const { app, get, post } = await staff();
    const { agenda } = await get('/api/agenda');
    for (const name of ['agenda.csv', 'agenda.ics']) {
      const text = (await app.inject(`/api/${name}`)).body;
      expect((await post('/api/agenda/import', { name, text })).json().agenda.visits).toEqual(agenda.visits);
    }
    const bad = await post('/api/agenda/import', { name: 'x.csv', text: 'id;stop;date\na;lig;demain' });
    expect(bad.statusCode).toBe(400);
    expect(bad.json().error).toMatch(/date/);
  });
  it('publishes above a van that holds a higher version', async () => {
    const { depot } = await staff();
    const publisher = startAgendaPublisher({ ...depot, vans: ['one', 'two'] });
    depot.online('one', { agenda: 20 });
    expect(depot.agenda.current()?.version).toBe(21);
    await publisher.stop();
  });
});

describe('days, accounts and traces', () => {
  it('gives a day with its visits, writes the look down, and exports it', async () => {
    const { depot, app, get } = await staff();
    depot.online('one');
    const at = new Date(depot.clock.nowMs() - 1000).toISOString();
    depot.tellRows('one', { kind: 'fix', at, latitude: 47, longitude: 0.8, moving: true });
    depot.tellRows('one', {
      kind: 'visit',
      at,
      visit: 'v1',
      agenda: 7,
      state: 'on_site',
      because: 'x',
      evidence: {},
    });
    const { date } = depot.agenda.current()!.visits[0]!;
    const day = await get(`/api/vans/one/days/${date}`);
    expect(day).toMatchObject({ van: 'one', date, verdict: { kind: 'not_comparable', why: 'no_start' } });
    expect(day.track).toHaveLength(1);
    expect(day.visits).toMatchObject([{ id: 'v1', state: 'on_site' }]);
    expect((await app.inject(`/api/vans/one/days/${date}/track.gpx`)).body).toContain('<trkpt');
    expect((await get('/api/access?van=one')).entries.map((e: { what: string }) => e.what)).toEqual([
      'export',
      'day',
    ]);
    expect((await app.inject('/api/vans/one/days/2026-02-30')).statusCode).toBe(400);
    expect((await app.inject('/api/vans/ghost/days/2026-02-20')).statusCode).toBe(404);
    const month = await get(`/api/accounting/${date.slice(0, 7)}`);
    expect(month.communes.map((c: { name: string; held: number }) => [c.name, c.held])).toEqual([
      ['Ligueil', 1],
      ['Preuilly-sur-Claise', 0],
    ]);
    const csv = await app.inject(`/api/accounting/${date.slice(0, 7)}/communes.csv`);
    expect(csv.headers['content-disposition']).toContain('bilan-');
    expect(csv.body.charCodeAt(0)).toBe(0xfeff);
    expect((await app.inject('/api/accounting/2026-13')).statusCode).toBe(400);
  });
  it('lets a scraper in with a token of its scope alone', async () => {
    const { app, depot, post } = await staff();
    const detail = { sentences: 900, checksum: 3 };
    depot.tellRows('two', { kind: 'event', at: '2026-09-07T08:00:00.000Z', what: 'gps_counters', detail });
    const { token } = (await post('/api/tokens', { name: 'prometheus', scope: 'reader' })).json();
    const headers = { authorization: `Bearer ${token}` };
    const metrics = await app.inject({ url: '/metrics', headers });
    expect(metrics.body).toContain('tournee_van_state{van="one",state="never"} 1');
    expect(metrics.body).toContain('tournee_van_device_count{van="two",device="gps",count="checksum"} 3');
    expect(metrics.body).not.toMatch(/latitude|longitude/);
    const write = await app.inject({
      method: 'POST',
      url: '/api/vans/one/message',
      payload: { text: 'x' },
      headers: { ...headers, 'content-type': 'application/json' },
    });
    expect(write.statusCode).toBe(403);
    const wrong = await app.inject({ url: '/metrics', headers: { authorization: `Bearer ${token}x` } });
    expect(wrong.statusCode).toBe(401);
  });
  it('sweeps what is past its time and proves it', async () => {
    const { depot, post, get } = await staff();
    const old = new Date(depot.clock.nowMs() - 61 * 86_400_000).toISOString();
    depot.tellRows('one', { kind: 'fix', at: old, latitude: 47, longitude: 0.8, moving: true });
    expect((await get('/api/retention')).oldestPosition).toBe(old);
    expect((await post('/api/retention', {})).json()).toMatchObject({ rows: 1 });
    const report = await get('/api/retention');
    expect(report.oldestPosition).toBeUndefined();
    expect(report.days.positions).toBe(60);
  });
});

describe('state topics', () => {
  it('are retained, say a change once, and become unknown with silence', async () => {
    const { depot } = await staff();
    const publisher = startStatePublisher({ ...depot, vans: ['one', 'two'] });
    depot.online('one');
    depot.online('one');
    const of = (leaf: string) => depot.published.filter((p) => p.van === 'one' && p.leaf === leaf);
    expect(of('state/visit').every((p) => p.retained)).toBe(true);
    const before = of('state/link').length;
    depot.online('one');
    expect(of('state/link')).toHaveLength(before);
    await publisher.stop();
  });
});
