import { type Diagnosis, type Machine, ok, warning, wrong } from './machine.ts';

const UNIT = 'tournee-gateway.service';

/** The unit's own words, empty where there is no systemd. */
export function unitState(machine: Machine): Readonly<Record<string, string>> {
  const names = [
    'LoadState',
    'ActiveState',
    'UnitFileState',
    'NRestarts',
    'Result',
    'StatusText',
    'MemoryCurrent',
  ];
  const text = machine.run('systemctl', 'show', UNIT, ...names.map((name) => `--property=${name}`));
  return Object.fromEntries(
    (text ?? '').split('\n').flatMap((line) => {
      const cut = line.indexOf('=');
      return cut > 0 ? [[line.slice(0, cut), line.slice(cut + 1)]] : [];
    }),
  );
}

export const isRunning = (machine: Machine): boolean => unitState(machine).ActiveState === 'active';

/** The service: there, enabled, running, not restarting over and over; its account, and who else takes its ports. */
export function serviceDiagnoses(machine: Machine): Diagnosis[] {
  const state = unitState(machine);
  if (state.LoadState === undefined)
    return [warning('service', 'no systemd answers here', 'on a Pi: systemctl')];
  if (state.LoadState !== 'loaded')
    return [
      wrong('service', 'not installed', 'the Debian package, or sudo npx tournee install-service gateway'),
    ];
  return [...running(state), ...enabled(state), ...account(machine), ...modemManager(machine)];
}

function running(state: Readonly<Record<string, string>>): Diagnosis[] {
  const restarts = Number(state.NRestarts ?? 0);
  if (state.ActiveState !== 'active')
    return [
      wrong(
        'service',
        `${state.ActiveState ?? 'unknown'} (${state.Result ?? 'no result'})`,
        'journalctl -u tournee-gateway -n 50; sudo systemctl start tournee-gateway',
      ),
    ];
  if (restarts > 3)
    return [
      warning(
        'service',
        `started again ${restarts} times`,
        'journalctl -u tournee-gateway -p warning -n 100',
      ),
    ];
  return [ok('service', `running${state.StatusText ? `: ${state.StatusText}` : ''}`)];
}

function enabled(state: Readonly<Record<string, string>>): Diagnosis[] {
  return state.UnitFileState === 'enabled'
    ? []
    : [warning('service', 'it does not start with the Pi', 'sudo systemctl enable tournee-gateway')];
}

function account(machine: Machine): Diagnosis[] {
  const groups = machine.run('id', '-nG', 'tournee')?.split(' ');
  if (groups === undefined)
    return [
      wrong('account', 'there is no user tournee', 'sudo systemd-sysusers /usr/lib/sysusers.d/tournee.conf'),
    ];
  return groups.includes('dialout')
    ? [ok('account', 'tournee may use serial ports')]
    : [wrong('account', 'tournee may not use serial ports', 'sudo usermod -aG dialout tournee')];
}

function modemManager(machine: Machine): Diagnosis[] {
  if (machine.run('systemctl', 'is-active', 'ModemManager') === undefined) return [];
  return machine.read('/usr/lib/udev/rules.d/70-tournee.rules') ||
    machine.read('/etc/udev/rules.d/70-tournee.rules')
    ? [ok('modem', 'ModemManager runs and leaves our ports alone')]
    : [
        warning(
          'modem',
          'ModemManager probes every serial port',
          'install 70-tournee.rules (sudo npx tournee install-service gateway) and plug the devices again',
        ),
      ];
}
