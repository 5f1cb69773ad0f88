import type { FaultName } from '../faults.ts';
import { makeRadio, type RadioState } from '../radio.ts';
import type { Random } from '../random.ts';
import { ANSWERS, type ModemKind, type Network, ORANGE } from './answers.ts';

/**
 * A 4G modem at its AT port: echo, final results, unsolicited lines, a SIM, registration, SMS in text mode, restarts.
 * It answers like a Quectel EC25 or a SIMCom SIM7600; time is given, never read, so that the same questions at the same
 * instants get the same bytes.
 */
export type ModemSettings = { readonly kind: ModemKind; readonly pin: string };
export const EC25: ModemSettings = { kind: 'quectel', pin: '1234' };

/** Bytes that leave the modem at `s` seconds after the start. */
export type Said = { readonly s: number; readonly text: string };
export type Sms = { readonly s: number; readonly to: string; readonly text: string };

export interface ModemModel {
  /** What the modem says to these bytes. */
  receive(bytes: Uint8Array, s: number): Said[];
  /** Moves on to `s` under the faults that are active; gives the unsolicited lines since the last call. */
  until(s: number, faults: ReadonlySet<FaultName>, moving: boolean): Said[];
  /** What becomes of IP packets: they pass, there is no way for them, or they vanish (registered without data). */
  data(): 'up' | 'lost' | 'hole';
  /** Every SMS that was handed to the network. */
  readonly sent: readonly Sms[];
  /** Power removed and given again. */
  powerCycle(s: number): Said[];
}

const BOOT_S = 5;
const REGISTER_S = 2;
const ANSWER_S = 0.02;
const SMS_S = 1.5;
const ESCAPE = 0x1b;
const CONTROL_Z = 0x1a;
const MAX_LINE = 600;
/** 3GPP TS 23.038 §6.2.1: the basic table by code. */
const GSM7 =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

export function makeModem(settings: ModemSettings, random: Random): ModemModel {
  const radioModel = makeRadio(random);
  const sent: Sms[] = [];
  let radio: RadioState = radioModel.step(1, false);
  let now = 0;
  let active: ReadonlySet<FaultName> = new Set();
  let bootedAtS = 0;
  let registeredAtS = 0;
  let echo = true;
  let urcs = true;
  let ucs2 = false;
  let textMode = false;
  let airplane = false;
  let detached = false;
  let pinGiven = false;
  let pinTries = 3;
  /** The fault that only a restart cures has been cured. */
  let cured = false;
  let smsReference = 11;
  let typed = '';
  let smsTo: string | undefined;
  let told: Network['registration'] = 1;

  const answers = ANSWERS[settings.kind];
  const up = () => now >= bootedAtS;
  const simState = () =>
    pinTries === 0 ? 'SIM PUK' : active.has('sim_locked') && !pinGiven ? 'SIM PIN' : 'READY';
  const registration = (): Network['registration'] => {
    if (airplane || simState() !== 'READY') return 0;
    return active.has('network_lost') || now < registeredAtS ? 2 : 1;
  };
  const network = (): Network => {
    const state = registration();
    return { registration: state, radio, ...ORANGE, attached: state === 1 && !detached };
  };

  function restart(s: number): Said[] {
    bootedAtS = s + BOOT_S;
    registeredAtS = bootedAtS + REGISTER_S;
    [echo, textMode, ucs2, airplane, detached] = [true, false, false, false, false];
    [typed, smsTo, pinGiven, cured] = ['', undefined, false, true];
    told = 0;
    return [
      { s: bootedAtS, text: '\r\nRDY\r\n' },
      { s: bootedAtS + 0.1, text: `\r\n+CPIN: ${simState()}\r\n` },
      { s: registeredAtS, text: '\r\n+QIND: SMS DONE\r\n' },
    ];
  }

  const say = (s: number, text: string): Said[] => [{ s: s + ANSWER_S, text }];
  const ok = (s: number) => say(s, '\r\nOK\r\n');
  const error = (s: number, code?: string) => say(s, `\r\n${code ?? 'ERROR'}\r\n`);
  const line = (s: number, text: string) => say(s, `\r\n${text}\r\n\r\nOK\r\n`);

  function givePin(s: number, pin: string): Said[] {
    if (simState() !== 'SIM PIN') return error(s, '+CME ERROR: 3');
    if (pin === settings.pin) {
      pinGiven = true;
      registeredAtS = s + REGISTER_S;
      return ok(s);
    }
    pinTries--;
    return error(s, `+CME ERROR: ${pinTries === 0 ? 12 : 16}`);
  }

  function setFunctions(s: number, value: string): Said[] {
    if (value === '1,1') return [...ok(s), ...restart(s)];
    airplane = value !== '1';
    if (!airplane) registeredAtS = s + REGISTER_S;
    return ok(s);
  }

  /** A setting: what follows `=`. */
  function set(name: string, value: string, s: number): Said[] {
    switch (name) {
      case 'CPIN':
        return givePin(s, value.replaceAll('"', ''));
      case 'CFUN':
        return setFunctions(s, value);
      case 'CMGF':
        textMode = value === '1';
        return ok(s);
      case 'CSCS':
        ucs2 = value.includes('UCS2');
        return ok(s);
      case 'CREG':
        urcs = value !== '0';
        return ok(s);
      case 'CGATT':
        detached = value === '0';
        return ok(s);
      case 'CMGS':
        return startSms(value, s);
      case 'CMEE':
      case 'CGREG':
      case 'CEREG':
      case 'COPS':
      case 'CSMP':
      case 'CGDCONT':
      case 'QCFG':
        return ok(s);
      default:
        return error(s);
    }
  }

  function startSms(value: string, s: number): Said[] {
    if (!textMode) return error(s, '+CMS ERROR: 302');
    if (simState() !== 'READY') return error(s, '+CMS ERROR: 310');
    const number = /^"([^"]+)"/.exec(value)?.[1] ?? value;
    smsTo = ucs2 ? decoded(number) : number;
    return say(s, '\r\n> ');
  }

  function endSms(s: number): Said[] {
    const to = smsTo!;
    const text = decoded(typed);
    [smsTo, typed] = [undefined, ''];
    if (active.has('reset_in_sms') && !cured) return restart(s);
    if (registration() !== 1) return say(s + SMS_S, '\r\n+CMS ERROR: 331\r\n');
    sent.push({ s, to, text });
    return say(s + SMS_S, `\r\n+CMGS: ${++smsReference}\r\n\r\nOK\r\n`);
  }

  /** Text as the character set in force has it. */
  const decoded = (text: string) => {
    if (!ucs2) return [...text].map((c) => GSM7[c.charCodeAt(0)] ?? '?').join('');
    return text.replace(/[0-9A-Fa-f]{4}/g, (hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  };

  function command(text: string, s: number): Said[] {
    const upper = text.toUpperCase();
    if (upper === '') return [];
    if (!upper.startsWith('AT')) return error(s);
    if (upper === 'AT' || upper === 'ATZ' || upper === 'AT&F') return ok(s);
    if (upper === 'ATE0' || upper === 'ATE1') {
      echo = upper === 'ATE1';
      return ok(s);
    }
    if (upper === 'AT+CPIN?') return line(s, `+CPIN: ${simState()}`);
    const answer = answers[upper];
    if (answer) return line(s, answer(network()));
    const setting = /^AT\+([A-Z]+)=(.*)$/i.exec(text);
    return setting ? set(setting[1]!.toUpperCase(), setting[2]!, s) : error(s);
  }

  /** One character typed at the prompt of an SMS. */
  function typeSms(code: number, s: number): Said[] {
    if (code === CONTROL_Z) return endSms(s);
    if (code === ESCAPE) {
      [smsTo, typed] = [undefined, ''];
      return ok(s);
    }
    if (typed.length < MAX_LINE) typed += String.fromCharCode(code);
    return [];
  }

  return {
    sent,
    receive(bytes, s) {
      now = Math.max(now, s);
      if (!up() || active.has('modem_silence')) return [];
      const said: Said[] = [];
      for (const code of bytes) {
        if (smsTo !== undefined) {
          said.push(...typeSms(code, s));
          continue;
        }
        if (echo) said.push({ s, text: String.fromCharCode(code) });
        if (code === 0x0d) {
          const text = typed.trim();
          typed = '';
          said.push(...command(text, s));
        } else if (code !== 0x0a && code !== ESCAPE && typed.length < MAX_LINE) {
          typed += String.fromCharCode(code);
        }
      }
      return said;
    },
    until(s, faults, moving) {
      if (!faults.has('no_data') && !faults.has('reset_in_sms')) cured = false;
      if (!faults.has('sim_locked')) pinGiven = false;
      active = faults;
      radio = radioModel.step(Math.max(0, s - now), moving);
      now = s;
      const state = registration();
      if (!up() || state === told) return [];
      told = state;
      return urcs ? [{ s, text: `\r\n+CREG: ${state === 1 ? '1,"8D40","F62927",7' : state}\r\n` }] : [];
    },
    data() {
      if (!up() || !network().attached) return 'lost';
      return active.has('no_data') && !cured ? 'hole' : 'up';
    },
    powerCycle: (s) => restart(s),
  };
}
