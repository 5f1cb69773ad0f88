import { describe, expect, it } from 'vitest';
import { type FramingFault, makeSentenceScanner } from '../../../gateway/core/lines.ts';
import { bytesOf, sentence } from '../../parts/nmea.ts';

function scan(...chunks: (string | Uint8Array)[]): { bodies: string[]; faults: FramingFault[] } {
  const bodies: string[] = [];
  const faults: FramingFault[] = [];
  const scanner = makeSentenceScanner(
    (s) => {
      const end = s.starts[s.count]! - 1;
      bodies.push(Buffer.from(s.bytes.subarray(0, end)).toString('latin1'));
    },
    (fault) => faults.push(fault),
  );
  for (const chunk of chunks) scanner.push(typeof chunk === 'string' ? bytesOf(chunk) : chunk);
  return { bodies, faults };
}

const GOOD = sentence('GPGLL,4916.45,N,12311.12,W,225444,A,A');
const BODY = 'GPGLL,4916.45,N,12311.12,W,225444,A,A';

describe('sentences out of any bytes', () => {
  it.each([
    ['CR LF', GOOD],
    ['no CR', GOOD.replace('\r', '')],
    ['no LF', GOOD.replace('\n', '')],
    ['no end of line at all', GOOD.trimEnd()],
    ['lower-case checksum', GOOD.replace(/\*(..)/, (all) => all.toLowerCase())],
    ['text in front', `mumble ${GOOD}`],
    ['text behind', `${GOOD.trimEnd()} mumble`],
    ['a binary packet in front', `\xb5\x62\x01\x07\x5c\x00\xff${GOOD}`],
  ])('takes one with %s', (_name, text) => {
    expect(scan(text)).toEqual({ bodies: [BODY], faults: [] });
  });

  it('takes both of two lines that are glued together', () => {
    expect(scan(GOOD.trimEnd() + GOOD).bodies).toEqual([BODY, BODY]);
  });

  it('takes the one that begins in the middle of a cut one', () => {
    expect(scan(`$GPGGA,12345${GOOD}`)).toEqual({ bodies: [BODY], faults: ['cut'] });
    expect(scan(`$GPGGA,12345*4${GOOD}`)).toEqual({ bodies: [BODY], faults: ['cut'] });
  });

  it.each<[FramingFault, string]>([
    ['checksum', GOOD.replace('225444', '225445')],
    ['unchecked', '$GPGLL,4916.45,N\r\n'],
    ['unchecked', '$GPGLL,4916.45,N*\r\n'],
    ['unchecked', '$GPGLL,4916.45,N*5\r\n'],
    ['noise', '$GPGLL,49\x0016.45,N*5C\r\n'],
    ['noise', '$GPGLL,4916.45\xff,N*5C\r\n'],
    ['noise', '$GPGLL,4916.45,N*5~\r\n'],
    ['long', `$GPTXT,${'x'.repeat(200)}*00\r\n`],
    ['long', `$GPTXT${','.repeat(80)}*00\r\n`],
  ])('drops one for %s and takes the next', (fault, bad) => {
    expect(scan(bad + GOOD)).toEqual({ bodies: [BODY], faults: [fault] });
  });

  it('does not mind where the bytes are cut', () => {
    const text = `${GOOD}$GP${GOOD}\xff${GOOD}`;
    const whole = scan(text);
    for (let size = 1; size < text.length; size++) {
      const chunks = [];
      for (let at = 0; at < text.length; at += size) chunks.push(text.slice(at, at + size));
      expect(scan(...chunks)).toEqual(whole);
    }
  });

  it('gives the fields by their place', () => {
    const starts: number[][] = [];
    makeSentenceScanner(
      (s) => starts.push([...s.starts.subarray(0, s.count + 1)]),
      () => {},
    ).push(bytesOf(sentence('GPXXX,,a,bc')));
    expect(starts).toEqual([[0, 6, 7, 9, 12]]);
  });

  it('keeps the longest body there may be', () => {
    const body = `GPTXT,${'x'.repeat(114)}`;
    expect(scan(sentence(body)).bodies).toEqual([body]);
    expect(scan(sentence(`${body}x`)).faults).toEqual(['long']);
  });
});
