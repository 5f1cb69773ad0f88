import type { LinkReading } from '../../protocol/readings.ts';
import { readReply } from '../core/at.ts';
import { GREETINGS, noteAnswer, questionsFor, type Refusals, withReply } from '../core/modemPoll.ts';
import { isPhoneNumber, smsForm, ucs2 } from '../core/smsText.ts';
import { makeSniffer } from '../core/sniff.ts';
import { type AtAnswer, type AtSession, LONG_MS, makeAtSession } from './atSession.ts';
import type { OpenChannel } from './channel.ts';
import type { DeviceDeps, Modem, ModemCallbacks, ModemOptions, SmsOutcome } from './device.ts';
import { makePinGuard } from './pinGuard.ts';
import { makeRecovery } from './recovery.ts';
import { type Heard, startSource } from './source.ts';

/**
 * A modem at its AT port: looked at every 10 s and at once when it says that its registration changed. It gives one
 * reading a look; between looks it sends SMS and climbs the recovery ladder.
 */
const LOOK_EVERY_MS = 10_000;
/** For the first answer on a connection. */
const KNOCK_MS = 600;
/** A rate is wrong when three knocks went unanswered. */
const TRIAL_MS = 2000;
const TRIAL_BYTES = 400;
const REGISTRATION_NEWS = /^\+C(E|G|5G)?REG:/;
const BOOT_NEWS = /^(RDY|\+CPIN:|SMS DONE|PB DONE)/;

export function startAtModem(
  url: string,
  open: OpenChannel,
  bauds: readonly number[],
  deps: DeviceDeps,
  options: ModemOptions,
  callbacks: ModemCallbacks,
): Modem {
  const { clock, log } = deps;
  const lookEveryMs = options.lookEveryMs ?? LOOK_EVERY_MS;
  const pin = options.pin === undefined ? undefined : makePinGuard(options.pin, options.pinFile);
  let refusals: Refusals = {};
  let reading: LinkReading = {};
  let sniffer = makeSniffer();
  let answered = false;
  let smsInHand = false;
  let looking = false;
  let cancelLook = () => {};
  const counts: Record<string, number> = { replies: 0, sms_sent: 0, sms_failed: 0, sms_unknown: 0 };

  const session: AtSession = makeAtSession({
    clock,
    write: (bytes) => source.write(bytes),
    onLine,
    onDead: () => source.giveUp('silence', 'no answer to AT'),
  });

  function onLine(line: string): void {
    const reply = readReply(line);
    if (reply) {
      counts.replies = (counts.replies ?? 0) + 1;
      reading = withReply(reading, reply.reading);
    }
    // Unasked: the modem lost or found its network, or restarted and forgot its settings.
    if (looking) return;
    if (BOOT_NEWS.test(line)) void greet().then(look);
    else if (REGISTRATION_NEWS.test(line)) soon();
  }

  function onBytes(bytes: Uint8Array): Heard {
    const before = session.counters.lines;
    session.push(bytes);
    if (answered) return { intact: session.counters.lines > before };
    const found = sniffer.push(bytes);
    return found === 'unknown' || found === 'at' ? { intact: false } : { intact: false, found };
  }

  /** `AT` until it is answered: only then is it a modem, and at this rate. */
  async function knock(): Promise<void> {
    for (;;) {
      const { final } = await session.command('AT', KNOCK_MS);
      if (final === 'lost') return;
      if (final === 'ok') break;
    }
    answered = true;
    source.believe();
    await greet();
    await look();
  }

  async function greet(): Promise<void> {
    for (const greeting of GREETINGS) await session.command(greeting);
  }

  const soon = () => {
    cancelLook();
    cancelLook = clock.after(200, () => void look());
  };

  /** One look: all questions, one reading. */
  async function look(): Promise<void> {
    if (looking || !answered) return;
    cancelLook();
    looking = true;
    reading = {};
    for (const question of questionsFor(refusals)) {
      const { final, error } = await session.command(question);
      if (final === 'lost' || final === 'timeout') break;
      refusals = noteAnswer(refusals, question, error);
    }
    looking = false;
    if (!answered) return;
    const whole = reading;
    if (Object.keys(whole).length > 0) callbacks.onReading(whole, clock.monotonicMs());
    if (whole.sim === 'SIM PIN') await givePin();
    await recovery.look(whole.registration === 'home' || whole.registration === 'roaming', smsInHand);
    cancelLook();
    if (answered) cancelLook = clock.after(lookEveryMs, () => void look());
  }

  async function givePin(): Promise<void> {
    if (!pin?.mayTry()) return;
    pin.tried();
    const answer = await session.command(`AT+CPIN="${options.pin}"`, LONG_MS);
    if (answer.final === 'ok') pin.right();
    else log.error({ error: answer.error ?? answer.final }, 'the SIM refuses the PIN: it is not tried again');
  }

  const outcomeOf = (answer: AtAnswer) => answer.error ?? answer.final;
  const recovery = makeRecovery(
    {
      async reattach() {
        await session.command('AT+CGATT=0', LONG_MS);
        return outcomeOf(await session.command('AT+CGATT=1', LONG_MS));
      },
      reset: async () => outcomeOf(await session.command('AT+CFUN=1,1', LONG_MS)),
    },
    deps,
    options,
    callbacks,
  );

  const source = startSource({
    device: 'modem',
    url,
    open,
    bauds,
    // The session itself says when a modem no longer answers; this is the last resort behind a long command.
    silenceMs: LONG_MS + 2 * lookEveryMs,
    trialMs: TRIAL_MS,
    trialBytes: TRIAL_BYTES,
    silentWhenWrong: true,
    clock,
    log,
    onBytes,
    onOpen() {
      answered = false;
      sniffer = makeSniffer();
      void knock();
    },
    onClose() {
      answered = false;
      looking = false;
      cancelLook();
      session.drop();
    },
    onDevice: callbacks.onDevice,
  });

  async function sendSms(to: string, text: string): Promise<SmsOutcome> {
    if (!isPhoneNumber(to)) return { outcome: 'failed', error: 'not a phone number' };
    if (!answered) return { outcome: 'failed', error: 'the modem does not answer' };
    smsInHand = true;
    try {
      return await handOver(to, text);
    } finally {
      smsInHand = false;
    }
  }

  async function handOver(to: string, text: string): Promise<SmsOutcome> {
    const form = smsForm(text);
    const wide = form.charset === 'UCS2';
    const before = ['AT+CMGF=1', `AT+CSCS="${form.charset}"`, `AT+CSMP=17,167,0,${wide ? 8 : 0}`];
    for (const command of before) {
      const { final, error } = await session.command(command);
      if (final !== 'ok') return { outcome: 'failed', error: error ?? final };
    }
    const number = wide ? ucs2(to) : to;
    const payload = wide ? Uint8Array.from(form.hex, (c) => c.charCodeAt(0)) : form.bytes;
    const { final, error, given } = await session.prompted(`AT+CMGS="${number}"`, payload);
    if (final === 'ok') return { outcome: 'sent' };
    if (final === 'error' || !given) return { outcome: 'failed', error: error ?? final };
    return { outcome: 'unknown', error: final };
  }

  return {
    state: source.state,
    counters: () => ({ ...session.counters, ...counts, ...source.counters() }),
    async sendSms(to, text) {
      const outcome = await sendSms(to, text);
      counts[`sms_${outcome.outcome}`]!++;
      log.info({ outcome: outcome.outcome, error: outcome.error }, 'sms');
      return outcome;
    },
    async stop() {
      cancelLook();
      await source.stop();
      session.drop();
    },
  };
}
