import { afterEach, describe, expect, it } from 'vitest';
import type { Agenda } from '../../../protocol/agenda.ts';
import { isoOf } from '../../../protocol/time.ts';
import { type Depot, makeRig, type Rig, VAN, type Van } from '../../parts/rig.ts';

/** The driver's side through the real van and depot on one fake clock: what is told there arrives here, and stays. */

const START_MS = Date.UTC(2026, 10, 24, 8);
const AGENDA: Agenda = {
  version: 1,
  timezone: 'Europe/Paris',
  stops: [{ id: 's', name: 'Ligueil, mairie', commune: '37130', lat: 47.04, lon: 0.82, radius: 60 }],
  visits: [{ id: 'v', stop: 's', date: '2026-11-24', from: '10:00', to: '12:00' }],
};

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

/** Turns of clock and loop until it holds. */
async function until(what: string, holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 4000; turn++) {
    if (holds()) return;
    await rig!.clock.advance(50);
    for (let n = 0; n < 4; n++) await new Promise((r) => setImmediate(r));
  }
  throw new Error(`never: ${what}`);
}
const pass = async (ms: number) => {
  for (let at = 0; at < ms; at += 1000) await rig!.clock.advance(1000);
};

async function start(): Promise<{ depot: Depot; van: Van }> {
  rig = makeRig(START_MS, AGENDA);
  const depot = await rig.startDepot();
  return { depot, van: rig.startVan('boot-1') };
}
function knowTime(van: Van): void {
  van.host.observe({ utcMs: rig!.clock.nowMs(), monoMs: rig!.clock.monotonicMs(), source: 'ntp' });
}
const viewAt = (depot: Depot) => depot.views.state().vans.get(VAN)!.view;
const rowsOf = (van: Van, kind: string) =>
  [...van.journal.merged()].flatMap(({ row }) => (row.kind === kind ? [row] : []));
const battery = (van: Van, houseV: number) =>
  van.host.offer({ kind: 'power', reading: { houseV, houseA: -8 } });
/** A staff member's write, as the depot's page makes it. */
async function asStaff(depot: Depot, body: object): Promise<RequestInit> {
  const { csrf } = (await (await fetch(`${depot.url}/api/session`)).json()) as { csrf: string };
  const headers = { 'content-type': 'application/json', 'x-csrf': csrf };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}
/** A reading a second for so long. */
async function sag(van: Van, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 1000) {
    battery(van, 11.4);
    await rig!.clock.advance(1000);
  }
}

describe('a van that knows no time and has no network', () => {
  it('raises the battery without a date, shows it, and is not told twice of it after a restart', async () => {
    rig = makeRig(START_MS, AGENDA);
    const van = rig.startVan('boot-1');
    await sag(van, 130_000);
    expect(rowsOf(van, 'alert')).toMatchObject([
      { alert: 'house_battery', change: 'raised', at: null, boot: 'boot-1', monoMs: expect.any(Number) },
    ]);
    const view = van.cabEngine.view();
    expect(view.at).toBeUndefined();
    expect(view.alerts.map((a) => a.alert)).toEqual(['house_battery']);
    expect(view.gps.state).toBe('none');
    await van.stop();
    const again = rig.startVan('boot-1');
    await sag(again, 200_000);
    expect(again.cabEngine.view().alerts.map((a) => a.alert)).toEqual(['house_battery']);
    expect(rowsOf(again, 'alert')).toHaveLength(1);
  });

  it('dates the alert for the driver once the time is known', async () => {
    rig = makeRig(START_MS, AGENDA);
    const van = rig.startVan('boot-1');
    await sag(van, 130_000);
    const raisedMs = START_MS + 120_000;
    await pass(60_000);
    knowTime(van);
    const [alert] = van.cabEngine.view().alerts;
    expect(Math.abs(alert!.raisedAt! - raisedMs)).toBeLessThan(15_000);
    expect(
      rowsOf(van, 'alert').filter((row) => row.kind === 'alert' && row.change === 'raised'),
    ).toHaveLength(1);
  });
});

describe('a boot without GPS and network', () => {
  it('offers the visits of the agenda to speak of, and dates what was told once the time is known', async () => {
    const { depot, van } = await start();
    knowTime(van);
    await until('agenda taken', () => van.host.state().agenda !== undefined);
    await van.stop();
    await depot.stop();
    const dark = rig!.startVan('boot-2');
    const view = dark.cabEngine.view();
    expect([view.at, view.current, view.next]).toEqual([undefined, undefined, undefined]);
    expect(view.visits.map((v) => v.visit)).toEqual(['v']);
    expect(dark.cabEngine.act({ key: 'late-in-the-dark', act: 'late', minutes: 20, visit: 'v' })).toEqual({
      ok: true,
    });
    expect(rowsOf(dark, 'act')).toMatchObject([{ act: 'late', at: null, boot: 'boot-2' }]);
    expect(dark.cabEngine.view().lastAct).toMatchObject({ act: 'late', received: false });
    expect(dark.cabEngine.view().lastAct?.at).toBeUndefined();
    knowTime(dark);
    expect(dark.cabEngine.view()).toMatchObject({ current: 'v', visits: [{ state: 'late' }] });
  });
});

describe('a message of the depot', () => {
  it('is on the page, survives a restart with its «Lu», and the depot learns of both', async () => {
    const { depot, van } = await start();
    knowTime(van);
    const message = { key: 'm-1', at: isoOf(START_MS), text: 'La mairie vous attend.', from: 'Claire' };
    await until('connected', () => van.courier.link().connected);
    depot.link.publish(VAN, 'cab', message, false);
    depot.link.publish(VAN, 'cab', message, false);
    await until('on the page', () => van.cabEngine.view().messages.length > 0);
    expect(van.cabEngine.view().messages).toMatchObject([{ key: 'm-1', text: message.text, from: 'Claire' }]);
    van.cabEngine.read!('m-1');
    van.cabEngine.read!('m-1');
    await van.stop();
    const again = rig!.startVan('boot-1');
    expect(again.cabEngine.view().messages).toMatchObject([{ key: 'm-1', readAt: expect.any(Number) }]);
    await until('read at the depot', () => viewAt(depot).messages[0]?.read === true);
    expect(viewAt(depot).messages).toMatchObject([{ key: 'm-1', text: message.text, read: true }]);
    expect(
      rowsOf(again, 'event').filter((r) => r.kind === 'event' && r.what === 'message_read'),
    ).toHaveLength(1);
  });
});

describe('an alert', () => {
  it('seen at the depot is seen on board, told again at the next connection if need be; and the other way', async () => {
    const { depot, van } = await start();
    knowTime(van);
    await until('connected', () => van.courier.link().connected);
    await sag(van, 130_000);
    await until('at the depot', () => viewAt(depot).alerts.length > 0);
    const [alert] = viewAt(depot).alerts;
    await van.stop();
    const seen = await fetch(
      `${depot.url}/api/alerts/seen`,
      await asStaff(depot, { episode: alert!.episode }),
    );
    expect(seen.status).toBe(204);
    const again = rig!.startVan('boot-1');
    await until('seen on board', () => again.cabEngine.view().alerts[0]?.acknowledged === true);
    await until('its row', () => rowsOf(again, 'alert').length === 2);
  });
});

describe('who looked', () => {
  it('is told to the cab at most once a minute, and again when the van connects', async () => {
    const { depot, van } = await start();
    knowTime(van);
    const looked = () => van.cabEngine.mine!().looked;
    await until('told that nobody did', () => looked()?.length === 0);
    await fetch(`${depot.url}/api/watch`, await asStaff(depot, { van: VAN }));
    await until('told who', () => looked()?.length === 1);
    expect(looked()).toMatchObject([{ what: 'live', at: expect.any(Number) }]);
    await van.stop();
    const again = rig!.startVan('boot-1');
    await until('told again', () => again.cabEngine.mine!().looked?.length === 1);
  });
});
