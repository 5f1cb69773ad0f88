import { useSignal } from '@preact/signals';
import { OFFICE_WORDS } from '../../../web/dictionaryOffice.ts';
import { when } from '../../../web/format.ts';
import { write } from './api.ts';
import { useLoaded } from './loaded.ts';
import { Field, WriteForm } from './small.tsx';
import { isAdministrator, language, minuteMs, session, timezone } from './state.ts';
import { Table } from './table.tsx';
import { words } from './words.ts';

const ROLES = ['reader', 'planner', 'administrator'] as const;
type Role = (typeof ROLES)[number];
const at = (iso: string) => when(language.value, Date.parse(iso), minuteMs.value, timezone.value);

/** People and privacy, and what other software may ask. */
export function Settings() {
  const w = OFFICE_WORDS[language.value].settings;
  return (
    <div class="page">
      <h1>{words().sections.settings}</h1>
      {isAdministrator.value ? (
        <>
          {session.value?.auth === 'password' ? <Accounts /> : null}
          <Tokens />
        </>
      ) : (
        <p>{w.onlyAdministrator}</p>
      )}
      <Retention />
      <Undelivered />
      <Webhooks />
      <p>{w.forSoftware}</p>
    </div>
  );
}

function RoleField({ name }: { name: string }) {
  const w = OFFICE_WORDS[language.value].settings;
  return (
    <Field label={w.role}>
      <select name={name}>
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {w.roles[role]}
          </option>
        ))}
      </select>
    </Field>
  );
}

type Account = { readonly name: string; readonly role: Role; readonly created: string };

function Accounts() {
  const w = OFFICE_WORDS[language.value].settings;
  const again = useSignal(0);
  const accounts =
    useLoaded<{ accounts: readonly Account[] }>('/api/accounts', again.value).value.value?.accounts ?? [];
  const save = async (form: FormData) => {
    await write('/api/accounts', Object.fromEntries(form));
    again.value += 1;
  };
  const remove = async (name: string) => {
    await write(`/api/accounts/${encodeURIComponent(name)}`, undefined, 'DELETE');
    again.value += 1;
  };
  return (
    <section aria-labelledby="accounts-title">
      <h2 id="accounts-title">{w.accounts}</h2>
      <Table
        name={w.accounts}
        rows={accounts}
        keyOf={(account) => account.name}
        columns={[
          { title: w.name, cell: (account) => account.name },
          { title: w.role, cell: (account) => w.roles[account.role] },
          {
            title: w.remove,
            cell: (account) =>
              account.name === session.value?.name ? (
                ''
              ) : (
                <button type="button" class="button" onClick={() => remove(account.name)}>
                  {w.remove}
                  <span class="spoken"> {account.name}</span>
                </button>
              ),
          },
        ]}
      />
      <WriteForm label={w.accounts} submit={w.save} done={w.saved} onSubmit={save}>
        <Field label={w.name}>
          <input name="name" required maxLength={60} autocomplete="off" />
        </Field>
        <RoleField name="role" />
        <Field label={w.password}>
          <input name="password" type="password" required minLength={12} autocomplete="new-password" />
        </Field>
      </WriteForm>
    </section>
  );
}

type Token = {
  readonly id: string;
  readonly name: string;
  readonly scope: Role;
  readonly used: string | null;
};

function Tokens() {
  const w = OFFICE_WORDS[language.value].settings;
  const again = useSignal(0);
  const shown = useSignal<string | undefined>(undefined);
  const tokens =
    useLoaded<{ tokens: readonly Token[] }>('/api/tokens', again.value).value.value?.tokens ?? [];
  const make = async (form: FormData) => {
    const made = await write<{ token: string }>('/api/tokens', Object.fromEntries(form));
    shown.value = made.token;
    again.value += 1;
  };
  const remove = async (id: string) => {
    await write(`/api/tokens/${id}`, undefined, 'DELETE');
    again.value += 1;
  };
  return (
    <section aria-labelledby="tokens-title">
      <h2 id="tokens-title">{w.tokens}</h2>
      {tokens.length > 0 ? (
        <Table
          name={w.tokens}
          rows={tokens}
          keyOf={(token) => token.id}
          columns={[
            { title: w.name, cell: (token) => token.name },
            { title: w.role, cell: (token) => w.roles[token.scope] },
            { title: w.used, cell: (token) => (token.used ? at(token.used) : w.never) },
            {
              title: w.remove,
              cell: (token) => (
                <button type="button" class="button" onClick={() => remove(token.id)}>
                  {w.remove}
                  <span class="spoken"> {token.name}</span>
                </button>
              ),
            },
          ]}
        />
      ) : null}
      {shown.value ? (
        <p role="status">
          {w.tokenShown} <code>{shown.value}</code>
        </p>
      ) : null}
      <WriteForm label={w.tokens} submit={w.tokenMake} onSubmit={make}>
        <Field label={w.name}>
          <input name="name" required maxLength={60} autocomplete="off" />
        </Field>
        <RoleField name="scope" />
      </WriteForm>
    </section>
  );
}

type Report = {
  readonly days: { readonly positions: number; readonly visits: number; readonly access: number };
  readonly oldestPosition?: string;
  readonly sweeps: readonly { readonly at: string; readonly rows: number }[];
};

function Retention() {
  const w = OFFICE_WORDS[language.value].settings;
  const again = useSignal(0);
  const report = useLoaded<Report>('/api/retention', again.value).value.value;
  if (!report) return null;
  return (
    <section aria-labelledby="retention-title">
      <h2 id="retention-title">{w.retention}</h2>
      <ul>
        <li>{w.positions(report.days.positions)}</li>
        <li>{w.visits(report.days.visits)}</li>
        <li>{w.accessKept(report.days.access)}</li>
      </ul>
      <p>{report.oldestPosition ? w.oldest(at(report.oldestPosition)) : w.noPositions}</p>
      {isAdministrator.value ? (
        <WriteForm
          label={w.retention}
          submit={w.sweep}
          quiet
          onSubmit={async () => {
            await write('/api/retention');
            again.value += 1;
          }}
        >
          {null}
        </WriteForm>
      ) : null}
      {report.sweeps.length > 0 ? (
        <Table
          name={w.sweeps}
          rows={report.sweeps}
          keyOf={(sweep) => sweep.at}
          columns={[
            { title: w.sweeps, cell: (sweep) => at(sweep.at) },
            { title: w.rows, number: true, cell: (sweep) => sweep.rows },
          ]}
        />
      ) : null}
    </section>
  );
}

type Hook = {
  readonly url: string;
  readonly events: readonly string[];
  readonly last?: string;
  readonly failed?: number;
};

type DeadLetter = {
  readonly visit: string;
  readonly channel: 'push' | 'sms';
  readonly commune: string;
  readonly at: string;
  readonly error: string;
};

/** Notices that were given up; absent where no tenant can ask for one. */
function Undelivered() {
  const w = OFFICE_WORDS[language.value].settings;
  const letters = useLoaded<{ undelivered?: readonly DeadLetter[] }>('/api/notices').value.value?.undelivered;
  if (!letters) return null;
  return (
    <section aria-labelledby="undelivered-title">
      <h2 id="undelivered-title">{w.undelivered}</h2>
      {letters.length === 0 ? <p>{w.undeliveredNone}</p> : null}
      {letters.length > 0 ? (
        <Table
          name={w.undelivered}
          rows={letters}
          keyOf={(letter) => `${letter.at} ${letter.visit} ${letter.channel}`}
          columns={[
            { title: w.undeliveredWhen, cell: (letter) => at(letter.at) },
            { title: w.undeliveredOf, cell: (letter) => `${letter.commune} · ${letter.visit}` },
            {
              title: w.undeliveredWhy,
              cell: (letter) => `${letter.channel === 'sms' ? 'SMS' : 'push'}: ${letter.error}`,
            },
          ]}
        />
      ) : null}
    </section>
  );
}

function Webhooks() {
  const w = OFFICE_WORDS[language.value].settings;
  const hooks = useLoaded<{ webhooks: readonly Hook[] }>('/api/webhooks').value.value?.webhooks ?? [];
  return (
    <section aria-labelledby="webhooks-title">
      <h2 id="webhooks-title">{w.webhooks}</h2>
      {hooks.length === 0 ? <p>{w.webhooksNone}</p> : null}
      {hooks.map((hook, n) => (
        <WriteForm
          key={hook.url}
          label={hook.url}
          submit={w.webhookTest}
          quiet
          done={w.webhookSent}
          onSubmit={() => write(`/api/webhooks/${n}/test`)}
        >
          <p>
            <code>{hook.url}</code> {hook.events.join(', ')} <small>{hook.last}</small>
          </p>
        </WriteForm>
      ))}
    </section>
  );
}
