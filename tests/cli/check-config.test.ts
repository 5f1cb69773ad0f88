import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kindOf } from '../../cli/check-config.ts';
import { depotFindings } from '../../cli/checks/depot.ts';
import { portFindings, secretFindings } from '../../cli/checks/findings.ts';
import { gatewayFindings } from '../../cli/checks/gateway.ts';
import { DepotConfig } from '../../dashboard/config.ts';
import { GatewayConfig } from '../../gateway/config.ts';

const BIN = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'cli', 'bin.mjs');
let folder: string;
const at = (name: string) => join(folder, name);
const put = (name: string, content: object | string) => {
  writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
  return at(name);
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tournee-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const SECRET = '0123456789abcdef0123456789abcdef';
const gateway = (more: object = {}) => ({
  van: 'van-1',
  sources: { gps: `serial:${at('gps')}?baud=9600` },
  journal: at('gateway.db'),
  broker: 'mqtts://depot.example:8883',
  ...more,
});
const depot = (more: object = {}) => ({
  broker: 'mqtt://127.0.0.1:0',
  http: 'http://127.0.0.1:0',
  store: `sqlite:${at('depot.db')}`,
  agenda: put('agenda.json', { version: 1, timezone: 'Europe/Paris', stops: [], visits: [] }),
  vans: [{ id: 'van-1' }],
  auth: 'none',
  ...more,
});
const ofGateway = (more: object) => gatewayFindings(GatewayConfig.parse(gateway(more)));
const ofDepot = (more: object) => depotFindings(DepotConfig.parse(depot(more)));

function check(file: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'check-config', file], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('check-config', () => {
  it('says well and exits 0, the missing device as a warning', () => {
    const { status, stdout, stderr } = check(put('gateway.yaml', gateway()));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`warning: sources.gps: expected a device, got ${at('gps')}: nothing there`);
    expect(stdout).toContain("a gateway's configuration, well");
  });

  it('lists every problem with path, expected, got and exits 2', () => {
    const file = put('bad.yaml', gateway({ van: 'X', broker: 'mqtt://depot.example:1883', colour: 'red' }));
    const { status, stdout, stderr } = check(file);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/bad.yaml: 3 problems/);
    expect(stderr).toMatch(/van: expected .* got "X"/);
    expect(stderr).toMatch(/broker: expected mqtts:.* got "mqtt:\/\/depot.example:1883"/);
    expect(stderr).toMatch(/colour: expected a known key, got unknown key "colour"/);
  });

  it.each([
    ['no file', () => at('nowhere.yaml'), /expected a readable file, got ENOENT/],
    ['bad YAML', () => put('bad-yaml.yaml', 'van: [\n'), /line \d+, column \d+: expected valid YAML/],
    ['another file', () => put('other.yaml', 'a: 1\n'), /expected a van's configuration .* got the keys a/],
    ['a list', () => put('list.yaml', '- 1\n'), /got the keys 0/],
  ])('exits 2 on %s', (_, file, expected) => {
    const { status, stderr } = check(file());
    expect(status).toBe(2);
    expect(stderr).toMatch(expected);
  });

  it('knows a depot from a gateway', () => {
    expect(kindOf(put('d.yaml', depot()))).toBe('depot');
    expect(kindOf(put('g.yaml', gateway({ http: 'http://127.0.0.1:1' })))).toBe('gateway');
  });
});

describe('around a van', () => {
  it.each([
    ['a journal without its folder', { journal: '/nowhere/gateway.db' }, 'journal'],
    ['a secret that is not there', { secretFile: '/nowhere/secret' }, 'secretFile'],
    ['half a certificate', { tls: { certFile: '/nowhere/cert' } }, 'tls'],
    ['a time zone of nobody', { timezone: 'Europe/Ligueil' }, 'timezone'],
  ])('%s is a problem', async (_, more, path) => {
    const problems = (await ofGateway(more)).filter(({ level }) => level === 'problem');
    expect(problems.map((finding) => finding.path)).toContain(path);
  });

  it('a source of another device, or one that is none, is refused by the schema', async () => {
    for (const gps of ['mmcli:any', 'serial:/dev/ttyS0?baud=fast'])
      await expect(async () => ofGateway({ sources: { gps } })).rejects.toThrow(/sources/);
  });

  it('a device that is not a serial port, or has a name that changes, is a warning', async () => {
    put('gps', 'not a device');
    const findings = await ofGateway({});
    expect(findings).toMatchObject([{ level: 'warning', path: 'sources.gps', expected: 'a serial device' }]);
    rmSync(at('gps'));
  });

  it('tells an open, a short and an empty secret', () => {
    writeFileSync(at('open'), SECRET, { mode: 0o644 });
    expect(secretFindings('s', at('open'))).toMatchObject([{ level: 'warning' }]);
    expect(secretFindings('s', put('short', 'abc'))).toMatchObject([{ level: 'warning', got: '3' }]);
    expect(secretFindings('s', put('empty', '\n'))).toMatchObject([{ level: 'problem' }]);
    expect(secretFindings('s', put('good', SECRET))).toEqual([]);
  });

  it('tells a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const findings = await portFindings('cab', `http://127.0.0.1:${port}`);
    await new Promise((resolve) => server.close(resolve));
    expect(findings).toMatchObject([{ level: 'warning', path: 'cab' }]);
    expect(findings[0]!.got).toContain(`port ${port} in use`);
    expect(await portFindings('cab', `http://127.0.0.1:${port}`)).toEqual([]);
  });
});

describe('around a depot', () => {
  it('is well with what the demo uses', async () => {
    expect(await ofDepot({})).toEqual([]);
  });

  it.each([
    ['an agenda with a mistake', () => ({ agenda: put('a.json', { version: 'one' }) }), 'agenda: version'],
    ['no agenda', () => ({ agenda: '/nowhere/agenda.yaml' }), 'agenda'],
    ['TLS without a certificate', () => ({ broker: 'mqtts://127.0.0.1:0' }), 'broker.tls'],
    ['a store without its folder', () => ({ store: 'sqlite:/nowhere/depot.db' }), 'store'],
    ['a van without its secret', () => ({ vans: [{ id: 'van-1', secretFile: '/no' }] }), 'vans.0.secretFile'],
  ])('%s is a problem', async (_, more, path) => {
    const problems = (await ofDepot(more())).filter(({ level }) => level === 'problem');
    expect(problems.map((finding) => finding.path)).toContain(path);
  });
});
