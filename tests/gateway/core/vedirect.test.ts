import { describe, expect, it } from 'vitest';
import { makeVedirectReader } from '../../../gateway/core/vedirect.ts';
import { block, blockWithChecksum } from '../../parts/vedirect.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
function read(...parts: (Buffer | string)[]) {
  const reader = makeVedirectReader();
  const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? latin1(part) : part)));
  return { given: reader.push(bytes), counters: reader.counters };
}
const fieldsOf = (...parts: (Buffer | string)[]) =>
  read(...parts).given.map((item) => ('fields' in item ? item.fields : item.hex));

const SHUNT = {
  PID: '0xA389',
  V: '12800',
  VS: '12600',
  I: '-2100',
  P: '-27',
  CE: '-4200',
  SOC: '876',
  TTG: '1200',
};
const HISTORY = { H1: '-149322', H2: '-82854', H7: '11733' };
const HEX = ':7F0ED009600DB\n';
/** `HEX` with a right checksum: 0x55 = 7 + F0 + ED + 00 + 96 + 00 + sum. */
const SUMMED = ':7F0ED0096DB';

describe('blocks', () => {
  it('gives every field as sent, all but the checksum', () => {
    expect(fieldsOf(block(SHUNT), block(HISTORY))).toEqual([SHUNT, HISTORY]);
  });

  it.each([0x0d, 0x0a, 0x09, 0x3a, 0x00, 0x7f, 0x80, 0xff, 0x24])('the checksum byte may be %i', (byte) => {
    const odd = blockWithChecksum(byte);
    expect(fieldsOf(block(SHUNT), odd, odd, block(HISTORY))).toHaveLength(4);
  });

  it('values are as sent: empty, blank, negative, ---', () => {
    const fields = { 'SER#': '', T: '---', BMV: '712 Smart', OR: '0x00000081', LOAD: 'ON' };
    expect(fieldsOf(block(fields))).toEqual([fields]);
  });

  it('a label that would spoil an object is a label', () => {
    const [fields] = fieldsOf(block(JSON.parse('{"__proto__": "1", "V": "12000"}')));
    expect(Object.entries(fields as object)).toEqual([
      ['__proto__', '1'],
      ['V', '12000'],
    ]);
  });

  it('a wrong sum loses the block as a whole, and no other', () => {
    const wrong = block(SHUNT);
    wrong[10]! ^= 1;
    const { given, counters } = read(block(HISTORY), wrong, block(HISTORY));
    expect(given).toHaveLength(2);
    expect(counters).toMatchObject({ blocks: 2, checksum: 1 });
  });

  it('wherever one block is cut, the whole ones around it are given', () => {
    const whole = block(SHUNT);
    for (let cut = 1; cut < whole.length; cut++)
      expect([cut, fieldsOf(block(HISTORY), whole.subarray(0, cut), block(SHUNT))]).toEqual([
        cut,
        [HISTORY, SHUNT],
      ]);
    for (let cut = 1; cut < whole.length; cut++)
      expect([cut, fieldsOf(whole.subarray(cut), block(SHUNT)).at(-1)]).toEqual([cut, SHUNT]);
  });

  it('a cut block of a product that begins with another label is known by the blocks before', () => {
    const old = { V: '12065', I: '-7625', SOC: '839', BMV: '602S' };
    const cut = block(old).subarray(0, 12);
    expect(fieldsOf(block(old), cut, block(old))).toEqual([old, old]);
  });

  it('bytes between blocks are not summed', () => {
    expect(fieldsOf('\xb4\x00junk', block(SHUNT), '\xff\r', block(SHUNT))).toEqual([SHUNT, SHUNT]);
  });

  it('a stream without CR gives nothing', () => {
    const stripped = Buffer.from(Buffer.concat([block(SHUNT), block(SHUNT)]).filter((byte) => byte !== 13));
    expect(fieldsOf(stripped)).toEqual([]);
  });

  it('endless labels, values and blocks do not grow', () => {
    const reader = makeVedirectReader();
    const noise = [
      `\r\n${'L'.repeat(5000)}\tx`,
      `\r\nV\t${'1'.repeat(5000)}`,
      `\r\nV\t1`.repeat(3000),
      `:${'A'.repeat(5000)}`,
    ];
    for (const text of noise) expect(reader.push(latin1(text))).toEqual([]);
    expect(reader.push(Buffer.concat([latin1('\n'), block(SHUNT)]))).toHaveLength(1);
  });
});

describe('HEX frames', () => {
  it('are given as sent, without their line end, and are not summed', () => {
    const frame = HEX.trimEnd();
    expect(fieldsOf(HEX, block(SHUNT), HEX, HEX, block(HISTORY), HEX)).toEqual([
      frame,
      SHUNT,
      frame,
      frame,
      HISTORY,
      frame,
    ]);
  });

  it('may stand anywhere inside a block but in its checksum byte', () => {
    const whole = block(SHUNT);
    for (let at = 1; at < whole.length - 1; at++)
      expect([at, fieldsOf(whole.subarray(0, at), HEX, whole.subarray(at))]).toEqual([
        at,
        [HEX.trimEnd(), SHUNT],
      ]);
  });

  it.each([
    ['cut by a block', `:7F0ED${''}`],
    ['of no hex', ':hello\n'],
    ['empty', ':\n'],
    ['cut by another', ':7F0:7F0'],
  ])('incomplete ones give nothing, the block behind them is given: %s', (_name, text) => {
    expect(fieldsOf(text, block(SHUNT))).toEqual([SHUNT]);
  });

  it('a line end of CR LF is one too, when the frame is whole', () => {
    expect(fieldsOf(`${SUMMED}\r\n`, block(SHUNT))).toEqual([SUMMED, SHUNT]);
  });
});

describe('readings', () => {
  const reading = (fields: Record<string, string>) => {
    const [item] = read(block(fields)).given;
    return item && 'reading' in item ? item.reading : undefined;
  };

  it('of a shunt', () => {
    expect(reading({ ...SHUNT, AR: '12', Relay: 'OFF', H9: '3600', H10: '7' })).toEqual({
      houseV: 12.8,
      starterV: 12.6,
      houseA: -2.1,
      houseW: -27,
      consumedAh: -4.2,
      soc: 87.6,
      timeToGoMin: 1200,
      relayOn: false,
      alarms: ['low_soc', 'low_starter_voltage'],
      sinceFullS: 3600,
      synchronisations: 7,
      model: '0xA389',
    });
  });

  it('of a solar charger: its current is what it gives', () => {
    expect(
      reading({
        PID: '0xA042',
        V: '12530',
        I: '620',
        VPV: '33580',
        PPV: '8',
        CS: '3',
        ERR: '0',
        LOAD: 'ON',
        IL: '300',
      }),
    ).toEqual({
      houseV: 12.53,
      chargerA: 0.62,
      panelV: 33.58,
      panelW: 8,
      chargerState: 'bulk',
      loadOn: true,
      loadA: 0.3,
      model: '0xA042',
    });
  });

  it('of an inverter and of a DC-DC charger', () => {
    expect(
      reading({ V: '12800', AC_OUT_V: '23000', AC_OUT_I: '1', AC_OUT_S: '25', CS: '9', AR: '0' }),
    ).toMatchObject({
      acV: 230,
      acA: 0.1,
      acVa: 25,
      chargerState: 'inverting',
      alarms: [],
    });
    expect(reading({ CS: '3', V: '13100', DC_IN_V: '1421', DC_IN_I: '120' })).toMatchObject({
      starterV: 14.21,
      houseV: 13.1,
    });
    expect(reading({ CS: '0', OR: '0x00000080', V: '12800' })).toMatchObject({
      offReasons: ['engine_shutdown'],
    });
  });

  it.each([
    [{ T: '---' }, {}],
    [{ T: '-12' }, { temperatureC: -12 }],
    [{ TTG: '-1' }, {}],
    [{ VS: '-14' }, {}],
    [{ VS: '2999' }, {}],
    [{ SOC: '---' }, {}],
    [{ SOC: '1001' }, {}],
    [{ V: '' }, {}],
    [{ V: '12.8 V' }, {}],
    [{ CS: '77' }, { chargerState: '77' }],
    [{ ERR: '33' }, { chargerError: 'panel_voltage_high' }],
    [{ ERR: '200' }, { chargerError: '200' }],
    [{ AR: 'constructor' }, { alarms: [] }],
  ])('absent is not zero, and unknown codes are their number: %j', (fields, expected) => {
    expect(reading(fields as unknown as Record<string, string>)).toEqual(expected);
  });
});
