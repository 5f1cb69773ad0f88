import { execFile } from 'node:child_process';
import { readMmcli } from '../core/mmcli.ts';
import { isPhoneNumber } from '../core/smsText.ts';
import type { SourceUrl } from '../core/sourceUrl.ts';
import type {
  DeviceDeps,
  DeviceState,
  LossReason,
  Modem,
  ModemCallbacks,
  ModemOptions,
  SmsOutcome,
} from './device.ts';
import { makeRecovery } from './recovery.ts';

/**
 * The modem through ModemManager, where that owns it: `mmcli -J` is asked every 15 s (facts/devices.md §3). The AT ports
 * are left alone: never both on one port.
 */
const LOOK_EVERY_MS = 15_000;
const COMMAND_MS = 10_000;
const SMS_MS = 65_000;
const MAX_OUTPUT_BYTES = 65_536;
/** Signal values are absent until their refreshing was asked for, in seconds. */
const SIGNAL_SETUP = '--signal-setup=10';

type Ran = {
  readonly ok: boolean;
  readonly output: string;
  readonly missing: boolean;
  readonly timedOut: boolean;
};

/** Runs mmcli in the C locale. Never rejects. */
function mmcli(args: readonly string[], timeoutMs = COMMAND_MS): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES, env: { ...process.env, LC_ALL: 'C' } };
    execFile('mmcli', args as string[], options, (error, stdout, stderr) =>
      resolve({
        ok: error === null,
        output: error ? stderr.trim().slice(0, 200) : stdout,
        missing: (error as NodeJS.ErrnoException | null)?.code === 'ENOENT',
        timedOut: error?.killed === true,
      }),
    );
  });
}

export function startMmcli(
  url: string,
  source: Extract<SourceUrl, { kind: 'mmcli' }>,
  deps: DeviceDeps,
  options: ModemOptions,
  callbacks: ModemCallbacks,
): Modem {
  const { clock, log } = deps;
  const modem = ['-m', source.modem];
  const counts = { looks: 0, readings: 0, lost: 0, sms_sent: 0, sms_failed: 0, sms_unknown: 0 };
  let state: DeviceState = 'opening';
  let stopped = false;
  let signalAsked = false;
  let smsInHand = false;
  let cancel = () => {};
  let looking = Promise.resolve();

  function tell(now: 'reading' | 'lost', reason?: LossReason, detail?: string): void {
    if (state === now || stopped) return;
    state = now;
    if (now === 'lost') counts.lost++;
    callbacks.onDevice({
      device: 'modem',
      url,
      state: now,
      ...(reason === undefined ? {} : { reason }),
      ...(detail === undefined ? {} : { detail }),
      monoMs: clock.monotonicMs(),
    });
  }

  async function look(): Promise<void> {
    counts.looks++;
    if (!signalAsked) signalAsked = (await mmcli([...modem, SIGNAL_SETUP])).ok;
    const general = await mmcli([...modem, '-J']);
    if (!general.ok) {
      signalAsked = false;
      tell(
        'lost',
        general.missing || /couldn't find/i.test(general.output) ? 'missing' : 'error',
        general.output,
      );
      return;
    }
    const signal = await mmcli([...modem, '--signal-get', '-J']);
    const reading = { ...readMmcli(general.output), ...(signal.ok ? readMmcli(signal.output) : {}) };
    if (stopped || Object.keys(reading).length === 0) return;
    tell('reading');
    counts.readings++;
    callbacks.onReading(reading, clock.monotonicMs());
    const registered = reading.registration === 'home' || reading.registration === 'roaming';
    await recovery.look(registered, smsInHand);
  }

  const recovery = makeRecovery(
    {
      // NetworkManager connects again by itself.
      reattach: async () => outcomeOf(await mmcli([...modem, '--simple-disconnect'])),
      reset: async () => outcomeOf(await mmcli([...modem, '--reset'])),
    },
    deps,
    options,
    callbacks,
  );
  const outcomeOf = (ran: Ran) => (ran.ok ? 'ok' : ran.output);

  async function sendSms(to: string, text: string): Promise<SmsOutcome> {
    if (!isPhoneNumber(to)) return { outcome: 'failed', error: 'not a phone number' };
    // mmcli reads `key='value'` pairs: a quote inside would end the value.
    const quoted = text.replaceAll("'", '\u2019');
    const made = await mmcli([...modem, `--messaging-create-sms=text='${quoted}',number='${to}'`]);
    const id = /SMS\/(\d+)/.exec(made.output)?.[1];
    if (!made.ok || id === undefined) return { outcome: 'failed', error: made.output };
    const sent = await mmcli(['-s', id, '--send', '--timeout=60'], SMS_MS);
    await mmcli([...modem, `--messaging-delete-sms=${id}`]);
    if (sent.ok) return { outcome: 'sent' };
    return {
      outcome: sent.timedOut || /timeout/i.test(sent.output) ? 'unknown' : 'failed',
      error: sent.output,
    };
  }

  function turn(): void {
    looking = look().then(() => {
      if (!stopped) cancel = clock.after(LOOK_EVERY_MS, turn);
    });
  }
  turn();
  return {
    state: () => state,
    counters: () => ({ ...counts }),
    async sendSms(to, text) {
      smsInHand = true;
      const outcome = await sendSms(to, text);
      smsInHand = false;
      counts[`sms_${outcome.outcome}`]++;
      log.info({ outcome: outcome.outcome, error: outcome.error }, 'sms');
      return outcome;
    },
    async stop() {
      stopped = true;
      cancel();
      await looking;
    },
  };
}
