import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { end, layOut, outputOf, start } from '../parts/processes.ts';

/** What each daemon does with a mistake or a lost resource (DESIGN §9), tried on the real processes. */

const AGENDA = { version: 1, timezone: 'Europe/Paris', stops: [], visits: [] };

async function busyPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

function change(file: string, edit: (config: Record<string, unknown>) => void): void {
  const config = JSON.parse(readFileSync(file, 'utf8'));
  edit(config);
  writeFileSync(file, JSON.stringify(config));
}

describe('exits', { timeout: 60_000 }, () => {
  it('lists every problem of a configuration and exits 2', async () => {
    const place = await layOut();
    change(place.at('gateway.yaml'), (config) => {
      config.van = 'Camping Car';
      config.brocker = config.broker;
      delete config.broker;
    });
    const { code, stderr } = await outputOf('gateway', '--config', place.at('gateway.yaml'));
    expect(code).toBe(2);
    expect(stderr).toContain('van: expected');
    expect(stderr).toContain('brocker: expected a known key');
    expect(stderr).toContain('broker: expected');
    expect(stderr).not.toContain('    at ');
  });

  it('a file that is not there, a command that is none, an option unknown: 2, in a sentence', async () => {
    const missing = await outputOf('depot', '--config', '/nowhere/depot.yaml');
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('ENOENT')]);
    expect((await outputOf('drive')).code).toBe(2);
    const option = await outputOf('gateway', '--confg', 'x');
    expect([option.code, option.stderr]).toEqual([2, expect.not.stringContaining('    at ')]);
  });

  it("the depot's port in use: 2, naming it", async () => {
    const place = await layOut();
    writeFileSync(place.at('agenda.json'), JSON.stringify(AGENDA));
    const port = await busyPort();
    change(place.at('depot.yaml'), (config) => {
      config.http = `http://127.0.0.1:${port}`;
    });
    const { code, stderr } = await outputOf('depot', '--config', place.at('depot.yaml'));
    expect(code).toBe(2);
    expect(stderr).toContain(`127.0.0.1:${port}`);
  });

  it('a gateway without its devices and with its cab port taken runs on, and says so', async () => {
    const port = await busyPort();
    const place = await layOut({ cab: `http://127.0.0.1:${port}` });
    const gateway = start('gateway', '--config', place.at('gateway.yaml'));
    onTestFinished(() => void gateway.child.kill('SIGKILL'));
    await gateway.ready;
    expect(gateway.child.exitCode).toBeNull();
    expect(await end(gateway)).toBe(0);
    const { stdout } = await outputOf('export', '--journal', place.at('gateway.db'));
    expect(stdout).toContain('"what":"gps_lost"');
  });
});
