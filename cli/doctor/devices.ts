import type { GatewayConfig } from '../../gateway/config.ts';
import type { Device, DeviceEvent } from '../../gateway/io/device.ts';
import { startGps } from '../../gateway/io/gps.ts';
import { startModem } from '../../gateway/io/modem.ts';
import { startPower } from '../../gateway/io/power.ts';
import { systemClock } from '../../runtime/clock.ts';
import { silentLog } from '../../runtime/log.ts';
import { type Diagnosis, ok, warning, wrong } from './machine.ts';

/** Baud rates are tried in turn: a receiver at the last of them is heard within this. */
const LISTEN_MS = 12_000;
const deps = { clock: systemClock, log: silentLog };

/** Listens to each device for a moment, as the gateway would, and says what was heard. */
export async function deviceDiagnoses(sources: GatewayConfig['sources']): Promise<Diagnosis[]> {
  const heard = [listenGps(sources.gps)];
  if (sources.power !== undefined) heard.push(listenPower(sources.power));
  if (sources.modem !== undefined) heard.push(listenModem(sources.modem));
  return Promise.all(heard);
}

const TODO: Partial<Record<NonNullable<DeviceEvent['reason']>, string>> = {
  missing: 'plug it in; ls -l /dev/serial/by-id/',
  busy: 'another program holds it: sudo fuser -v on the port; stop gpsd and ModemManager',
  refused: 'sudo usermod -aG dialout tournee, or the address is wrong',
  silence: 'cable, supply of the device, baud rate',
  unreadable: 'another baud rate, or crossed wires',
  wrong_device: 'two devices are exchanged: swap their paths in the configuration',
};

type Waiting = {
  readonly found: (diagnosis: Diagnosis) => void;
  readonly onDevice: (event: DeviceEvent) => void;
};

/** Runs one device until it was heard or the time is over. */
async function listen(subject: string, start: (waiting: Waiting) => Device): Promise<Diagnosis> {
  let lost: DeviceEvent | undefined;
  let cancel = () => {};
  let device: Device | undefined;
  const diagnosis = await new Promise<Diagnosis>((resolve) => {
    cancel = systemClock.after(LISTEN_MS, () => {
      const why = lost?.detail ?? lost?.reason ?? 'nothing was heard';
      const todo = (lost?.reason && TODO[lost.reason]) || 'cable, supply of the device, baud rate';
      resolve(wrong(subject, why, todo));
    });
    device = start({
      found: resolve,
      onDevice: (event) => {
        if (event.state !== 'lost') return;
        lost = event;
        if (event.reason === 'missing') resolve(wrong(subject, `${event.url}: not there`, TODO.missing!));
      },
    });
  });
  cancel();
  await device?.stop();
  return diagnosis;
}

function listenGps(url: string): Promise<Diagnosis> {
  return listen('gps', ({ found, onDevice }) =>
    startGps(url, deps, {
      onDevice: (event) => {
        onDevice(event);
        // Sentences without a position come from a receiver that is well and sees no sky.
        if (event.state === 'reading')
          systemClock.after(3000, () =>
            found(
              warning(
                'gps',
                'it speaks but has no fix',
                'an antenna with free sky; a cold start takes minutes',
              ),
            ),
          );
      },
      onFix: (fix) =>
        found(
          ok(
            'gps',
            `fix at ${new Date(fix.at).toISOString()}, ${fix.satellitesUsed ?? 'unknown'} satellites, HDOP ${fix.hdop ?? 'unknown'}`,
          ),
        ),
    }),
  );
}

function listenPower(url: string): Promise<Diagnosis> {
  return listen('power', ({ found, onDevice }) =>
    startPower(url, deps, {
      onDevice,
      onReading: (reading) => {
        if (reading.houseV === undefined && reading.starterV === undefined) return;
        const volts = [
          reading.houseV === undefined ? undefined : `house ${reading.houseV.toFixed(2)} V`,
          reading.starterV === undefined ? undefined : `starter ${reading.starterV.toFixed(2)} V`,
          reading.soc === undefined ? undefined : `charge ${reading.soc.toFixed(0)} %`,
        ];
        found(ok('power', volts.filter(Boolean).join(', ')));
      },
    }),
  );
}

function listenModem(url: string): Promise<Diagnosis> {
  return listen('modem', ({ found, onDevice }) =>
    startModem(
      url,
      deps,
      {},
      {
        onDevice,
        onRecovery: () => {},
        onReading: ({ registration, rsrpDbm, rssiDbm, operator, sim }) => {
          const signal = rsrpDbm ?? rssiDbm;
          if (sim !== undefined && sim !== 'READY')
            found(
              wrong('modem', `SIM: ${sim}`, 'take the PIN off the SIM in a telephone; is the card seated?'),
            );
          else if (registration === 'home' || registration === 'roaming')
            found(ok('modem', `${operator ?? 'registered'}${signal === undefined ? '' : `, ${signal} dBm`}`));
          else if (registration !== undefined && registration !== 'unknown' && registration !== 'searching')
            found(wrong('modem', `registration: ${registration}`, 'antenna, coverage, is the plan active?'));
        },
      },
    ),
  );
}
