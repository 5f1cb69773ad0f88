import { request as httpRequest } from 'node:http';
import { onTestFinished } from 'vitest';
import { buildServer } from '../../../dashboard/io/server.ts';
import type { Agenda } from '../../../protocol/agenda.ts';
import { type Compressed, compressed, type PageAssets } from '../../../runtime/pageAssets.ts';
import { syntheticDepot } from '../syntheticDepot.ts';

/** Pages that need no build: routes are tested here, not scripts. */
export const TEST_ASSETS: PageAssets = {
  path: (name) => `/assets/${name}`,
  bytes: () => Buffer.alloc(0),
  version: 'test',
  files: new Map<string, Compressed & { type: string }>([
    ['depot.js', { ...compressed(Buffer.from('//')), type: 'text/javascript' }],
  ]),
};

const STOPS = [
  { id: 'lig', name: 'Ligueil, place de la Mairie', commune: '37130', lat: 47.0421, lon: 0.8189, radius: 80 },
  { id: 'pre', name: 'Preuilly-sur-Claise', commune: '37189', lat: 46.8547, lon: 0.9287, radius: 80 },
];

/** One visit that lasts the whole local day, so that the time at which the test runs does not matter. */
export function AGENDA_TODAY(): Agenda {
  const date = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format(Date.now());
  return {
    version: 7,
    timezone: 'Europe/Paris',
    stops: STOPS,
    visits: [
      { id: 'v1', stop: 'lig', date, from: '00:00', to: '23:59', van: 'one' },
      { id: 'v2', stop: 'pre', date, from: '00:01', to: '23:58', van: 'two' },
    ],
  };
}

/** The staff's application over a synthetic depot without passwords; it goes when the test ends. */
export async function openStaff(options: Partial<Parameters<typeof syntheticDepot>[0]> = {}) {
  const depot = await syntheticDepot({ vans: ['one'], agenda: AGENDA_TODAY(), ...options });
  const { app, stop } = await buildServer({ ...depot, assets: TEST_ASSETS });
  onTestFinished(async () => {
    await stop();
    await app.close();
    depot.close();
  });
  const csrf = (await app.inject('/api/session')).json().csrf as string;
  const post = (url: string, payload: object) =>
    app.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': 'application/json', 'x-csrf': csrf },
    });
  return { depot, app, post };
}

type LiveEvent = {
  readonly id: string;
  readonly event: string;
  readonly body: { readonly vans: readonly Record<string, unknown>[] };
};

/** The first `count` named events of a stream; `then` runs after the first one. */
export function readEvents(
  url: string,
  headers: Record<string, string>,
  count: number,
  then: () => void = () => {},
): Promise<{ events: LiveEvent[] }> {
  return new Promise((resolve, reject) => {
    const events: LiveEvent[] = [];
    let text = '';
    const request = httpRequest(url, { headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`HTTP ${response.statusCode}`));
      response.setEncoding('utf8');
      response.on('error', () => {});
      response.on('data', (chunk: string) => {
        text += chunk;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const event = parseEvent(text.slice(0, end));
          text = text.slice(end + 2);
          if (!event || event.event === 'beat') continue;
          events.push(event);
          if (events.length === 1) then();
          if (events.length === count) {
            request.destroy();
            resolve({ events });
            return;
          }
        }
      });
    });
    request.on('error', (error) => events.length < count && reject(error));
    request.end();
  });
}

function parseEvent(frame: string): LiveEvent | undefined {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1];
  const data = field('data');
  return data === undefined
    ? undefined
    : { id: field('id') ?? '', event: field('event') ?? '', body: JSON.parse(data) };
}
