import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Language } from '../../../visit/format.ts';

/**
 * Who asked to be told, and what waits to be told. Kept of a person: an address of one channel (encrypted), a
 * commune, a language, a date. A file of its own: deleting it forgets everybody and nothing else.
 */
export type Channel = 'push' | 'sms';
export type Recipient = {
  readonly id: number;
  readonly channel: Channel;
  /** Push: JSON of endpoint and keys. SMS: the number. */
  readonly address: string;
  readonly commune: string;
  readonly language: Language;
};
export type Delivery = {
  readonly id: number;
  readonly key: string;
  readonly attempts: number;
  readonly recipient: Recipient;
};

const SCHEMA = `
  create table if not exists secrets (name text primary key, value text not null);
  create table if not exists recipients (
    id integer primary key, channel text not null, mark text not null, commune text not null, language text not null,
    address blob not null, made integer not null, unique (mark, commune));
  create index if not exists recipients_commune on recipients (commune);
  create table if not exists notices (key text primary key, at integer not null);
  create table if not exists deliveries (
    id integer primary key, key text not null, recipient integer not null references recipients (id) on delete cascade,
    attempts integer not null default 0, due integer not null, flying integer not null default 0, unique (key, recipient));
  create index if not exists deliveries_due on deliveries (due);
  create table if not exists dead (id integer primary key, key text not null, channel text not null, commune text not null,
    at integer not null, error text not null);`;

/** Thirteen months, then a person is asked again by not being told (hazards §4). */
const KEPT_MS = 396 * 86_400_000;
const NOTICES_KEPT_MS = 60 * 86_400_000;
const MAX_RECIPIENTS = 200_000;
const MAX_COMMUNES_EACH = 10;
const MAX_DEAD = 500;

export type NoticeStore = ReturnType<typeof openNoticeStore>;

/** The key of the addresses: a file of its own, so that a copied database tells no address. */
function keyOf(path: string): Buffer {
  const file = `${path}.key`;
  if (path === ':memory:') return randomBytes(32);
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url');
}

export function openNoticeStore(path: string) {
  const key = keyOf(path);
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('secure_delete = ON');
  db.exec(SCHEMA);

  function secret(name: string, make: () => string): string {
    const row = db.prepare('select value from secrets where name = ?').get(name) as
      | { value: string }
      | undefined;
    if (row) return row.value;
    const value = make();
    db.prepare('insert into secrets values (?, ?)').run(name, value);
    return value;
  }

  const mark = (channel: Channel, address: string) =>
    createHmac('sha256', key).update(`${channel} ${address}`).digest('base64url');
  const seal = (text: string): Buffer => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  };
  const unseal = (sealed: Buffer): string => {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
    decipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('utf8');
  };

  type Row = { id: number; channel: Channel; address: Buffer; commune: string; language: Language };
  const recipientOf = ({ id, channel, address, commune, language }: Row): Recipient => ({
    id,
    channel,
    address: unseal(address),
    commune,
    language,
  });

  const DELIVERIES = `select d.id as delivery, d.key, d.attempts, r.id, r.channel, r.address, r.commune, r.language
    from deliveries d join recipients r on r.id = d.recipient`;
  type DeliveryRow = Row & { delivery: number; key: string; attempts: number };
  const deliveriesOf = (rows: readonly DeliveryRow[]): Delivery[] =>
    rows.map((row) => ({
      id: row.delivery,
      key: row.key,
      attempts: row.attempts,
      recipient: recipientOf(row),
    }));

  return {
    secret,
    mark,
    /** False when there is no room. The same address and commune again renews its date and language. */
    add(
      channel: Channel,
      who: string,
      address: string,
      commune: string,
      language: Language,
      nowMs: number,
    ): boolean {
      const own = mark(channel, who);
      const total = db.prepare('select count(*) as n from recipients').get() as { n: number };
      const each = db
        .prepare('select count(*) as n from recipients where mark = ? and commune <> ?')
        .get(own, commune) as { n: number };
      if (total.n >= MAX_RECIPIENTS || each.n >= MAX_COMMUNES_EACH) return false;
      db.prepare(
        `insert into recipients (channel, mark, commune, language, address, made) values (?, ?, ?, ?, ?, ?)
         on conflict (mark, commune) do update set language = excluded.language, address = excluded.address, made = excluded.made`,
      ).run(channel, own, commune, language, seal(address), nowMs);
      return true;
    },
    /** Forgets an address, of one commune or of all. Gives how many were known. */
    remove(channel: Channel, who: string, commune?: string): number {
      const own = mark(channel, who);
      if (commune === undefined) return db.prepare('delete from recipients where mark = ?').run(own).changes;
      return db.prepare('delete from recipients where mark = ? and commune = ?').run(own, commune).changes;
    },
    count(channel?: Channel): number {
      const sql = 'select count(*) as n from recipients';
      const row = channel ? db.prepare(`${sql} where channel = ?`).get(channel) : db.prepare(sql).get();
      return (row as { n: number }).n;
    },
    /** Writes the notice and a delivery for each who asked, in one transaction; false when it was told before. */
    queue(noticeKey: string, commune: string, nowMs: number): boolean {
      return db.transaction(() => {
        const isNew =
          db.prepare('insert or ignore into notices values (?, ?)').run(noticeKey, nowMs).changes === 1;
        if (isNew)
          db.prepare(
            'insert into deliveries (key, recipient, due) select ?, id, ? from recipients where commune = ?',
          ).run(noticeKey, nowMs, commune);
        return isNew;
      })();
    },
    due(nowMs: number, most: number): Delivery[] {
      const sql = `${DELIVERIES} where d.due <= ? order by d.due, d.id limit ?`;
      return deliveriesOf(db.prepare(sql).all(nowMs, most) as DeliveryRow[]);
    },
    /** Written before the sending; `landed` after it. In between the outcome is unknown. */
    flying(delivery: number, dueMs: number): void {
      db.prepare('update deliveries set attempts = attempts + 1, due = ?, flying = 1 where id = ?').run(
        dueMs,
        delivery,
      );
    },
    landed(delivery: number): void {
      db.prepare('update deliveries set flying = 0 where id = ?').run(delivery);
    },
    /** Text messages in the air when the depot died: shown, not sent again. A push replaces itself on the phone. */
    lost(): Delivery[] {
      return deliveriesOf(
        db.prepare(`${DELIVERIES} where d.flying = 1 and r.channel = 'sms'`).all() as DeliveryRow[],
      );
    },
    done(delivery: number): void {
      db.prepare('delete from deliveries where id = ?').run(delivery);
    },
    /** Given up; visible at the depot, without the address. */
    dead({ id, key: noticeKey, recipient }: Delivery, error: string, nowMs: number): void {
      db.transaction(() => {
        db.prepare('delete from deliveries where id = ?').run(id);
        db.prepare('insert into dead (key, channel, commune, at, error) values (?, ?, ?, ?, ?)').run(
          noticeKey,
          recipient.channel,
          recipient.commune,
          nowMs,
          error.slice(0, 200),
        );
        db.prepare('delete from dead where id <= (select max(id) from dead) - ?').run(MAX_DEAD);
      })();
    },
    deadLetters(): { key: string; channel: Channel; commune: string; at: number; error: string }[] {
      return db.prepare('select key, channel, commune, at, error from dead order by id desc').all() as never;
    },
    sweep(nowMs: number): number {
      db.prepare('delete from notices where at < ?').run(nowMs - NOTICES_KEPT_MS);
      return db.prepare('delete from recipients where made < ?').run(nowMs - KEPT_MS).changes;
    },
    close: () => void db.close(),
  };
}

/** A short name of a long text, for a push topic. */
export const shortHash = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 24);
