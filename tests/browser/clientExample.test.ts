import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { at, factsOf, gps } from '../parts/publicFacts.ts';
import { listening, publicServer } from '../parts/publicServer.ts';

const CLIENT = fileURLToPath(new URL('../../docs/client-example/client.mjs', import.meta.url));

it('the reference client shows «agency arrived», in 40 lines of code', async () => {
  const NOW = at('09:20');
  const approaching = factsOf({ heardMs: NOW, moving: true, ...gps({ state: 'approaching', atMs: NOW }) });
  const { app, clock, source } = await publicServer([approaching], NOW);
  const url = await listening(app);
  const client: ChildProcessByStdio<null, Readable, Readable> = spawn(
    process.execPath,
    [CLIENT, url, '37130'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let printed = '';
  client.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  try {
    await expect
      .poll(() => printed, { timeout: 10_000 })
      .toContain("approaching L'agence arrive. Vue à 9 h 20.");
    source.set([factsOf({ heardMs: NOW, ...gps({ state: 'on_site', arrivedMs: NOW, atMs: NOW }) })]);
    await clock.advance(1000);
    await expect
      .poll(() => printed, { timeout: 10_000 })
      .toContain(
        "on_site L'agence est arrivée à 9 h 20. Ouverture à 9 h 30. (gps, 2026-11-24T08:20:00.000Z)",
      );
  } finally {
    const ended = once(client, 'exit');
    client.kill();
    await ended;
    await app.close();
  }
  const code = readFileSync(CLIENT, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*(\/\/|\/\*\*)/.test(line));
  expect(code.length).toBeLessThanOrEqual(40);
});
