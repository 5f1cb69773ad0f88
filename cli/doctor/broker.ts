import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { credentialPath } from '../../runtime/credential.ts';
import { type Diagnosis, ok, warning, wrong } from './machine.ts';

const TIMEOUT_MS = 8000;
const DAY_MS = 86_400_000;
type Tls = { caFile?: string | undefined; certFile?: string | undefined; keyFile?: string | undefined };

/** The way to the depot step by step: name, connection, TLS. No MQTT session: it would put the daemon's own out. */
export async function brokerDiagnoses(url: string, tls: Tls = {}, nowMs = Date.now()): Promise<Diagnosis[]> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const at = `${host}:${port || (protocol === 'mqtts:' ? 8883 : 1883)}`;
  try {
    await lookup(host);
  } catch {
    return [
      wrong(
        'broker',
        `${host}: the name is not known`,
        'resolvectl query; is there a 4G connection? mmcli -m any',
      ),
    ];
  }
  const target = { host, port: Number(at.slice(at.lastIndexOf(':') + 1)) };
  if (protocol !== 'mqtts:') return [await tcpDiagnosis(at, target)];
  return [await tlsDiagnosis(at, target, tls, nowMs)];
}

type Target = { host: string; port: number };

function tcpDiagnosis(at: string, target: Target): Promise<Diagnosis> {
  return new Promise((resolve) => {
    const socket = connectTcp({ ...target, timeout: TIMEOUT_MS }, () => {
      socket.destroy();
      resolve(ok('broker', `${at} answers`));
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    socket.on('error', (error) => resolve(unreachable(at, error)));
  });
}

const unreachable = (at: string, error: NodeJS.ErrnoException) =>
  wrong(
    'broker',
    `${at}: ${error.code ?? error.message}`,
    error.code === 'ECONNREFUSED'
      ? 'the depot is not running, or the port is another one'
      : 'is there a 4G connection? Does the depot let this port in?',
  );

function tlsDiagnosis(at: string, target: Target, files: Tls, nowMs: number): Promise<Diagnosis> {
  const file = (path: string | undefined) =>
    path === undefined ? undefined : readFileSync(credentialPath(path));
  return new Promise((resolve) => {
    let socket: TLSSocket;
    try {
      socket = connectTls({
        ...target,
        timeout: TIMEOUT_MS,
        minVersion: 'TLSv1.2',
        servername: target.host,
        ...(files.caFile ? { ca: file(files.caFile)! } : {}),
        ...(files.certFile ? { cert: file(files.certFile)! } : {}),
        ...(files.keyFile ? { key: file(files.keyFile)! } : {}),
      });
    } catch (error) {
      resolve(
        wrong('broker', `TLS files: ${(error as Error).message}`, 'tournee check-config names the file'),
      );
      return;
    }
    socket.on('secureConnect', () => {
      const { valid_to } = socket.getPeerCertificate();
      const protocol = socket.getProtocol();
      socket.destroy();
      const daysLeft = Math.floor((Date.parse(valid_to) - nowMs) / DAY_MS);
      const says = `${at} answers with ${protocol}; its certificate ends in ${daysLeft} days`;
      resolve(daysLeft < 14 ? warning('broker', says, "renew the depot's certificate") : ok('broker', says));
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(tlsFault(at, error)));
  });
}

/** Node's words for what is wrong with a certificate (https://nodejs.org/docs/latest-v20.x/api/tls.html). */
function tlsFault(at: string, error: NodeJS.ErrnoException): Diagnosis {
  switch (error.code) {
    case 'CERT_NOT_YET_VALID':
    case 'CERT_HAS_EXPIRED':
      return wrong(
        'broker',
        `${at}: certificate not valid today`,
        'the clock of this machine first, then the certificate',
      );
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return wrong(
        'broker',
        `${at}: certificate of an unknown authority`,
        "tls.caFile: the depot's own authority",
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return wrong(
        'broker',
        `${at}: certificate of another name`,
        'broker: the name that is in the certificate',
      );
    default:
      return unreachable(at, error);
  }
}
