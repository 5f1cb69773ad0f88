import { exitWith } from './exit.ts';

/** `tournee <command> …`: one file a command (DESIGN §6). Each gives its exit code. */
type Command = {
  readonly summary: string;
  readonly load: () => Promise<{ run(args: string[]): Promise<number> }>;
};

const COMMANDS: Record<string, Command> = {
  demo: {
    summary: '[--faults none|story|storm]: the whole path on this machine',
    load: () => import('./demo.ts'),
  },
  gateway: {
    summary: '--config F: the daemon on board',
    load: () => import('./gateway.ts'),
  },
  depot: {
    summary: '--config F: broker, ingest, store and pages',
    load: () => import('./depot.ts'),
  },
  simulate: {
    summary: 'a van in a box: receiver, shunt and modem on PTYs, its 4G as a TCP proxy',
    load: () => import('./simulate.ts'),
  },
  export: {
    summary: '--journal F | --config F [--format jsonl|gpx|geojson|csv]: rows of a van or of the depot',
    load: () => import('./export.ts'),
  },
  replay: {
    summary: '--agenda F --fixes F|- or --journal F: presence changes of a day, as JSON lines',
    load: () => import('./replay.ts'),
  },
  decode: {
    summary: 'nmea|vedirect|at|mmcli < bytes: what a device says, as JSON lines',
    load: () => import('./decode.ts'),
  },
  'check-config': {
    summary: 'F: every problem of a configuration, with path, expected, got',
    load: () => import('./check-config.ts'),
  },
  'install-service': {
    summary: 'gateway|depot: account, unit, udev names and configuration on this machine',
    load: () => import('./install-service.ts'),
  },
  doctor: {
    summary: "[--config F]: what is wrong with this van's machine, in words, and what to do",
    load: () => import('./doctor.ts'),
  },
};

function usage(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  return [
    'usage: tournee <command> [options]',
    '',
    ...Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
  ].join('\n');
}

const [name, ...args] = process.argv.slice(2);
const command = name === undefined ? undefined : Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (!command) {
  const asked = name === '--help' || name === '-h' || name === 'help';
  (asked ? process.stdout : process.stderr).write(`${usage()}\n`);
  process.exitCode = asked ? 0 : 2;
} else {
  await exitWith(async () => (await command.load()).run(args));
}
