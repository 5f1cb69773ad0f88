import { randomUUID } from 'node:crypto';
import type { Agenda } from '../protocol/agenda.ts';
import type { Row, RowOf } from '../protocol/rows.ts';
import { isoOf } from '../protocol/time.ts';
import type { Clock } from '../runtime/clock.ts';
import { configuredCredential, configuredTls } from '../runtime/credential.ts';
import type { makeParts } from '../runtime/lifecycle.ts';
import type { Log } from '../runtime/log.ts';
import { BUILD_MS, SOFTWARE } from '../runtime/version.ts';
import { type GatewayConfig, JOURNAL_DEFAULTS } from './config.ts';
import { dutyExpected } from './core/duty.ts';
import type { EngineSettings, EngineState } from './core/engine/types.ts';
import type { CourierFacts } from './core/link.ts';
import { smsSettingsOf } from './driverConfig.ts';
import { engineSettingsOf } from './engineSettings.ts';
import { makeCabEngine } from './io/cabEngine.ts';
import { type CourierLink, startCourier } from './io/courier.ts';
import type { SmsOutcome } from './io/device.ts';
import { type Host, startHost } from './io/host.ts';
import { openJournal } from './io/journal.ts';
import { startPositions } from './io/positions.ts';
import { restoreEngine } from './io/restore.ts';
import { startTexting } from './io/texting.ts';
import { startWriter } from './io/writer.ts';

/** The van without its devices and pages: journal → engine → courier. Scenarios run it on a clock of their own. */

export type VanDeps = {
  readonly add: ReturnType<typeof makeParts>['add'];
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** Id of this boot of the machine. */
  readonly boot: string;
  /** No true date lies before it. */
  readonly buildMs?: number;
};

type SendSms = (to: string, text: string) => Promise<SmsOutcome>;
const NO_MODEM: SmsOutcome = { outcome: 'failed', error: 'no modem' };

const COURIER_BEAT_MS = 5_000;

export function startVan(config: GatewayConfig, deps: VanDeps) {
  const { add, clock, log, random, boot, buildMs = BUILD_MS } = deps;
  const secret =
    config.secretFile === undefined ? undefined : configuredCredential(config.secretFile, 'secretFile');
  const tls = config.tls && configuredTls(config.tls, 'tls');
  const { path, retention, sizeMb } = journalOf(config);
  let reopened = false;
  const journal = openJournal(path, {
    van: config.van,
    software: SOFTWARE,
    boot,
    retentionMs: retention,
    maxBytes: sizeMb * 1_000_000,
    clock,
    log: log.child({ part: 'journal' }),
    onReopened: () => {
      reopened = true;
      setImmediate(() => tellJournal());
    },
  });
  add('journal', { stop: () => journal.close() });
  const writer = add('writer', startWriter(journal, clock, log.child({ part: 'writer' })));
  const settings = engineSettingsOf(config, buildMs);
  const restored = restoreEngine(journal, settings, boot);
  const floorMs = Math.max(buildMs, restored.lastMs);
  const host = add('engine', startHost({ ...restored, settings, boot, floorMs, writer, clock, log }));
  const presence = journal.last('settings')?.row.settings.presence;
  const opening: Row[] = [bootRow(host, boot, clock)];
  if (JSON.stringify(presence) !== JSON.stringify(settings.locate.presence))
    opening.push({
      ...bootTime(host, boot, clock),
      kind: 'settings',
      settings: { presence: settings.locate.presence },
    });
  writer.add(
    opening.map((row) => ({ lane: 'bulk', row })),
    true,
  );
  host.offer({ kind: 'restored' });
  let told = '';
  const tellJournal = () => {
    const past = journal.opening.salvaged ? 'salvaged' : reopened ? 'reopened' : 'ok';
    const state = writer.full() ? 'full' : past;
    if (state !== told) host.offer({ kind: 'journal', state });
    told = state;
  };
  tellJournal();
  // The whole file is read once it serves: damage is no longer met by chance.
  void journal.check();

  const tellCourier = () => {
    host.offer({ kind: 'courier', facts: courierFacts(courier.link(), clock.monotonicMs()) });
    tellJournal();
  };
  const courier = startCourier({
    broker: config.broker,
    van: config.van,
    ...(secret === undefined ? {} : { secret }),
    ...(tls ? { tls } : {}),
    journal,
    clock,
    log: log.child({ part: 'courier' }),
    random,
    status: () => statusOf(host.state(), host.nowMs()),
    quiet: () => isQuiet(host.state(), host.nowMs(), settings.duty),
    on: {
      agenda: (agenda) => takeAgenda(host, agenda, log),
      cab: (message) => cabEngine.message(message),
      link: () => tellCourier(),
    },
  });
  add('courier', courier);
  add('courier facts', { stop: clock.every(COURIER_BEAT_MS, tellCourier) });
  add('status', { stop: tellStatusChanges(host, () => courier.statusChanged()) });
  add('positions', startPositions(host, courier, clock));
  const cabEngine = makeCabEngine({
    host,
    journal,
    van: config.van,
    timezone: config.timezone,
    session: randomUUID(),
    sms: () => texting.sent(),
    messages: restored.messages,
    flush: () => writer.flush(),
    retentionMs: retention,
  });
  let send: SendSms | undefined;
  const texting = add(
    'texting',
    startTexting({
      journal,
      before: journal.rare(['sms'], 0).map(({ row }) => row as RowOf<'sms'>),
      writer,
      host,
      settings: smsSettingsOf(config.sms, config.timezone),
      van: config.van,
      send: (to, text) => (send ? send(to, text) : Promise.resolve(NO_MODEM)),
      log: log.child({ part: 'sms' }),
    }),
  );
  return {
    journal,
    writer,
    host,
    courier,
    cabEngine,
    /** Text messages go by this modem from now on. */
    sendBy(modem: SendSms): void {
      send = modem;
    },
  };
}

/** Duty and the agenda in force are part of the retained status. */
function tellStatusChanges(host: Host, tell: () => void): () => void {
  const marks = () => `${host.state().duty.on} ${host.state().agenda?.version} ${host.state().timeKnown}`;
  let told = marks();
  return host.onStep(() => {
    const now = marks();
    if (now === told) return;
    told = now;
    tell();
  });
}

const bootTime = (host: Host, boot: string, clock: Clock) =>
  host.state().timeKnown ? { at: isoOf(host.nowMs()) } : { at: null, boot, monoMs: clock.monotonicMs() };

const bootRow = (host: Host, boot: string, clock: Clock): RowOf<'boot'> => ({
  ...bootTime(host, boot, clock),
  kind: 'boot',
  software: SOFTWARE,
});

/** What the retained status says beside what is the courier's own. */
const statusOf = ({ timeKnown, agenda, duty }: EngineState, nowMs: number) => ({
  at: timeKnown ? isoOf(nowMs) : null,
  software: SOFTWARE,
  ...(agenda ? { agenda: agenda.version } : {}),
  duty: duty.on,
});

/** Off duty by its own word and by the agenda: what is not known is no reason to be slow. */
const isQuiet = (
  { timeKnown, agenda, duty }: EngineState,
  nowMs: number,
  settings: EngineSettings['duty'],
): boolean => timeKnown && agenda !== undefined && !duty.on && !dutyExpected(duty, nowMs, settings);

/** A lower version than the one in force is refused: a poisoned retained agenda changes nothing (DESIGN §1.9). */
function takeAgenda(host: Host, agenda: Agenda, log: Log): void {
  const inForce = host.state().agenda;
  if (inForce && agenda.version < inForce.version) {
    log.warn({ version: agenda.version, inForce: inForce.version }, 'lower agenda refused');
    return;
  }
  if (inForce && JSON.stringify(inForce) === JSON.stringify(agenda)) return;
  host.offer({ kind: 'agenda', agenda });
  log.info({ version: agenda.version, visits: agenda.visits.length }, 'agenda taken over');
}

/** The courier's link in the words of the link fold: ages in seconds. */
function courierFacts(link: CourierLink, monoMs: number): CourierFacts {
  return {
    connected: link.connected,
    ...(link.roundTripMs === undefined ? {} : { roundTripMs: link.roundTripMs }),
    ...(link.oldestUnreceivedMs === undefined ? {} : { oldestUnreceivedS: link.oldestUnreceivedMs / 1000 }),
    ...(link.cause === undefined ? {} : { lastErrorCause: link.cause }),
    ...(link.lastReceiptMs === undefined ? {} : { receiptAgeS: (monoMs - link.lastReceiptMs) / 1000 }),
  };
}

export function journalOf({ journal }: GatewayConfig) {
  return typeof journal === 'string' ? { path: journal, ...JOURNAL_DEFAULTS } : journal;
}
