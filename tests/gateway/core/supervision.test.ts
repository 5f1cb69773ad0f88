import { describe, expect, it } from 'vitest';
import {
  newSupervision,
  nextSupervisionMs,
  type Supervision,
  type SupervisionInput,
  type SupervisionSettings,
  stepSupervision,
} from '../../../gateway/core/supervision.ts';

const SETTINGS: SupervisionSettings = {
  device: 'gps',
  silenceMs: 5000,
  bauds: [9600, 19_200, 4800],
  trialMs: 1500,
  trialBytes: 400,
  silentWhenWrong: false,
};

/** A source on a clock that is moved by hand; `log` is what it did, with the times. */
function timeline(settings: Partial<SupervisionSettings> = {}) {
  const all = { ...SETTINGS, ...settings };
  let state: Supervision = newSupervision(0);
  let nowMs = 0;
  const log: string[] = [];
  const step = (input: SupervisionInput) => {
    const { state: next, actions } = stepSupervision(state, input, all, nowMs);
    state = next;
    for (const action of actions) {
      const what =
        action.do === 'open'
          ? `open ${action.baud ?? ''}`
          : action.do === 'close'
            ? 'close'
            : [action.state, action.reason, action.detail].filter((x) => x !== undefined).join(' ');
      log.push(`${nowMs} ${what}`.trim());
    }
  };
  /** Ticks whenever the fold asks for it, until `ms` from now. */
  const pass = (ms: number) => {
    const endMs = nowMs + ms;
    for (let due = nextSupervisionMs(state, all); due <= endMs; due = nextSupervisionMs(state, all)) {
      nowMs = Math.max(nowMs, due);
      step({ kind: 'tick' });
    }
    nowMs = endMs;
  };
  const open = () => {
    pass(0);
    step({ kind: 'opened' });
  };
  return { step, pass, open, log, take: () => log.splice(0), state: () => state };
}
const whole = { kind: 'bytes', length: 70, intact: true } as const;
const rubbish = (length = 70) => ({ kind: 'bytes', length, intact: false }) as const;

describe('supervision', () => {
  it('opens, believes what is intact, and says so once', () => {
    const t = timeline();
    t.open();
    t.step(whole);
    t.pass(1000);
    t.step(whole);
    expect(t.log).toEqual(['0 open 9600', '0 reading']);
  });

  it('takes 5 s without a sentence for the loss of the device, and opens a new port 0.5 s after the close', () => {
    const t = timeline();
    t.open();
    t.step(whole);
    t.take();
    t.pass(5000);
    expect(t.take()).toEqual(['5000 close', '5000 lost silence']);
    t.step({ kind: 'closed' });
    t.pass(499);
    expect(t.take()).toEqual([]);
    t.pass(1);
    expect(t.take()).toEqual(['5500 open 9600']);
  });

  it('takes bytes in which nothing is intact for silence too', () => {
    const t = timeline({ bauds: [9600] });
    t.open();
    t.step(whole);
    t.take();
    for (let i = 0; i < 6; i++) {
      t.pass(1000);
      t.step(rubbish());
    }
    expect(t.take()).toEqual(['5000 close', '5000 lost unreadable']);
  });

  it('waits at most 2 s for a close that does not come', () => {
    const t = timeline();
    t.open();
    t.step({ kind: 'ended', reason: 'hang_up' });
    t.take();
    t.pass(2500);
    expect(t.take()).toEqual(['2500 open 9600']);
  });

  it('waits 0.5, 1, 2, 4, 8, 10, 10 s between attempts in vain, and 0.5 s again after one that read', () => {
    const t = timeline();
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      t.pass(0);
      t.step({ kind: 'ended', reason: 'missing' });
      t.step({ kind: 'closed' });
      waits.push(t.state().waitMs);
      t.pass(t.state().waitMs);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(t.log.filter((l) => l.includes('lost'))).toEqual(['0 lost missing']);
    t.open();
    t.step(whole);
    t.step({ kind: 'ended', reason: 'hang_up' });
    expect(t.state().waitMs).toBe(500);
  });

  it('tells a new reason of the same loss once', () => {
    const t = timeline();
    for (const reason of ['hang_up', 'missing', 'busy', 'missing', 'hang_up'] as const) {
      t.pass(0);
      t.step({ kind: 'ended', reason });
      t.step({ kind: 'closed' });
      t.pass(t.state().waitMs);
    }
    expect(t.log.filter((l) => l.includes('lost')).map((l) => l.split(' ').at(-1))).toEqual([
      'hang_up',
      'missing',
      'busy',
    ]);
  });

  it('tries the next rate when nothing is intact in 1.5 s or 400 bytes, and the proven one first after that', () => {
    const t = timeline();
    t.open();
    t.step(rubbish());
    t.pass(1500);
    t.step({ kind: 'closed' });
    t.open();
    expect(t.take()).toEqual(['0 open 9600', '1500 close', '1500 open 19200']);
    t.step(rubbish(400));
    expect(t.take()).toEqual(['1500 close']);
    t.step({ kind: 'closed' });
    t.open();
    t.step(whole);
    expect(t.take()).toEqual(['1500 open 4800', '1500 reading']);
    t.step({ kind: 'ended', reason: 'hang_up' });
    t.step({ kind: 'closed' });
    t.pass(500);
    expect(t.take()).toEqual(['1500 close', '1500 lost hang_up', '2000 open 4800']);
  });

  it('goes back to the proven rate after an attempt at another one failed', () => {
    const t = timeline();
    t.open();
    t.step(whole);
    t.step({ kind: 'ended', reason: 'hang_up' });
    t.step({ kind: 'closed' });
    t.pass(500);
    t.step({ kind: 'opened' });
    t.step(rubbish(400));
    t.step({ kind: 'closed' });
    t.pass(0);
    t.step({ kind: 'ended', reason: 'missing' });
    t.step({ kind: 'closed' });
    t.pass(1000);
    expect(t.log.filter((l) => l.includes('open')).map((l) => l.split(' ').at(-1))).toEqual([
      '9600',
      '9600',
      '19200',
      '9600',
    ]);
  });

  it('says unreadable after a whole round of rates', () => {
    const t = timeline();
    for (let i = 0; i < 3; i++) {
      t.open();
      t.step(rubbish(400));
      t.step({ kind: 'closed' });
    }
    expect(t.log.at(-1)).toBe('0 lost unreadable');
    t.pass(500);
    expect(t.log.at(-1)).toBe('500 open 9600');
  });

  it('waits for a device that says nothing, unless it only answers', () => {
    const silent = timeline();
    silent.open();
    silent.pass(5000);
    expect(silent.take()).toEqual(['0 open 9600', '5000 close', '5000 lost silence']);
    const modem = timeline({ device: 'modem', silentWhenWrong: true });
    modem.open();
    modem.pass(1500);
    expect(modem.take()).toEqual(['0 open 9600', '1500 close']);
  });

  it('says in words what is plugged in instead, but not of a device that it has read', () => {
    const t = timeline();
    t.open();
    t.step({ ...rubbish(), found: 'vedirect' });
    expect(t.log.at(-1)).toBe('0 lost wrong_device a shunt is plugged where the GPS should be');
    const read = timeline();
    read.open();
    read.step(whole);
    read.step({ ...rubbish(), found: 'vedirect' });
    expect(read.log.at(-1)).toBe('0 reading');
  });

  it('does not hear a connection that it has given up', () => {
    const t = timeline();
    t.open();
    t.step({ kind: 'ended', reason: 'error' });
    t.take();
    t.step(whole);
    t.step({ kind: 'ended', reason: 'hang_up' });
    t.step({ kind: 'opened' });
    expect(t.take()).toEqual([]);
  });
});
