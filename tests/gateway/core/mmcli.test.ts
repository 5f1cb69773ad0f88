import { describe, expect, it } from 'vitest';
import { makeMmcliReader, readMmcli } from '../../../gateway/core/mmcli.ts';

const modem = (parts: object) => JSON.stringify({ modem: parts });
const STATE = modem({
  '3gpp': {
    imei: '353338976168895',
    'operator-code': '20801',
    'operator-name': 'Orange F',
    'registration-state': 'home',
    'packet-service-state': 'attached',
  },
  generic: {
    'access-technologies': ['lte'],
    state: 'connected',
    'state-failed-reason': '--',
    'signal-quality': { recent: 'yes', value: '63' },
    'unlock-required': 'sim-pin2',
  },
});
const SIGNAL = modem({
  signal: {
    '5g': { 'error-rate': '--', rsrp: '--', rsrq: '--', snr: '--' },
    gsm: { rssi: '--' },
    lte: { rsrp: '-104.00', rsrq: '-11.00', rssi: '-67.00', snr: '2.00' },
    refresh: { rate: '10' },
    umts: { rscp: '--', rssi: '--' },
  },
});

describe('mmcli -J', () => {
  it('state of the modem', () => {
    expect(readMmcli(STATE)).toEqual({
      registration: 'home',
      technology: '4g',
      operator: 'Orange F',
      sim: 'READY',
      attached: true,
    });
  });

  it('signal', () => {
    expect(readMmcli(SIGNAL)).toEqual({ rsrpDbm: -104, rsrqDb: -11, rssiDbm: -67, sinrDb: 2 });
  });

  it.each([
    [
      'a list of one with two in it',
      { generic: { 'access-technologies': ['lte, 5gnr'] } },
      { technology: '5g' },
    ],
    ['umts', { generic: { 'access-technologies': ['hspa-plus'] } }, { technology: '3g' }],
    ['edge', { generic: { 'access-technologies': ['edge'] } }, { technology: '2g' }],
    ['nothing', { generic: { 'access-technologies': [], state: 'searching' } }, {}],
    [
      'no SIM',
      { generic: { state: 'failed', 'state-failed-reason': 'sim-missing' } },
      { sim: 'NOT INSERTED' },
    ],
    ['locked', { generic: { state: 'locked', 'unlock-required': 'sim-pin' } }, { sim: 'SIM PIN' }],
    ['a comma for a point', { signal: { gsm: { rssi: '-67,00' } } }, { rssiDbm: -67 }],
    ['3G', { signal: { umts: { rscp: '-80.00', rssi: '-70.00' } } }, { rscpDbm: -80, rssiDbm: -70 }],
    ['5G before LTE', { signal: { '5g': { rsrp: '-90.00' }, lte: { rsrp: '-100.00' } } }, { rsrpDbm: -90 }],
    ['not a level', { signal: { lte: { rsrp: '-32768.00', rsrq: 'x' } } }, {}],
    [
      'roaming, SMS only',
      { '3gpp': { 'registration-state': 'roaming-sms-only' } },
      { registration: 'roaming' },
    ],
    ['a state nobody knows', { '3gpp': { 'registration-state': 'constructor' } }, {}],
    ['detached', { '3gpp': { 'packet-service-state': 'detached' } }, { attached: false }],
  ])('%s', (_name, parts, expected) => expect(readMmcli(modem(parts))).toEqual(expected));

  it.each(['', '[]', 'null', '{"modem": 3}', '{"sim": {}}', '{"modem": {', 'error: no modem'])(
    '%s is none',
    (text) => {
      expect(readMmcli(text)).toBeUndefined();
    },
  );

  it('reads documents one after another, in one line or many, wherever the bytes are cut', () => {
    const pretty = JSON.stringify(JSON.parse(SIGNAL), null, 2);
    const text = Buffer.from(`error: couldn't\n${STATE}\n${pretty}{"a":"}{\\""}${SIGNAL}`);
    for (const size of [1, 5, 10_000]) {
      const reader = makeMmcliReader();
      const readings = [];
      for (let at = 0; at < text.length; at += size)
        readings.push(...reader.push(text.subarray(at, at + size)));
      expect(readings).toHaveLength(3);
      expect(reader.counters).toMatchObject({ readings: 3, rejected: 1 });
    }
  });

  it('a document without an end does not grow, and the next is read', () => {
    const reader = makeMmcliReader();
    for (let i = 0; i < 50; i++) reader.push(Buffer.from(`{"x":"${'y'.repeat(10_000)}"`));
    expect(reader.counters.rejected).toBeGreaterThan(3);
    expect(makeMmcliReader().push(Buffer.from(STATE))).toHaveLength(1);
  });
});
