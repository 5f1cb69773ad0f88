import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../../runtime/clock.ts';
import type { OfficeDb } from './officeDb.ts';

/**
 * Accounts and sessions of the staff (hazards.md §4): scrypt, 12 h absolute and 1 h idle, five tries in a quarter of
 * an hour. Session ids are stored hashed: the file alone opens nothing.
 */
export const ROLES = ['reader', 'planner', 'administrator'] as const;
export type Role = (typeof ROLES)[number];
export type Person = { readonly name: string; readonly role: Role };
export type Session = Person & { readonly csrf: string; readonly id: string };

export const atLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

const ABSOLUTE_MS = 12 * 3_600_000;
const IDLE_MS = 3_600_000;
const TRY_WINDOW_MS = 15 * 60_000;
const TRIES_AN_ACCOUNT = 5;
const TRIES_AN_ADDRESS = 30;
const MAX_TRACKED = 10_000;
/** OWASP's floor for scrypt: N = 2^17, r = 8, p = 1: 128 MiB and about 0.3 s a try. */
const PASSWORD_COST = 2 ** 17;
export const MIN_PASSWORD = 12;

const deriveKey = promisify(scrypt) as (
  password: string,
  salt: string,
  length: number,
  options: object,
) => Promise<Buffer>;
const hashed = (token: string) => createHash('sha256').update(token).digest('base64url');
const token = () => randomBytes(32).toString('base64url');

export type Auth = ReturnType<typeof makeAuth>;

export function makeAuth(db: OfficeDb, clock: Clock, passwordCost = PASSWORD_COST) {
  const scryptCost = { N: passwordCost, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
  const tries = makeTries(clock);
  const account = db.prepare('select name, role, salt, hash from accounts where name = ?');
  const session = db.prepare(
    'select s.id, s.csrf, s.created, s.used, a.name, a.role from sessions s join accounts a on a.name = s.account where s.id = ?',
  );
  const ended = new Set<(id: string) => void>();
  const end = (id: string) => {
    db.prepare('delete from sessions where id = ?').run(id);
    for (const listener of ended) listener(id);
  };

  return {
    hasAccounts: () => db.prepare('select 1 from accounts limit 1').get() !== undefined,
    accounts: () =>
      db.prepare('select name, role, created from accounts order by name').all() as (Person & {
        created: string;
      })[],

    async setAccount(name: string, role: Role, password: string): Promise<void> {
      const salt = randomBytes(16).toString('base64url');
      const hash = (await deriveKey(password, salt, 32, scryptCost)).toString('base64url');
      db.prepare(
        `insert into accounts values (?, ?, ?, ?, ?)
         on conflict (name) do update set role = excluded.role, salt = excluded.salt, hash = excluded.hash`,
      ).run(name, role, salt, hash, new Date(clock.nowMs()).toISOString());
      this.endSessionsOf(name);
    },
    removeAccount(name: string): void {
      this.endSessionsOf(name);
      db.prepare('delete from accounts where name = ?').run(name);
    },
    endSessionsOf(name: string): void {
      for (const { id } of db.prepare('select id from sessions where account = ?').all(name) as {
        id: string;
      }[])
        end(id);
    },

    /** A new session, or one and the same refusal whatever the reason; an unknown name costs the same time. */
    async login(
      name: string,
      password: string,
      address: string,
    ): Promise<{ readonly cookie: string; readonly csrf: string } | 'refused' | 'locked'> {
      if (!tries.allow(`name ${name}`, TRIES_AN_ACCOUNT) || !tries.allow(`from ${address}`, TRIES_AN_ADDRESS))
        return 'locked';
      const found = account.get(name) as { salt: string; hash: string } | undefined;
      const derived = await deriveKey(password, found?.salt ?? 'nobody', 32, scryptCost);
      const expected = Buffer.from(found?.hash ?? hashed('nobody'), 'base64url');
      if (!found || !timingSafeEqual(derived, expected)) return 'refused';
      tries.forget(`name ${name}`);
      const cookie = token();
      const csrf = token();
      const now = clock.nowMs();
      db.prepare('delete from sessions where created < ? or used < ?').run(now - ABSOLUTE_MS, now - IDLE_MS);
      db.prepare('insert into sessions values (?, ?, ?, ?, ?)').run(hashed(cookie), name, csrf, now, now);
      return { cookie, csrf };
    },

    session(cookie: string): Session | undefined {
      const row = session.get(hashed(cookie)) as (Session & { created: number; used: number }) | undefined;
      if (!row) return undefined;
      const now = clock.nowMs();
      if (now - row.created > ABSOLUTE_MS || now - row.used > IDLE_MS) {
        end(row.id);
        return undefined;
      }
      if (now - row.used > 60_000) db.prepare('update sessions set used = ? where id = ?').run(now, row.id);
      return { name: row.name, role: row.role, csrf: row.csrf, id: row.id };
    },
    logout: (cookie: string) => end(hashed(cookie)),
    /** Called with the id of each session that ends, so that its streams end with it. */
    onEnd(listener: (id: string) => void): () => void {
      ended.add(listener);
      return () => void ended.delete(listener);
    },

    /** A token for other software; shown once. */
    makeToken(name: string, scope: Role): string {
      const made = token();
      const at = new Date(clock.nowMs()).toISOString();
      db.prepare('insert into tokens values (?, ?, ?, ?, null)').run(hashed(made), name, scope, at);
      return made;
    },
    tokens: () =>
      db
        .prepare('select name, scope, created, used, substr(hash, 1, 12) as id from tokens order by name')
        .all(),
    removeToken: (id: string) => db.prepare('delete from tokens where substr(hash, 1, 12) = ?').run(id),
    byToken(bearer: string): Person | undefined {
      const row = db.prepare('select name, scope from tokens where hash = ?').get(hashed(bearer)) as
        | { name: string; scope: Role }
        | undefined;
      if (!row) return undefined;
      db.prepare('update tokens set used = ? where hash = ?').run(
        new Date(clock.nowMs()).toISOString(),
        hashed(bearer),
      );
      return { name: row.name, role: row.scope };
    },
  };
}

/** Tries by key in a sliding window; bounded: an attacker's names push out the oldest of them. */
function makeTries(clock: Clock) {
  const seen = new Map<string, number[]>();
  return {
    allow(key: string, most: number): boolean {
      const now = clock.nowMs();
      const recent = (seen.get(key) ?? []).filter((at) => now - at < TRY_WINDOW_MS);
      if (recent.length >= most) return false;
      seen.delete(key);
      seen.set(key, [...recent, now]);
      if (seen.size > MAX_TRACKED) seen.delete(seen.keys().next().value!);
      return true;
    },
    forget: (key: string) => void seen.delete(key),
  };
}
