import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../runtime/clock.ts';
import type { OfficeDb } from './officeDb.ts';

/**
 * The vans that exist and what each proves itself by: those of the configuration, and those enrolled on the page. A
 * secret is 256 random bits, shown once; its SHA-256 alone is kept (nothing shorter than the space can be guessed, so
 * scrypt would only slow the broker). A new secret takes over at its first use: a van on the road is not locked out.
 */
export type FleetVan = {
  readonly id: string;
  readonly name: string;
  readonly from: 'config' | 'page';
  /** A secret made on the page that the van has not shown yet. */
  readonly pending?: true;
  readonly since?: string;
  readonly by?: string;
  readonly revokedAt?: string;
};

export type Fleet = {
  /** One list for as long as the depot runs: who holds it sees a van that is enrolled later. */
  readonly ids: readonly string[];
  list(): readonly FleetVan[];
  /** False where an outside broker keeps the credentials: nothing can be enrolled here. */
  readonly isOurs: boolean;
  isRevoked(van: string): boolean;
  verify(van: string, secret: string): boolean;
  /** The secret of a new van; undefined when the id is known. */
  enrol(van: string, name: string, by: string): string | undefined;
  /** Another secret, for a revoked van too; the one before holds until this one is used. */
  renew(van: string, by: string): string;
  /** No secret of this van counts any more, and its live connection is cut. */
  revoke(van: string, by: string): void;
};

export type FleetDeps = {
  readonly config: readonly { readonly id: string; readonly name?: string | undefined }[];
  /** Secrets of the configuration, by van. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly db: OfficeDb;
  readonly clock: Clock;
  /** Cuts a van's connection; absent where the broker is not ours. */
  readonly cut?: (van: string) => void;
  readonly onEnrolled: (van: string) => void;
};

type Row = {
  readonly van: string;
  readonly name: string | null;
  readonly hash: string | null;
  readonly next: string | null;
  readonly at: string;
  readonly by: string;
  readonly revoked: string | null;
};

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url');
const isSame = (hash: string | null, given: string) =>
  hash !== null && hash.length === given.length && timingSafeEqual(Buffer.from(hash), Buffer.from(given));

export function makeFleet({ config, secrets, db, clock, cut, onEnrolled }: FleetDeps): Fleet {
  const find = db.prepare('select * from enrolled where van = ?');
  const put = db.prepare(
    'insert or replace into enrolled (van, name, hash, next, at, by, revoked) values (@van, @name, @hash, @next, @at, @by, @revoked)',
  );
  const named = new Map(config.map(({ id, name }) => [id, name ?? id]));
  const ids = [...named.keys()];
  for (const { van } of db.prepare('select van from enrolled order by at').all() as Row[])
    if (!named.has(van)) ids.push(van);
  const rowOf = (van: string) => find.get(van) as Row | undefined;
  const write = (van: string, by: string, change: Partial<Row>) => {
    const before = rowOf(van) ?? { van, name: null, hash: null, next: null, revoked: null };
    put.run({ ...before, at: new Date(clock.nowMs()).toISOString(), by, ...change });
  };
  const made = (van: string, by: string, change: Partial<Row>): string => {
    const secret = randomBytes(32).toString('base64url');
    write(van, by, { next: hashOf(secret), revoked: null, ...change });
    return secret;
  };

  return {
    ids,
    isOurs: cut !== undefined,
    list: () =>
      ids.map((id): FleetVan => {
        const row = rowOf(id);
        return {
          id,
          name: row?.name ?? named.get(id) ?? id,
          from: named.has(id) ? 'config' : 'page',
          ...(row?.next ? { pending: true as const } : {}),
          ...(row ? { since: row.at, by: row.by } : {}),
          ...(row?.revoked ? { revokedAt: row.revoked } : {}),
        };
      }),
    isRevoked: (van) => !ids.includes(van) || typeof rowOf(van)?.revoked === 'string',
    verify(van, secret) {
      const row = rowOf(van);
      if (row?.revoked) return false;
      const given = hashOf(secret);
      if (isSame(row?.next ?? null, given)) {
        put.run({ ...row, hash: given, next: null });
        return true;
      }
      if (row && row.hash !== null) return isSame(row.hash, given);
      const known = secrets.get(van);
      return known !== undefined && known !== '' && isSame(hashOf(known), given);
    },
    enrol(van, name, by) {
      if (ids.includes(van)) return undefined;
      const secret = made(van, by, { name });
      ids.push(van);
      onEnrolled(van);
      return secret;
    },
    renew: (van, by) => made(van, by, {}),
    revoke(van, by) {
      // An empty hash is nobody's: the secret of the configuration does not come back with a renewed one.
      write(van, by, { hash: '', next: null, revoked: new Date(clock.nowMs()).toISOString() });
      cut?.(van);
    },
  };
}
