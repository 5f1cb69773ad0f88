import { describe, expect, it } from 'vitest';
import { noteAnswer, questionsFor, withReply } from '../../../gateway/core/modemPoll.ts';
import { mountIsReadOnly, temperatureOf, throttledOf } from '../../../gateway/core/pi.ts';
import { setupMessages } from '../../../gateway/core/setup.ts';
import { isPhoneNumber, smsForm } from '../../../gateway/core/smsText.ts';
import { readingOfSysfs, sysfsInputs } from '../../../gateway/core/sysfs.ts';

describe('modem poll', () => {
  it('drops a question after two plain refusals, never for an error about the state', () => {
    let refusals = {};
    for (const error of ['ERROR', '+CME ERROR: 10', 'ERROR'])
      refusals = noteAnswer(refusals, 'AT+QCSQ', error);
    expect(questionsFor(refusals)).not.toContain('AT+QCSQ');
    expect(questionsFor(noteAnswer(refusals, 'AT+QCSQ', undefined))).toContain('AT+QCSQ');
    let states = {};
    for (let i = 0; i < 3; i++) states = noteAnswer(states, 'AT+CSQ', '+CME ERROR: 10');
    expect(questionsFor(states)).toContain('AT+CSQ');
  });

  it('holds registered in either domain for registered', () => {
    const home = withReply({}, { registration: 'home', technology: '4g' });
    expect(withReply(home, { registration: 'none' })).toEqual(home);
    expect(withReply({ registration: 'none' }, { registration: 'roaming' }).registration).toBe('roaming');
  });
});

describe('the Pi', () => {
  it.each([
    ['throttled=0x50005\n', 0x50005],
    ['throttled=0x0', 0],
    ['VCHI initialization failed', undefined],
  ])('reads %j', (text, expected) => {
    expect(throttledOf(text)).toBe(expected);
  });
  it.each([
    ['48312\n', 48.3],
    ['-5000', -5],
    ['', undefined],
    ['999999', undefined],
  ])('reads a temperature of %j', (text, expected) => {
    expect(temperatureOf(text)).toBe(expected);
  });
  it('knows a read-only root from the last mount on it', () => {
    const mounts = 'rootfs / rootfs rw 0 0\noverlay / overlay ro,noatime 0 0\n/dev/sda1 /data ext4 rw 0 0\n';
    expect(mountIsReadOnly(mounts, '/')).toBe(true);
    expect(mountIsReadOnly(mounts, '/data')).toBe(false);
    expect(mountIsReadOnly(mounts, '/none')).toBeUndefined();
  });
});

describe('sysfs', () => {
  const read = (query: Record<string, string>, files: Record<string, string>) => {
    const inputs = sysfsInputs(query);
    return typeof inputs === 'string' ? inputs : readingOfSysfs(inputs, (file) => files[file]);
  };
  it('reads a power supply', () => {
    const files = { voltage_now: '12840000\n', current_now: '-5100000\n', capacity: '61\n' };
    expect(read({}, files)).toEqual({ houseV: 12.84, houseA: -5.1, soc: 61 });
  });
  it('reads an ADC with its own scale, or the one shared by its type, behind a divider', () => {
    const query = { starterV: 'in_voltage0_raw*5.7', houseV: 'in_voltage1_raw*5.7' };
    const files = {
      in_voltage0_raw: '2210',
      in_voltage0_scale: '1.0',
      in_voltage1_raw: '2250',
      in_voltage_scale: '0.5',
    };
    expect(read(query, files)).toEqual({ starterV: 12.597, houseV: 6.4125 });
  });
  it('leaves out what is no number or cannot be', () => {
    expect(read({}, { voltage_now: 'ENODATA', capacity: '250' })).toEqual({});
  });
  it('says what is wrong with a query', () => {
    expect(read({ volts: 'x' }, {})).toContain('got volts=x');
    expect(read({ houseV: '../../etc/passwd' }, {})).toContain('got houseV');
  });
});

describe('SMS text', () => {
  it('is GSM where it can be, in the codes of 23.038', () => {
    expect(smsForm('né à 12 V $')).toEqual({
      charset: 'GSM',
      bytes: Uint8Array.from([0x6e, 0x05, 0x20, 0x7f, 0x20, 0x31, 0x32, 0x20, 0x56, 0x20, 0x02]),
    });
  });
  it('is UCS2 for ç, and for @, which some modems take for an end', () => {
    expect(smsForm('ça')).toEqual({ charset: 'UCS2', hex: '00E70061' });
    expect(smsForm('a@b')).toMatchObject({ charset: 'UCS2' });
  });
  it('never holds the bytes that end or cancel a message', () => {
    const form = smsForm('a\x1ab\x1bc');
    expect(form).toEqual({ charset: 'GSM', bytes: Uint8Array.from([0x61, 0x20, 0x62, 0x20, 0x63]) });
  });
  it('is one message', () => {
    const long = smsForm('é'.repeat(500));
    expect(long.charset === 'GSM' && long.bytes.length).toBe(160);
  });
  it.each([
    ['+33612345678', true],
    ['0612345678', true],
    ['+33"\r\nATD', false],
    ['', false],
  ])('takes %j for a number: %s', (text, expected) => {
    expect(isPhoneNumber(text)).toBe(expected);
  });
});

describe('receiver set-up', () => {
  const textOf = (kind: 'ublox' | 'quectel', hz: number) =>
    setupMessages(kind, hz).map((m) => Buffer.from(m).toString('latin1'));
  it('asks a u-blox for its sentences and its rate', () => {
    const messages = textOf('ublox', 5);
    // The M8 description's own example is `$PUBX,40,GLL,1,0,0,0,0,0*5D`; with 0 in the place of 1 it ends in 5C.
    expect(messages).toContain('$PUBX,40,GLL,0,0,0,0,0,0*5C\r\n');
    expect(messages[0]).toMatch(/^\$PUBX,40,RMC,0,1,0,1,0,0\*/);
    expect(Buffer.from(setupMessages('ublox', 5).at(-1)!).toString('hex')).toBe(
      'b56206080600c80001000000dd68',
    );
  });
  it('asks a Quectel for its sentences, its rate, and not to freeze', () => {
    // Both checksums as in the L80 protocol specification's examples.
    expect(textOf('quectel', 1)).toEqual([
      expect.stringMatching(/^\$PMTK314,0,1,0,1,1,0(,0){13}\*[0-9A-F]{2}\r\n$/),
      '$PMTK220,1000*1F\r\n',
      expect.stringMatching(/^\$PMTK386,0\*[0-9A-F]{2}\r\n$/),
    ]);
  });
});
