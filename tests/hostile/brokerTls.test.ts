import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../dashboard/io/broker.ts';
import { topicOf } from '../../protocol/topics.ts';
import { systemClock } from '../../runtime/clock.ts';
import { silentLog } from '../../runtime/log.ts';
import { attack, connectPacket, publishPacket, TYPE } from './wire.ts';

/** C19: B3 and B4, credentials that are no longer good and TLS that is not ours. */
const deps = { log: silentLog, clock: systemClock };
const portOf = (broker: Broker) => Number(new URL(broker.url).port);

describe('B3: a revoked secret on a live socket', () => {
  it('is cut within 5 s and does not come back', async () => {
    const allowed = new Set(['van-1', 'van-2']);
    const broker = await startBroker({
      listen: 'mqtt://127.0.0.1:0',
      verify: (van) => allowed.has(van),
      ...deps,
    });
    broker.take(async () => {});
    try {
      const enter = (van: string) =>
        attack(portOf(broker), connectPacket({ id: van, user: van, password: 'x' }));
      const [revoked, other] = [await enter('van-1'), await enter('van-2')];
      expect((await revoked.packet(TYPE.connack))?.body[1]).toBe(0);
      await other.packet(TYPE.connack);
      allowed.delete('van-1');
      broker.disconnect('van-1');
      expect(await revoked.closed(5000)).toBe(true);
      const again = await enter('van-1');
      expect(await again.closed(5000)).toBe(true);
      expect(again.received()[0]?.body[1]).toBe(4);
      other.send(publishPacket(topicOf('van-2', 'urgent'), '{}', { qos: 1 }));
      expect(await other.packet(TYPE.puback)).toBeDefined();
      other.end();
    } finally {
      await broker.stop();
    }
  });
});

describe('B4: TLS that is not ours', () => {
  let folder: string;
  let broker: Broker;
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

  /** An authority of its own. */
  function authority(name: string): void {
    openssl(
      'req',
      '-x509',
      ...EC,
      '-days',
      '30',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.pem`),
    );
  }
  /** A certificate for `subject` signed by `issuer`; `days` ≤ 0: it has ended. */
  function certificate(name: string, subject: string, issuer: string, ...valid: string[]): void {
    openssl('req', ...EC, '-subj', `/CN=${subject}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`));
    const signer = ['-CA', at(`${issuer}.pem`), '-CAkey', at(`${issuer}.key`), '-CAcreateserial'];
    openssl('x509', '-req', '-in', at(`${name}.csr`), ...signer, '-out', at(`${name}.pem`), ...valid);
  }
  const read = (name: string) => readFileSync(at(name), 'utf8');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tournee-tls-'));
    authority('ours');
    authority('theirs');
    certificate('depot', 'localhost', 'ours', '-days', '30');
    certificate('van', 'van-1', 'ours', '-days', '30');
    certificate('other-van', 'van-2', 'ours', '-days', '30');
    certificate('foreign', 'van-1', 'theirs', '-days', '30');
    certificate('ended', 'van-1', 'ours', '-days', '-1');
    broker = await startBroker({
      listen: 'mqtts://127.0.0.1:0',
      tls: { cert: read('depot.pem'), key: read('depot.key'), ca: read('ours.pem') },
      verify: () => false,
      ...deps,
    });
    broker.take(async () => {});
  }, 60_000);
  afterAll(async () => {
    await broker.stop();
    rmSync(folder, { recursive: true });
  });

  /** The return code of CONNACK for van-1, or undefined when the connection ended before it. */
  function returnCode(options: ConnectionOptions): Promise<number | undefined> {
    return new Promise((resolve) => {
      const socket = connectTls(
        {
          port: portOf(broker),
          host: '127.0.0.1',
          ca: read('ours.pem'),
          servername: 'localhost',
          ...options,
        },
        () => socket.write(connectPacket({ id: 'van-1', user: 'van-1' })),
      );
      socket.on('data', (bytes) => {
        socket.destroy();
        resolve(bytes[3]);
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(undefined));
    });
  }
  const shown = (name: string) => ({ cert: read(`${name}.pem`), key: read(`${name}.key`) });

  it("takes the van's own certificate", async () => {
    expect(await returnCode(shown('van'))).toBe(0);
  });

  it.each(['other-van', 'foreign', 'ended'])('refuses the certificate %s', async (name) => {
    expect(await returnCode(shown(name))).not.toBe(0);
  });

  it('refuses no certificate, TLS 1.0 and 1.1, and plain text on the TLS port', async () => {
    expect(await returnCode({})).not.toBe(0);
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
      expect(await returnCode({ ...shown('van'), ...old })).toBeUndefined();
    }
    const plain = await attack(portOf(broker), connectPacket({ id: 'van-1', user: 'van-1', password: 'x' }));
    expect(await plain.closed(6000)).toBe(true);
    expect(plain.received().some(({ type }) => type === TYPE.connack)).toBe(false);
  });

  it('lets go of a handshake that does not end', async () => {
    const slow = await attack(portOf(broker), Buffer.from([0x16, 0x03, 0x01]));
    expect(await slow.closed(8000)).toBe(true);
    expect(broker.counters()['refused: TLS']).toBeGreaterThan(0);
  });
});
