import { describe, expect, it } from 'vitest';
import { makeAtReader, readReply } from '../../../gateway/core/at.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');
function read(text: string) {
  const reader = makeAtReader();
  return { replies: [...reader.push(bytes(text)), ...reader.flush()], counters: reader.counters };
}
/** What is said of one line, without its command. */
const said = (line: string) => {
  const reply = readReply(line);
  return reply && { ...reply.reading, ...(reply.error === undefined ? {} : { error: reply.error }) };
};

type Row = readonly [line: string, expected: object | undefined];

describe('signal', () => {
  it.each<Row>([
    ['+CSQ: 23,99', { rssiDbm: -67 }],
    ['+CSQ:23,0', { rssiDbm: -67 }],
    ['+CSQ: 0,0', { rssiDbm: -113 }],
    ['+CSQ: 31,99', { rssiDbm: -51 }],
    ['+CSQ: 99,99', {}],
    ['+CSQ: 45,99', {}],
    ['+CSQ: 100,99', { rssiDbm: -116 }],
    ['+CSQ: 191,99', { rssiDbm: -25 }],
    ['+CSQ: 199,99', {}],
    ['+CSQ: 2', undefined],
    ['+CSQ: (0-31,99),(0-7,99)', undefined],
    ['+CESQ: 99,99,255,255,20,80', { rsrqDb: -10, rsrpDbm: -61 }],
    ['+CESQ: 99,99,255,255,0,0', { rsrqDb: -20, rsrpDbm: -141 }],
    ['+CESQ: 30,0,255,255,255,255', { rssiDbm: -81 }],
    ['+CESQ: 99,99,40,30,255,255', { rscpDbm: -81 }],
    ['+CESQ: 99,99,255,255,255,255', {}],
    ['+CESQ: 99,99,255,255,255,255,65,70,60', { rsrqDb: -11, rsrpDbm: -87, sinrDb: 6.5 }],
    ['+CESQ: 99,99,255,255,20,80,65,70,60', { rsrqDb: -10, rsrpDbm: -61 }],
    ['+CESQ: 99,99,255', undefined],
    [
      '+QCSQ: "LTE",77,-116,76,-17',
      { technology: '4g', rssiDbm: -77, rsrpDbm: -116, sinrDb: -4.8, rsrqDb: -17 },
    ],
    [
      '+QCSQ: "LTE",-52,-81,195,-10',
      { technology: '4g', rssiDbm: -52, rsrpDbm: -81, sinrDb: 19, rsrqDb: -10 },
    ],
    [
      '+QCSQ: "eMTC",-84,-91,165,-6',
      { technology: '4g', rssiDbm: -84, rsrpDbm: -91, sinrDb: 13, rsrqDb: -6 },
    ],
    [
      '+QCSQ: "CAT-M1",-62,-92,93,-14',
      { technology: '4g', rssiDbm: -62, rsrpDbm: -92, sinrDb: -1.4, rsrqDb: -14 },
    ],
    ['+QCSQ: "NR5G",-75,4,-11', { technology: '5g', rsrpDbm: -75, sinrDb: 4, rsrqDb: -11 }],
    ['+QCSQ: "WCDMA",-65,-72,-6', { technology: '3g', rssiDbm: -65, rscpDbm: -72 }],
    ['+QCSQ: "GSM",-73', { technology: '2g', rssiDbm: -73 }],
    ['+QCSQ: "NOSERVICE"', {}],
    ['+QCSQ: ("GSM","LTE")', undefined],
  ])('%s', (line, expected) => expect(said(line)).toEqual(expected));
});

describe('registration and operator', () => {
  it.each<Row>([
    ['+CREG: 0,0', { registration: 'none' }],
    ['+CREG: 0,1', { registration: 'home' }],
    ['+CREG: 0,2', { registration: 'searching' }],
    ['+CREG: 1,3', { registration: 'denied' }],
    ['+CREG: 0,4', { registration: 'unknown' }],
    ['+CREG: 0,5', { registration: 'roaming' }],
    ['+CREG: 0,6', { registration: 'home' }],
    ['+CREG: 0,7', { registration: 'roaming' }],
    ['+CREG: 0,8', { registration: 'emergency' }],
    ['+CEREG: 0,9', { registration: 'home' }],
    ['+CEREG: 0,10', { registration: 'roaming' }],
    ['+CREG: 0,12', { registration: 'none' }],
    ['+CREG: 5', { registration: 'roaming' }],
    ['+C5GREG: 0', { registration: 'none' }],
    ['+CEREG: 2,1,"8D40","F62927",7', { registration: 'home', technology: '4g' }],
    ['+CEREG: 1,"8D40","F62927",7', { registration: 'home', technology: '4g' }],
    ['+CREG: 2,5,8D40,F62927,2', { registration: 'roaming', technology: '3g' }],
    ['+CREG: 1,8D40,F62927,6', { registration: 'home', technology: '3g' }],
    ['+CGREG: 2,1,"0152","DA3C1B",0,"01"', { registration: 'home', technology: '2g' }],
    [
      '+CEREG: 4,5,"54DB","0F6B0578",9,,,"11100000","11100000"',
      { registration: 'roaming', technology: '4g' },
    ],
    ['+CEREG: 3,3,"0001","00000001",7,0,15', { registration: 'denied', technology: '4g' }],
    ['+CREG: 3,,,,0,15', { registration: 'denied' }],
    ['+C5GREG: 2,1,"0000C3","000000010000001A",11,4,"01.010203"', { registration: 'home', technology: '5g' }],
    ['+C5GREG: 1,"6301D","065472283",11,9,01.000000', { registration: 'home', technology: '5g' }],
    ['+CEREG: (0-2)', undefined],
    ['+CEREG: "1"', undefined],
    ['+COPS: 0,0,"Orange F",7', { operator: 'Orange F', technology: '4g' }],
    ['+COPS: 0,2,"20801",7', { operator: '20801', technology: '4g' }],
    ['+COPS:0,2,"26202",13', { operator: '26202', technology: '5g' }],
    ['+COPS: 0,0,"T-Mobile, US",2', { operator: 'T-Mobile, US', technology: '3g' }],
    ['+COPS: 0,0,Bouygues,0', { operator: 'Bouygues', technology: '2g' }],
    ['+COPS: 1,0,"Télécom"', { operator: 'Télécom' }],
    ['+COPS: 0', {}],
    ['+COPS: 0,0,"cut', undefined],
    ['+COPS: (2,"Orange F","Orange","20801",7),,(0,1,2,3,4),(0,1,2)', undefined],
    ['+QNWINFO: "FDD LTE","26203","LTE BAND 1",250', { technology: '4g', operator: '26203' }],
    ['+QNWINFO: "TDD NR5G",90170,"NR5G_BAND 78",626976', { technology: '5g', operator: '90170' }],
    ['+QNWINFO: "EDGE","23203","GSM 900",1', { technology: '2g', operator: '23203' }],
    ['+QNWINFO: No Service', {}],
    ['+QNWINFO: ("GSM",1)', undefined],
  ])('%s', (line, expected) => expect(said(line)).toEqual(expected));
});

describe('SIM, data and errors', () => {
  it.each<Row>([
    ['+CPIN: READY', { sim: 'READY' }],
    ['+CPIN: SIM PIN', { sim: 'SIM PIN' }],
    ['+CPIN: "SIM PUK"', { sim: 'SIM PUK' }],
    ['+CPIN: NOT INSERTED', { sim: 'NOT INSERTED' }],
    ['+CPIN:', undefined],
    ['+CPIN: ("READY","SIM PIN")', undefined],
    ['+CGATT: 1', { attached: true }],
    ['+CGATT: 0', { attached: false }],
    ['+CGATT: (0,1)', undefined],
    ['+CGDCONT: 1,"IP","orange.fr","10.1.2.3",0,0,,,,', undefined],
    ['+CME ERROR: 10', { error: '10' }],
    ['+CME ERROR: SIM not inserted', { error: 'SIM not inserted' }],
    ['+CME ERROR: "SIM busy"', { error: 'SIM busy' }],
    ['+CMS ERROR:330', { error: '330' }],
    ['+CME ERROR:', undefined],
    ['+CME ERROR: ""', undefined],
    ['ERROR', undefined],
    ['OK', undefined],
    ['RDY', undefined],
    ['AT+CSQ', undefined],
    ['+CPING: 2', undefined],
    ['^SIMST: 1', undefined],
    ['+constructor: 1', undefined],
    ['+__proto__: 1', undefined],
  ])('%s', (line, expected) => expect(said(line)).toEqual(expected));

  it('gives the command as the modem wrote it', () => {
    expect(readReply('+CME ERROR: 10')!.command).toBe('+CME ERROR');
    expect(readReply(' +csq: 20,99')!.command).toBe('+csq');
  });
});

describe('serving cell', () => {
  it.each<Row>([
    [
      '+QENG: "servingcell","NOCONN","LTE","FDD",262,03,F62927,277,250,1,3,3,8D40,-97,-10,-69,16,9,160,-',
      { technology: '4g', rsrpDbm: -97, rsrqDb: -10, rssiDbm: -69, sinrDb: 16 },
    ],
    [
      '+QENG: "servingcell","NOCONN","LTE","FDD",262,03,F62927,277,250,1,3,3,8D40,-97,-10,-69,160,9,160,-',
      { technology: '4g', rsrpDbm: -97, rsrqDb: -10, rssiDbm: -69, sinrDb: 12 },
    ],
    [
      '+QENG: "servingcell","CONNECT","CAT-M","FDD",262,03,2FAA03,187,6200,20,3,3,2AFB,-105,-11,-76,10,-',
      { technology: '4g', rsrpDbm: -105, rsrqDb: -11, rssiDbm: -76, sinrDb: 10 },
    ],
    ['+QENG: "servingcell","NOCONN"', {}],
    ['+QENG: "servingcell","SEARCH"', {}],
    [
      '+QENG: "LTE","FDD",302,720,9D8148,95,3050,7,5,5,73A0,-110,-16,-74,-2,4,140,-',
      { technology: '4g', rsrpDbm: -110, rsrqDb: -16, rssiDbm: -74, sinrDb: -2 },
    ],
    [
      '+QENG: "NR5G-NSA",302,720,479,-100,3,-15,638016,77,8,1',
      { technology: '5g', rsrpDbm: -100, sinrDb: 3, rsrqDb: -15 },
    ],
    ['+QENG: "NR5G-NSA",460,11,562,-32768,-32768,-32768', { technology: '5g' }],
    [
      '+QENG: "servingcell","NOCONN","NR5G-SA","TDD", 460,01,9013B004,299,690E0F,633984,78,12,-107,-13,2,1,-',
      { technology: '5g', rsrpDbm: -107, rsrqDb: -13, sinrDb: 2 },
    ],
    [
      '+QENG: "servingcell","NOCONN","WCDMA",310,410,DEA6,2883C,4385,84,254,-98,-7,-,-,-,-,-',
      { technology: '3g', rscpDbm: -98 },
    ],
    [
      '+QENG:"servingcell","LIMSRV","GSM",460,01,5504,2B55,52,123,0,-67,5,14,64,30,28,0,-,-,-,-,-,-,-,-,-,"-"',
      { technology: '2g', rssiDbm: -67 },
    ],
    ['+QENG: "servingcell","NOCONN","LTE","FDD",-,-,-,-,-,-,-,-,-,-,-,-,-,-,-,-', { technology: '4g' }],
    ['+QENG: "neighbourcell intra","LTE",38950,276,-3,-88,-65,0,37,7,16,6,44', undefined],
    ['+QENG: "neighbourcell","GSM",460,00,24A5,1241,33,33,-83,22,146,0,0', undefined],
    ['+QENG: ("servingcell","neighbourcell")', undefined],
    [
      '+CPSI: LTE,Online,460-01,0x7496,251941991,203,EUTRAN-BAND8,3740,3,3,-92,-672,-418,14',
      { technology: '4g', operator: '460-01', rsrqDb: -9.2, rsrpDbm: -67.2, rssiDbm: -41.8, sinrDb: 14 },
    ],
    [
      '+CPSI: LTE CAT-M1,Online,240-07,0x2AFE,34564631,149,EUTRAN-BAND20,6400,3,3,-12,-81,-52,10',
      { technology: '4g', operator: '240-07', rsrqDb: -12, rsrpDbm: -81, rssiDbm: -52, sinrDb: 10 },
    ],
    [
      '+CPSI: LTE,Online,460-01,0x230A,175499523,318,EUTRAN-BAND3,1650,5,0,21,67,255,19',
      { technology: '4g', operator: '460-01', rsrqDb: -9.5, rsrpDbm: -74, sinrDb: 19 },
    ],
    [
      '+CPSI: LTE,Online,250-20,0x4D07,200468789,0,EUTRAN-BAND0,4294967295,0,0,0,0,0,0',
      { technology: '4g', operator: '250-20' },
    ],
    [
      '+CPSI: NR5G_SA,Online,242-12,0x765D,4955280,0,NR5G_BAND78,640704,-770,-110,290',
      { technology: '5g', operator: '242-12', rsrpDbm: -77, rsrqDb: -11, sinrDb: 29 },
    ],
    [
      '+CPSI: NR5G_NSA,644,NR5G_BAND78,627264,-960,-120,95',
      { technology: '5g', rsrpDbm: -96, rsrqDb: -12, sinrDb: 9.5 },
    ],
    ['+CPSI: NR5G,257,629952,-11,-92,153', { technology: '5g', rsrpDbm: -92, rsrqDb: -11, sinrDb: 15.3 }],
    ['+CPSI: NR5G,58,643296,-12,-86,8.5', { technology: '5g', rsrpDbm: -86, rsrqDb: -12, sinrDb: 8.5 }],
    [
      '+CPSI: WCDMA,Online,505-01,0x0152,14302219,WCDMA 850,214,4436,0,12.5,83,23,36,500',
      { technology: '3g', operator: '505-01', rscpDbm: -83 },
    ],
    [
      '+CPSI: GSM,Online,460-00,0x182d,12401,27 EGSM 900,-64,2110,42-42',
      { technology: '2g', operator: '460-00', rssiDbm: -64 },
    ],
    [
      '+CPSI: GSM,Online,286-01,0x2B5C,12401,27,-64,2110,42-42',
      { technology: '2g', operator: '286-01', rssiDbm: -64 },
    ],
    ['+CPSI: NO SERVICE,Online', {}],
  ])('%s', (line, expected) => expect(said(line)).toEqual(expected));
});

describe('transcripts', () => {
  it('reads replies amid echo, unasked lines, blank lines and final results', () => {
    const { replies, counters } = read(
      'AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\nRDY\r\n+CREG: 1\r\n\r\nAT+X\r\r\nERROR\r\n+CME ERROR: 3\r\n',
    );
    expect(replies.map(({ command }) => command)).toEqual(['+CSQ', '+CREG', '+CME ERROR']);
    expect(counters).toMatchObject({ finals: 2, replies: 3, noise: 0 });
  });

  it('reads a last line without an end, and lines wherever the bytes are cut', () => {
    const text = '+COPS: 0,0,"Télécom",7\r\n+CSQ: 23,99';
    for (let size = 1; size < 20; size++) {
      const reader = makeAtReader();
      const replies = [];
      const all = bytes(text);
      for (let at = 0; at < all.length; at += size) replies.push(...reader.push(all.subarray(at, at + size)));
      replies.push(...reader.flush());
      expect(replies.map(({ reading }) => reading)).toEqual([
        { operator: 'Télécom', technology: '4g' },
        { rssiDbm: -67 },
      ]);
    }
  });

  it('drops lines with bytes that no text holds, and those without an end', () => {
    const { replies, counters } = read(`+CSQ: 2\x003,99\r\n+CSQ: ${'1'.repeat(9000)},99\r\n+CSQ: 23,99\r\n`);
    expect(replies).toHaveLength(1);
    expect(counters.noise).toBe(2);
  });

  it('a glitch before the text is none of it', () => {
    expect(read('\x00\x00+CSQ: 23,99\r\n').replies).toHaveLength(1);
    expect(makeAtReader().push(Buffer.from('\xff\xfe+CSQ: 23,99\r\n', 'latin1'))).toHaveLength(1);
  });

  it('takes bytes that are no UTF-8 as Latin-1', () => {
    const reader = makeAtReader();
    const [reply] = reader.push(Buffer.from('+COPS: 0,0,"T\xe9l\xe9com",7\r\n', 'latin1'));
    expect(reply!.reading.operator).toBe('Télécom');
  });
});
