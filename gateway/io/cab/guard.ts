import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PinLock } from './pinLock.ts';

/**
 * Who may speak to the cab page (hazards.md §4): the van's own network, by a name that is ours, with the PIN, and for
 * acts from our own page alone. Refusals say little and cost little.
 */

type Guarded = { readonly van: string; readonly hosts: readonly string[]; readonly lock: PinLock };

/** Served before the PIN: the page asks for it. */
const OPEN = /^\/(?:$|\?|assets\/|pin$|manifest\.webmanifest$|icon)/;
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export function guard(app: FastifyInstance, { van, hosts, lock }: Guarded): void {
  const names = new Set(['localhost', `${van}.local`, van, ...hosts].map((name) => name.toLowerCase()));
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    const refuse = (status: number, problem: string) => reply.code(status).send({ problem });
    if (!isOwnNetwork(request.ip)) return refuse(403, 'not on the network of the van');
    if (!isOwnName(request.headers.host, names)) return refuse(421, 'unknown host');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      if (!isOwnPage(request)) return refuse(403, 'not from this page');
    }
    if (!OPEN.test(request.url) && !lock.isOpen(request)) return refuse(401, 'PIN needed');
  });
}

/** An address, or one of our names: a rebound name of a stranger is neither. */
export function isOwnName(host: string | undefined, names: ReadonlySet<string>): boolean {
  if (host === undefined || host.length > 120) return false;
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  const bare = /^\[.*\]$/.test(name) ? name.slice(1, -1) : name;
  return isIP(bare) !== 0 || names.has(name.replace(/\.$/, ''));
}

/** No form and no script of another site: JSON alone, marked by us, from this very origin. */
function isOwnPage(request: FastifyRequest): boolean {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (request.headers['x-cab'] !== '1') return false;
  if (request.method === 'POST' && request.headers['content-type'] !== 'application/json') return false;
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === undefined || origin === `http://${host}`;
}

/** Interfaces of the modem: what comes from there comes from the operator's network. */
const OUTSIDE = /^(?:wwan|wwp|ppp|rmnet|usb)/;

/** On this machine, or on a private network that the machine is itself on. */
export function isOwnNetwork(address: string, interfaces = networkInterfaces()): boolean {
  const ip = address.replace(/^::ffff:/, '');
  if (ip === '::1' || /^127\./.test(ip)) return true;
  if (isIP(ip) === 0) return false;
  return Object.entries(interfaces).some(
    ([name, addresses]) =>
      !OUTSIDE.test(name) &&
      (addresses ?? []).some((own) => own.cidr !== null && isPrivate(ip) && isWithin(ip, own.cidr)),
  );
}

const isPrivate = (ip: string): boolean =>
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.)/.test(ip) || /^(?:f[cd]|fe[89ab])/i.test(ip);

/** Is `ip` in the network `cidr`? */
function isWithin(ip: string, cidr: string): boolean {
  const [net, length] = cidr.split('/') as [string, string];
  if (isIP(ip) !== isIP(net)) return false;
  const bits = Number(length);
  const [a, b] = [bitsOf(ip), bitsOf(net)];
  return a !== undefined && b !== undefined && a.slice(0, bits) === b.slice(0, bits);
}

function bitsOf(ip: string): string | undefined {
  if (isIP(ip) === 4)
    return ip
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  const [head = '', tail] = ip.split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  const groups = tail === undefined ? left : [...left, ...zeros, ...right];
  if (groups.some((group) => group.includes('.'))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}
