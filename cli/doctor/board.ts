import { type Diagnosis, type Machine, ok, warning, wrong } from './machine.ts';

/** The Pi itself: clock, supply, watchdog, memory limits. */
export function boardDiagnoses(machine: Machine, builtAtMs: number): Diagnosis[] {
  return [...clock(machine, builtAtMs), ...supply(machine), ...watchdog(machine), ...memory(machine)];
}

function clock(machine: Machine, builtAtMs: number): Diagnosis[] {
  const date = new Date(machine.nowMs()).toISOString().slice(0, 10);
  const hasRtc = machine.list('/sys/class/rtc').length > 0;
  if (machine.nowMs() < builtAtMs)
    return [
      wrong(
        'clock',
        `it says ${date}, before this program was made: TLS to the depot fails`,
        hasRtc
          ? 'sudo timedatectl set-ntp true; check the battery of the hardware clock'
          : 'wait for the network or a GPS fix; a hardware clock (DS3231) spares the wait',
      ),
    ];
  const synchronised = machine.run('timedatectl', 'show', '-p', 'NTPSynchronized', '--value');
  if (synchronised === undefined)
    return [
      warning('clock', `${date}; nobody says whether it is right`, 'install systemd-timesyncd or chrony'),
    ];
  if (synchronised !== 'yes')
    return [
      warning(
        'clock',
        `${date}, not set by the network since the start; visits are dated by GPS alone`,
        'timedatectl status; let port 123/udp out, or leave it to GPS',
      ),
    ];
  return [
    ok('clock', `${date}, set by the network${hasRtc ? '' : '; no hardware clock: it boots in the past'}`),
  ];
}

/** Bits of the Raspberry Pi's firmware word: 0 under-voltage now, 2 throttled now, 16 and 18 since the start. */
function supply(machine: Machine): Diagnosis[] {
  const text =
    machine.read('/sys/devices/platform/soc/soc:firmware/get_throttled') ??
    machine.run('vcgencmd', 'get_throttled')?.replace('throttled=', '0x').replace('0x0x', '0x');
  if (text === undefined) return [];
  const word = Number.parseInt(text.replace(/^0x/, ''), 16);
  const todo = 'a 5 V supply of 3 A at the board, a short thick cable, a converter of 12 V made for vehicles';
  if (word & 0b1) return [wrong('supply', 'the voltage is too low now', todo)];
  if (word & 0x1_0000) return [warning('supply', 'the voltage was too low since the start', todo)];
  if (word & 0b100 || word & 0x4_0000)
    return [warning('supply', 'the processor was slowed down', 'let air to the board, a heat sink')];
  return [ok('supply', 'steady since the start')];
}

function watchdog(machine: Machine): Diagnosis[] {
  const time = machine.run('systemctl', 'show', '-p', 'RuntimeWatchdogUSec', '--value');
  if (time === undefined || machine.list('/sys/class/watchdog').length === 0) return [];
  return time === '0' || time === 'infinity'
    ? [
        warning(
          'watchdog',
          'a Pi that hangs stays hung',
          'RuntimeWatchdogSec=14 in /etc/systemd/system.conf.d/watchdog.conf (docs/OPERATIONS.md)',
        ),
      ]
    : [ok('watchdog', `the board starts again by itself after ${time}`)];
}

function memory(machine: Machine): Diagnosis[] {
  const controllers = machine.read('/sys/fs/cgroup/cgroup.controllers');
  if (controllers === undefined || controllers.split(' ').includes('memory')) return [];
  return [
    warning(
      'memory',
      'the limits of the service have no effect',
      'add cgroup_enable=memory to /boot/firmware/cmdline.txt and restart',
    ),
  ];
}
