import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ModemOptions } from '../../../gateway/io/device.ts';
import { startModem } from '../../../gateway/io/modem.ts';
import { type ModemModel, makeModem, type Said } from '../../../simulators/cell/modem.ts';
import type { FaultName } from '../../../simulators/faults.ts';
import { makeRandom } from '../../../simulators/random.ts';
import { deps, listen, makePort, started } from '../../parts/devices.ts';
import { tempDir } from '../../parts/temp.ts';
import { waitFor } from '../../parts/wait.ts';

/** A simulated modem on a PTY; its time runs ten times as fast, so that it restarts in half a second. */
const FASTER = 10;
const BAUD = 115_200;

async function modemOnPort(kind: 'quectel' | 'simcom', ...faults: FaultName[]) {
  const model: ModemModel = makeModem({ kind, pin: '1234' }, makeRandom(1));
  const active = new Set<FaultName>(faults);
  const startMs = performance.now();
  const nowS = () => 20 + (FASTER * (performance.now() - startMs)) / 1000;
  const waiting: Said[] = [];
  const commands: string[] = [];
  let typed = '';
  const port = await makePort((bytes) => {
    waiting.push(...model.receive(bytes, nowS()));
    typed += Buffer.from(bytes).toString('latin1');
    const lines = typed.split('\r');
    typed = lines.pop()!;
    commands.push(...lines);
  });
  const timer = setInterval(() => {
    waiting.push(...model.until(nowS(), active, false));
    waiting.sort((a, b) => a.s - b.s);
    while (waiting[0] && waiting[0].s <= nowS()) port.send(waiting.shift()!.text, BAUD);
  }, 5);
  onTestFinished(() => clearInterval(timer));
  return { port, model, active, commands };
}

function startOn(port: { link: string }, options: ModemOptions = {}) {
  const { told, modem: callbacks } = listen();
  const modem = started(
    startModem(`serial:${port.link}?baud=${BAUD}`, deps, { lookEveryMs: 300, ...options }, callbacks),
  );
  return { told, modem };
}

describe('a modem on a serial port', () => {
  it('is read: SIM, registration, operator, technology, signal', async () => {
    const { port } = await modemOnPort('quectel');
    const { told } = startOn(port);
    const reading = await waitFor('a reading', () => told.link[0]);
    expect(reading).toMatchObject({
      sim: 'READY',
      registration: 'home',
      operator: 'Orange F',
      technology: '4g',
      attached: true,
    });
    for (const value of [reading.rsrpDbm, reading.rsrqDb, reading.sinrDb, reading.rssiDbm])
      expect(value).toBeTypeOf('number');
    expect(told.events).toMatchObject([{ device: 'modem', state: 'reading', baud: BAUD }]);
  });

  it('asks a SIMCom what it knows, and no longer what it does not', async () => {
    const { port, commands, active } = await modemOnPort('simcom');
    const { told } = startOn(port);
    expect((await waitFor('a reading', () => told.link[0])).rsrpDbm).toBeTypeOf('number');
    for (let looks = 1; looks < 4; looks++) {
      // News of the registration make it look at once.
      if (looks % 2 === 1) active.add('network_lost');
      else active.delete('network_lost');
      await waitFor('a look', () => told.link.length > looks);
    }
    expect(commands.filter((c) => c === 'AT+QCSQ')).toHaveLength(2);
    expect(commands.filter((c) => c === 'AT+CPSI?').length).toBeGreaterThan(2);
  });

  it('tells the loss of the network within a second of the modem', async () => {
    const { port, active } = await modemOnPort('quectel');
    const { told } = startOn(port);
    await waitFor('a reading', () => told.link[0]?.registration === 'home');
    active.add('network_lost');
    const lost = await waitFor('the loss', () => told.link.find((r) => r.registration === 'searching'), 2000);
    expect(lost).not.toHaveProperty('rsrpDbm');
  });

  it('gives the PIN once, never twice when it is wrong, not even after a restart of the daemon', async () => {
    const { port, commands } = await modemOnPort('quectel', 'sim_locked');
    const pinFile = join(tempDir(), 'pin');
    for (let i = 0; i < 2; i++) {
      const { told, modem } = startOn(port, { pin: '9999', pinFile });
      await waitFor('the lock', () => told.link.find((r) => r.sim === 'SIM PIN'));
      if (i === 0) await waitFor('the attempt', () => commands.some((c) => c.startsWith('AT+CPIN=')));
      await modem.sendSms('+336', 'behind the attempt');
      await modem.stop();
    }
    expect(commands.filter((c) => c.startsWith('AT+CPIN='))).toEqual(['AT+CPIN="9999"']);
    expect(existsSync(pinFile)).toBe(true);
  });

  it('opens the SIM with the right PIN and forgets the attempt', async () => {
    const { port } = await modemOnPort('quectel', 'sim_locked');
    const pinFile = join(tempDir(), 'pin');
    const { told } = startOn(port, { pin: '1234', pinFile });
    await waitFor('home', () => told.link.find((r) => r.registration === 'home'));
    expect(existsSync(pinFile)).toBe(false);
  });

  it.each([
    ['Batterie faible : 11,8 V à Ligueil, né(e) _ $', 'Batterie faible : 11,8 V à Ligueil, né(e) _ $'],
    ['Le garçon attend', 'Le garçon attend'],
    [`${'ça va '.repeat(20)}bien`, `${'ca va '.repeat(20)}bien`],
  ])('sends «%s»', async (text, arrives) => {
    const { port, model } = await modemOnPort('quectel');
    const { told, modem } = startOn(port);
    await waitFor('a reading', () => told.link[0]);
    expect(await modem.sendSms('+33612345678', text)).toEqual({ outcome: 'sent' });
    expect(model.sent).toMatchObject([{ to: '+33612345678', text: arrives }]);
  });

  it('fails an SMS without network, and refuses what is no number', async () => {
    const { port, active, model } = await modemOnPort('quectel');
    const { told, modem } = startOn(port);
    await waitFor('a reading', () => told.link[0]);
    expect(await modem.sendSms('+336"\r', 'x')).toMatchObject({ outcome: 'failed' });
    active.add('network_lost');
    await waitFor('the loss', () => told.link.find((r) => r.registration === 'searching'));
    expect(await modem.sendSms('+33612345678', 'x')).toEqual({
      outcome: 'failed',
      error: '+CMS ERROR: 331',
    });
    expect(model.sent).toEqual([]);
  });

  it('does not know what became of an SMS when the modem restarts under it, and reads again', async () => {
    const { port, active } = await modemOnPort('quectel', 'reset_in_sms');
    const { told, modem } = startOn(port);
    await waitFor('a reading', () => told.link[0]);
    expect(await modem.sendSms('+33612345678', 'x')).toMatchObject({ outcome: 'unknown' });
    active.clear();
    const looks = told.link.length;
    await waitFor('a reading again', () => told.link[looks]);
    expect(modem.counters()).toMatchObject({ sms_unknown: 1, sms_sent: 0 });
  });

  it('climbs the ladder while it is registered without data, until the restart mends it', async () => {
    const { port, model, commands } = await modemOnPort('quectel', 'no_data');
    const recovery = { patienceMs: 0, workMs: { reattach: 0, reset: 60_000, power_cycle: 60_000 } };
    const { told } = startOn(port, { reachable: () => model.data() === 'up', recovery });
    await waitFor('the first rung', () => told.recovery.length > 0);
    expect(commands).toContain('AT+CGATT=0');
    await waitFor('the second rung', () => told.recovery.length > 1, 15_000);
    expect(commands).toContain('AT+CFUN=1,1');
    await waitFor('data', () => model.data() === 'up');
    await waitFor('the good news', () => told.recovery.at(-1) === 'recovered', 15_000);
    expect(told.recovery).toEqual(['reattach', 'reset', 'recovered']);
  });

  it('is lost when it no longer answers, and found when it does', async () => {
    const { port, active } = await modemOnPort('quectel');
    const { told } = startOn(port);
    await waitFor('a reading', () => told.link[0]);
    active.add('modem_silence');
    await waitFor('the loss', () => told.events.at(-1)?.state === 'lost', 20_000);
    expect(told.events.at(-1)).toMatchObject({ reason: 'silence', detail: 'no answer to AT' });
    active.clear();
    await waitFor('found again', () => told.events.at(-1)?.state === 'reading', 15_000);
  });
});
