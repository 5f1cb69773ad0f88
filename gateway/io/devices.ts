import { join } from 'node:path';
import type { Clock } from '../../runtime/clock.ts';
import { makeParts, type Part } from '../../runtime/lifecycle.ts';
import type { Log } from '../../runtime/log.ts';
import { repairedAt } from '../core/gate.ts';
import type { DeviceKind } from '../core/sourceUrl.ts';
import { startCounters } from './counters.ts';
import type { CourierLink } from './courier.ts';
import type { Device, DeviceEvent, Modem, ModemOptions } from './device.ts';
import { startGps } from './gps.ts';
import { startHealth } from './health.ts';
import type { Host } from './host.ts';
import { startModem } from './modem.ts';
import { startPower } from './power.ts';
import { makePowerCycle } from './powerCycle.ts';

/** The sections of the configuration that are the devices'. */
export type DevicesSettings = {
  readonly sources: {
    readonly gps: string;
    readonly power?: string | undefined;
    readonly modem?: string | undefined;
  };
  readonly modem?: { readonly powerCycle?: string | undefined } | undefined;
};

export type DevicesDeps = {
  readonly clock: Clock;
  readonly log: Log;
  /** The journal's folder: its disk is the one that counts. */
  readonly folder: string;
  readonly buildMs: number;
  readonly link: () => CourierLink;
  /** Text messages go by this modem. */
  readonly sendBy: (send: Modem['sendSms']) => void;
  /** PIN of the modem's SIM. */
  readonly pin?: string;
};

/** The van's devices, each read into the engine. A device that is not there is an alert, never a stop. */
export function startDevices(config: DevicesSettings, host: Host, deps: DevicesDeps): Part {
  const { clock, log, folder, buildMs } = deps;
  const parts = makeParts(log);
  const part = (name: string) => ({ clock, log: log.child({ part: name }) });
  const counters = startCounters(clock, (what, detail) => host.offer({ kind: 'event', what, detail }));
  const onDevice = (event: DeviceEvent) => {
    tellDevice(host, event, log);
    if (event.state === 'lost') counters.lost(event.device);
  };
  const add = (kind: DeviceKind, device: Device) => counters.add(kind, parts.add(kind, device));
  parts.add('counters', counters);
  const { gps, power, modem } = config.sources;

  add(
    'gps',
    startGps(gps, part('gps'), {
      onDevice,
      onFix(fix, monoMs) {
        host.observe({ utcMs: repairedAt(fix.at, buildMs), monoMs, source: 'gnss' });
        host.offer({ kind: 'fix', fix, monoMs });
      },
    }),
  );
  if (power)
    add(
      'power',
      startPower(power, part('power'), {
        onDevice,
        onReading: (reading, monoMs) => host.offer({ kind: 'power', reading, monoMs }),
      }),
    );
  if (modem) {
    const started = startModem(modem, part('modem'), modemOptions(config, deps), {
      onDevice,
      onReading: (reading, monoMs) => host.offer({ kind: 'modem', reading, monoMs }),
      onRecovery(event) {
        const { step, outcome, monoMs } = event;
        log.warn({ step, outcome }, 'modem recovery');
        host.offer({
          kind: 'event',
          what: `modem_${step}`,
          detail: outcome === undefined ? {} : { outcome },
          monoMs,
        });
      },
    });
    add('modem', started);
    deps.sendBy((to, text) => started.sendSms(to, text));
  }
  parts.add(
    'health',
    startHealth({ folder }, part('health'), {
      onReading(reading, monoMs) {
        if (reading.clockSynchronised)
          host.observe({ utcMs: clock.nowMs(), monoMs: clock.monotonicMs(), source: 'ntp' });
        host.offer({ kind: 'health', reading, monoMs });
      },
    }),
  );
  return parts;
}

/** The SIM's PIN and the supply's switch, as configured; whether data flows, as the courier knows. */
function modemOptions(config: DevicesSettings, { pin, folder, link }: DevicesDeps): ModemOptions {
  const powerCycle = config.modem?.powerCycle;
  return {
    reachable: () => dataFlows(link()),
    ...(pin === undefined ? {} : { pin, pinFile: join(folder, 'sim-pin.tried') }),
    ...(powerCycle === undefined ? {} : { powerCycle: makePowerCycle(powerCycle) }),
  };
}

/** Whoever refuses a connection has answered it: a depot that is down is no ground to restart a modem. */
function dataFlows({ connected, cause }: CourierLink): boolean | undefined {
  if (connected || cause === 'refused' || cause === 'auth' || cause === 'tls') return true;
  return cause === 'dns' || cause === 'timeout' || cause === 'unreachable' ? false : undefined;
}

function tellDevice(host: Host, event: DeviceEvent, log: Log): void {
  const { device, state, reason, url, detail, baud, monoMs } = event;
  log[state === 'lost' ? 'warn' : 'info']({ device, state, url, reason, detail, baud }, 'device');
  if (state === 'opening') return;
  const word =
    state === 'reading'
      ? 'up'
      : reason === 'wrong_device'
        ? 'wrong'
        : reason === 'silence'
          ? 'silent'
          : 'lost';
  host.offer({ kind: 'device', device, state: word, monoMs, detail: detail ?? url });
}
