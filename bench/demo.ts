import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '../runtime/freePort.ts';

/** The demo's story by the clock: when each thing can be seen on the pages, against what is promised (issue 3). */

type Milestone = { readonly name: string; readonly promisedS: number; readonly seen: () => Promise<boolean> };

export default async function run(args: string[]): Promise<void> {
  const [http, cab] = await Promise.all([freePort(), freePort()]);
  const startMs = performance.now();
  const child = spawn(
    process.execPath,
    ['cli/bin.mjs', 'demo', '--http', `${http}`, '--cab', `${cab}`, ...args],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const elapsedS = () => (performance.now() - startMs) / 1000;
  try {
    for (const { name, promisedS, seen } of milestones(http)) {
      const atS = await waitFor(seen, elapsedS, promisedS * 1.5 + 30, child);
      const told = atS === undefined ? 'never' : `${atS.toFixed(1)} s`;
      const met = atS !== undefined && atS <= promisedS;
      process.stdout.write(
        `${met ? 'met   ' : 'MISSED'}  ${name.padEnd(28)} ${told.padStart(9)}   promised ${promisedS} s\n`,
      );
    }
  } finally {
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    process.stdout.write(`ended with ${code}\n`);
  }
}

function milestones(http: number): Milestone[] {
  const url = `http://127.0.0.1:${http}`;
  const json = async (path: string) => (await fetch(url + path)).json();
  const stateOf = async (id: string): Promise<string> =>
    (await json('/public/v1/visits')).visits.find((v: { id: string }) => v.id === id)?.state;
  const van = async () => (await json('/api/vans')).vans[0];
  let first: string | undefined;
  return [
    { name: 'first page', promisedS: 5, seen: async () => (await fetch(`${url}/`)).ok },
    {
      name: 'van moving on the map',
      promisedS: 10,
      seen: async () => {
        const at = (await van()).position?.at;
        first ??= at;
        return at !== undefined && at !== first;
      },
    },
    { name: 'approaching', promisedS: 60, seen: async () => (await stateOf('demo-1')) === 'approaching' },
    { name: 'on site', promisedS: 150, seen: async () => (await stateOf('demo-1')) === 'on_site' },
    {
      name: 'battery alert',
      promisedS: 240,
      seen: async () => (await van()).alerts.some((a: { alert: string }) => /battery/.test(a.alert)),
    },
    {
      name: '4G lost, seen as silence',
      promisedS: 270,
      seen: async () => (await van()).freshness !== 'fresh',
    },
    {
      name: '4G back, backlog drained',
      promisedS: 300,
      seen: async () => {
        const { freshness, backlog } = await van();
        return freshness === 'fresh' && (backlog?.rows ?? 0) < 20;
      },
    },
    { name: 'departure', promisedS: 300, seen: async () => (await stateOf('demo-1')) === 'left' },
    { name: 'next stop: on site', promisedS: 480, seen: async () => (await stateOf('demo-2')) === 'on_site' },
  ];
}

async function waitFor(
  seen: () => Promise<boolean>,
  elapsedS: () => number,
  limitS: number,
  child: ChildProcess,
): Promise<number | undefined> {
  while (elapsedS() < limitS) {
    if (child.exitCode !== null) throw new Error(`the demo ended with ${child.exitCode}`);
    if (await seen().catch(() => false)) return elapsedS();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return undefined;
}
