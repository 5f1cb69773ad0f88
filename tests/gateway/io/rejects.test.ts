import { Writable } from 'node:stream';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { makeRejects } from '../../../gateway/io/rejects.ts';

/** A log whose lines can be read. */
function logAt(level: string) {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { log: pino({ level }, sink), lines };
}
const RUBBISH = Buffer.from('$GNRMC,\xff\x00rubbish', 'latin1');

describe('rejected input', () => {
  it('is sampled at debug, once in 10 s', () => {
    const { log, lines } = logAt('debug');
    const rejects = makeRejects(log, 'serial:/dev/x');
    for (let s = 0; s < 25; s++) rejects.note(1, RUBBISH, 1000 * s);
    expect(lines).toMatchObject(Array(3).fill({ msg: 'input rejected', sample: RUBBISH.toString('latin1') }));
  });

  it('is summed up once a minute when there is much of it, and not said when there is little', () => {
    const { log, lines } = logAt('info');
    const rejects = makeRejects(log, 'serial:/dev/x');
    for (let s = 0; s < 180; s++) rejects.note(s < 120 ? 2 : s % 20 === 0 ? 1 : 0, RUBBISH, 1000 * s);
    rejects.note(1, RUBBISH, 200_000);
    expect(lines).toMatchObject(Array(2).fill({ msg: 'much input is rejected', rejected: 120 }));
  });
});
