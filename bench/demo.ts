import { execFileSync, spawn } from 'node:child_process';
import { freePort } from '../runtime/freePort.ts';
import { lookAt } from '../tests/parts/look.ts';

/** The demo's story by the clock: when each thing can be seen on the pages, against what is promised (issue 3). */

/** The last promise and a minute. */
const GIVE_UP_S = 540;

const ROUND_MS = 400;

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
    const waiting = new Set(milestones(http));
    while (waiting.size > 0 && elapsedS() < GIVE_UP_S) {
      if (child.exitCode !== null) throw new Error(`the demo ended with ${child.exitCode}`);
      for (const milestone of waiting) {
        if (!(await milestone.seen().catch(() => false))) continue;
        waiting.delete(milestone);
        report(milestone, elapsedS());
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    for (const milestone of waiting) report(milestone, undefined);
    await killGateway(`http://127.0.0.1:${http}`);
  } finally {
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    process.stdout.write(`ended with ${code}\n`);
  }
}

/** `kill -9` of the gateway: offline at the depot at once, and back by itself after twenty seconds. */
async function killGateway(depot: string): Promise<void> {
  const freshness = async (): Promise<string> =>
    (await (await fetch(`${depot}/api/vans`)).json()).vans[0].freshness;
  const pid = Number(
    execFileSync('pgrep', ['-n', '-f', 'gateway --config .*tournee-demo-'], { encoding: 'utf8' }).trim(),
  );
  const killedMs = performance.now();
  process.kill(pid, 'SIGKILL');
  for (const [name, promisedS, wanted] of [
    ['killed: offline', 2, 'offline'],
    ['killed: back', 30, 'fresh'],
  ] as const) {
    let atS: number | undefined;
    while (atS === undefined && performance.now() - killedMs < 60_000) {
      if ((await freshness()) === wanted) atS = (performance.now() - killedMs) / 1000;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    report({ name, promisedS, seen: async () => true }, atS);
  }
}

function milestones(http: number): Milestone[] {
  const url = `http://127.0.0.1:${http}`;
  // One question serves all milestones of a round: a town's rate limit is not for a bench to try.
  const known = new Map<string, { atMs: number; answer: ReturnType<typeof ask> }>();
  const ask = async (path: string) => (await fetch(url + path)).json();
  const json = (path: string) => {
    const kept = known.get(path);
    if (kept && performance.now() - kept.atMs < ROUND_MS) return kept.answer;
    const answer = ask(path);
    known.set(path, { atMs: performance.now(), answer });
    return answer;
  };
  const stateOf = async (id: string): Promise<string> =>
    (await json('/public/v1/visits')).visits.find((v: { id: string }) => v.id === id)?.state;
  const van = async () => (await json('/api/vans')).vans[0];
  // A planner looks at this van: its position then comes each second.
  const watched = setInterval(() => {
    void lookAt(url, 'camping-car-7').catch(() => {});
  }, 2000);
  watched.unref();
  let first: string | undefined;
  let wasLost = false;
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
      name: '4G lost: offline at the depot',
      promisedS: 270,
      seen: async () => {
        const { freshness, heardAt } = await van();
        wasLost ||= freshness === 'offline' && heardAt !== undefined;
        return wasLost;
      },
    },
    {
      name: '4G back, backlog drained',
      promisedS: 300,
      seen: async () => {
        const { freshness, backlog } = await van();
        return wasLost && freshness === 'fresh' && (backlog?.rows ?? 0) < 20;
      },
    },
    { name: 'departure', promisedS: 300, seen: async () => (await stateOf('demo-1')) === 'left' },
    { name: 'next stop: on site', promisedS: 480, seen: async () => (await stateOf('demo-2')) === 'on_site' },
  ];
}

function report({ name, promisedS }: Milestone, atS: number | undefined): void {
  const told = atS === undefined ? 'never' : `${atS.toFixed(1)} s`;
  const met = atS !== undefined && atS <= promisedS;
  process.stdout.write(
    `${met ? 'met   ' : 'MISSED'}  ${name.padEnd(28)} ${told.padStart(9)}   promised ${promisedS} s\n`,
  );
}
