import { describe, expect, it } from 'vitest';
import { EC25, makeModem, type Said } from '../../simulators/cell/modem.ts';
import type { FaultName } from '../../simulators/faults.ts';
import { makeRandom } from '../../simulators/random.ts';

const textOf = (said: readonly Said[]) => said.map(({ text }) => text).join('');

/** A modem whose clock is moved by what is asked; echo off. */
function modemWith(...faults: FaultName[]) {
  const modem = makeModem(EC25, makeRandom(1));
  let s = 10;
  const active = new Set<FaultName>();
  const ask = (text: string) => {
    s += 1;
    return textOf(modem.receive(Buffer.from(text, 'latin1'), s));
  };
  const at = (moreS: number, now: ReadonlySet<FaultName> = active) => {
    s += moreS;
    return textOf(modem.until(s, now, false));
  };
  at(0);
  ask('ATE0\r');
  for (const fault of faults) active.add(fault);
  return { modem, ask, at, active, urc: at(1) };
}

describe('modem', () => {
  it('echoes until it is told not to', () => {
    const modem = makeModem(EC25, makeRandom(1));
    const text = (bytes: string) => textOf(modem.receive(Buffer.from(bytes), 1));
    expect(text('AT\r')).toBe('AT\r\r\nOK\r\n');
    expect(text('ATE0\r')).toBe('ATE0\r\r\nOK\r\n');
    expect(text('AT\r')).toBe('\r\nOK\r\n');
  });

  it.each([
    ['AT+CSQ\r', /^\r\n\+CSQ: ([5-9]|[12]\d|3[01]),99\r\n\r\nOK\r\n$/],
    ['AT+CEREG?\r', /\+CEREG: 2,1,"8D40","F62927",7\r\n/],
    ['AT+COPS?\r', /\+COPS: 0,0,"Orange F",7\r\n/],
    ['AT+QCSQ\r', /\+QCSQ: "LTE",-\d+,-\d+,\d+,-\d+\r\n/],
    ['AT+QENG="servingcell"\r', /\+QENG: "servingcell","NOCONN","LTE"/],
    ['AT+CPSI?\r', /^\r\nERROR\r\n$/],
    ['nonsense\r', /^\r\nERROR\r\n$/],
  ])('answers %j as an EC25 does', (command, expected) => {
    expect(modemWith().ask(command)).toMatch(expected);
  });

  it('answers CPSI, and not QCSQ, as a SIM7600', () => {
    const modem = makeModem({ kind: 'simcom', pin: '0000' }, makeRandom(1));
    const ask = (text: string) => textOf(modem.receive(Buffer.from(text), 9));
    ask('ATE0\r');
    expect(ask('AT+CPSI?\r')).toMatch(/\+CPSI: LTE,Online,208-01,0x8D40,.*,-\d+0,-\d+0,-\d+0,-?\d+\r\n/);
    expect(ask('AT+QCSQ\r')).toBe('\r\nERROR\r\n');
  });

  it('tells the loss of the network unasked, lets nothing pass, and comes back', () => {
    const { modem, ask, at, urc } = modemWith('network_lost');
    expect(urc).toBe('\r\n+CREG: 2\r\n');
    expect(modem.data()).toBe('lost');
    expect(ask('AT+CSQ\r')).toContain('+CSQ: 99,99');
    expect(ask('AT+QCSQ\r')).toContain('NOSERVICE');
    expect(at(5, new Set())).toContain('+CREG: 1');
    expect(modem.data()).toBe('up');
  });

  it('locks the SIM to its PUK after three wrong PINs', () => {
    const { ask } = modemWith('sim_locked');
    expect(ask('AT+CPIN?\r')).toContain('+CPIN: SIM PIN');
    expect(ask('AT+CPIN="9999"\r')).toContain('+CME ERROR: 16');
    expect(ask('AT+CPIN="9999"\r')).toContain('+CME ERROR: 16');
    expect(ask('AT+CPIN="9999"\r')).toContain('+CME ERROR: 12');
    expect(ask('AT+CPIN?\r')).toContain('+CPIN: SIM PUK');
  });

  it('opens with the right PIN', () => {
    const { ask, at, modem } = modemWith('sim_locked');
    expect(ask('AT+CPIN="1234"\r')).toBe('\r\nOK\r\n');
    at(5);
    expect(modem.data()).toBe('up');
  });

  it('is registered without data until it is restarted', () => {
    const { modem, ask, at } = modemWith('no_data');
    expect(ask('AT+CEREG?\r')).toContain('2,1');
    expect(modem.data()).toBe('hole');
    ask('AT+CGATT=0\r');
    ask('AT+CGATT=1\r');
    at(1);
    expect(modem.data()).toBe('hole');
    expect(ask('AT+CFUN=1,1\r')).toContain('RDY');
    at(10);
    expect(modem.data()).toBe('up');
  });

  it('sends an SMS in GSM and in UCS2, and gives it up at ESC', () => {
    const { modem, ask } = modemWith();
    expect(ask('AT+CMGS="+33612345678"\r')).toContain('+CMS ERROR: 302');
    ask('AT+CMGF=1\r');
    expect(ask('AT+CMGS="+33612345678"\r')).toBe('\r\n> ');
    expect(ask('bonjour\x1a')).toMatch(/\+CMGS: \d+\r\n\r\nOK/);
    ask('AT+CSCS="UCS2"\r');
    ask('AT+CMGS="002B0033"\r');
    ask('00E70061\x1a');
    ask('AT+CMGS="002B0033"\r');
    expect(ask('00E7\x1b')).toBe('\r\nOK\r\n');
    expect(modem.sent.map(({ to, text }) => [to, text])).toEqual([
      ['+33612345678', 'bonjour'],
      ['+3', 'ça'],
    ]);
  });

  it('restarts in the middle of an SMS and forgets it', () => {
    const { modem, ask, at } = modemWith('reset_in_sms');
    ask('AT+CMGF=1\r');
    ask('AT+CMGS="+33612345678"\r');
    const said = ask('bonjour\x1a');
    expect(said).toContain('RDY');
    expect(said).not.toContain('CMGS');
    expect(modem.sent).toEqual([]);
    expect(ask('AT\r')).toBe('');
    at(10);
    expect(ask('AT\r')).toContain('OK');
  });
});
