import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AtAnswer, makeAtSession } from '../../../gateway/io/atSession.ts';
import { fakeClock } from '../../../runtime/clock.ts';

/** A session whose modem is the test: `sent` is what it was asked, `say` is what it answers. */
function setUp() {
  const clock = fakeClock(0);
  const sent: string[] = [];
  const lines: string[] = [];
  const seen = { dead: 0 };
  const session = makeAtSession({
    clock,
    write(bytes) {
      sent.push(Buffer.from(bytes).toString('latin1'));
      return true;
    },
    onLine: (line) => lines.push(line),
    onDead() {
      seen.dead++;
    },
  });
  const say = (text: string) => session.push(Buffer.from(text, 'latin1'));
  return { clock, sent, lines, seen, session, say };
}
const settled = async (answer: Promise<AtAnswer>) => {
  const { final, error, lines } = await answer;
  return [final, ...(error === undefined ? [] : [error]), ...lines];
};

describe('a conversation with a modem', () => {
  it('asks one thing at a time', async () => {
    const { session, sent, say } = setUp();
    const [first, second] = [session.command('AT+CSQ'), session.command('AT+COPS?')];
    expect(sent).toEqual(['AT+CSQ\r']);
    say('\r\n+CSQ: 23,99\r\n\r\nOK\r\n');
    expect(sent).toEqual(['AT+CSQ\r', 'AT+COPS?\r']);
    say('\r\n+CME ERROR: 10\r\n');
    expect(await settled(first)).toEqual(['ok', '+CSQ: 23,99']);
    expect(await settled(second)).toEqual(['error', '+CME ERROR: 10']);
  });

  it('drops its echo, and passes on what comes unasked, even in the middle and in pieces', async () => {
    const { session, say, lines } = setUp();
    const answer = session.command('AT+CSQ');
    for (const byte of 'AT+CSQ\r\r\n+CREG: 2\r\n\r\n+CSQ: 23,99\r\n\r\nOK\r\n') say(byte);
    expect(await settled(answer)).toEqual(['ok', '+CREG: 2', '+CSQ: 23,99']);
    say('\r\n+QGPSURC: "x"\r\n');
    expect(lines).toEqual(['+CREG: 2', '+CSQ: 23,99', '+QGPSURC: "x"']);
  });

  it('does not take the late answer of one command for that of the next', async () => {
    const { session, say, sent, clock } = setUp();
    const [late, next] = [session.command('AT+COPS?'), session.command('AT+CSQ')];
    await clock.advance(3000);
    expect(await settled(late)).toEqual(['timeout']);
    expect(sent.at(-1)).toBe('AT\r');
    // The late one, then the answer of AT itself.
    say('\r\n+COPS: 0\r\n\r\nOK\r\n');
    say('\r\nOK\r\n');
    expect(sent.at(-1)).toBe('AT\r');
    await clock.advance(150);
    expect(sent.at(-1)).toBe('AT+CSQ\r');
    say('\r\n+CSQ: 1,99\r\n\r\nOK\r\n');
    expect(await settled(next)).toEqual(['ok', '+CSQ: 1,99']);
  });

  it('says that the modem is gone when AT is asked three times in vain', async () => {
    const { session, sent, clock, seen } = setUp();
    void session.command('AT+CSQ');
    await clock.advance(5999);
    expect([seen.dead, sent.filter((t) => t === 'AT\r').length]).toEqual([0, 3]);
    await clock.advance(1);
    expect(seen.dead).toBe(1);
  });

  it('gives a text only after the prompt, and cancels when there is none', async () => {
    const { session, say, sent, clock } = setUp();
    const first = session.prompted('AT+CMGS="+336"', Buffer.from('hello'));
    expect(sent).toEqual(['AT+CMGS="+336"\r']);
    say('\r\n> ');
    expect(sent.at(-1)).toBe('hello\x1a');
    say('\r\n+CMGS: 12\r\n\r\nOK\r\n');
    expect(await first).toMatchObject({ final: 'ok', given: true });
    const second = session.prompted('AT+CMGS="+336"', Buffer.from('hello'));
    await clock.advance(5000);
    expect(await second).toMatchObject({ final: 'timeout', given: false });
    expect(sent).toContain('\x1b');
    expect(sent.filter((t) => t.includes('hello'))).toHaveLength(1);
  });

  it('loses what it was asked when the modem restarts, and what waits when the line goes', async () => {
    const { session, say } = setUp();
    const asked = session.command('AT+CSQ');
    say('\r\nRDY\r\n');
    expect(await settled(asked)).toEqual(['lost']);
    const [flying, waiting] = [session.command('AT+CSQ'), session.command('AT+CSQ')];
    session.drop();
    expect([await settled(flying), await settled(waiting)]).toEqual([['lost'], ['lost']]);
  });

  it('refuses more than it can hold', async () => {
    const { session } = setUp();
    const answers = Array.from({ length: 30 }, () => session.command('AT'));
    expect(await settled(answers.at(-1)!)).toEqual(['lost']);
  });

  it('ends every command, whatever the modem says', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'OK\r\n',
        'ERROR\r\n',
        '> ',
        'RDY\r\n',
        '+CSQ: 1,2\r\n',
        '+CME ERROR: 3\r\n',
        '\x00',
        '"',
        ',',
      ),
      fc.string({ maxLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        const { session, say, clock } = setUp();
        const answers = [session.command('AT+CSQ'), session.prompted('AT+CMGS="1"', Buffer.from('x'))];
        for (const text of pieces) {
          say(text);
          await clock.advance(200);
        }
        await clock.advance(120_000);
        session.drop();
        for (const { final, lines } of await Promise.all(answers)) {
          expect(['ok', 'error', 'timeout', 'lost']).toContain(final);
          expect(lines.length).toBeLessThanOrEqual(64);
        }
      }),
      { numRuns: 200 },
    );
  });
});
