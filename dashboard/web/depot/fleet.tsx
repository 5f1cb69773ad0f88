import { signal, useSignal } from '@preact/signals';
import { OFFICE_WORDS } from '../../../web/dictionaryOffice.ts';
import { when } from '../../../web/format.ts';
import { addDays } from '../../core/days.ts';
import { read, write } from './api.ts';
import { useLoaded } from './loaded.ts';
import { Field, WriteForm } from './small.tsx';
import {
  head,
  isAdministrator,
  language,
  minuteMs,
  nameOfVan,
  type Session,
  session,
  timezone,
} from './state.ts';

/** Who may be a van: enrolled, renewed, revoked; a secret is on the screen once. */
type FleetVan = {
  readonly id: string;
  readonly pending?: true;
  readonly revokedAt?: string;
};
type FleetAnswer = { readonly ours: boolean; readonly vans: readonly FleetVan[] };

const again = signal(0);
const useFleet = () => useLoaded<FleetAnswer>('/api/fleet', again.value).value.value;

export function Fleet() {
  const w = OFFICE_WORDS[language.value].vans;
  const made = useSignal<{ id: string; secret: string } | undefined>(undefined);
  const fleet = useFleet();
  if (!isAdministrator.value || !fleet) return null;
  if (!fleet.ours) return <p>{w.enrolOutside}</p>;
  const enrol = async (form: FormData) => {
    made.value = await write('/api/fleet', Object.fromEntries(form));
    again.value += 1;
    session.value = await read<Session>('/api/session');
  };
  return (
    <details>
      <summary>{w.enrol}</summary>
      <WriteForm label={w.enrol} submit={w.enrol} onSubmit={enrol}>
        <Field label={w.id}>
          <input name="id" required pattern="[a-z0-9][a-z0-9\-]{1,30}" maxLength={31} autocomplete="off" />
        </Field>
        <Field label={w.name}>
          <input name="name" required maxLength={60} autocomplete="off" />
        </Field>
      </WriteForm>
      {made.value ? <Secret van={made.value.id} secret={made.value.secret} /> : null}
    </details>
  );
}

function Secret({ van, secret }: { van: string; secret: string }) {
  const w = OFFICE_WORDS[language.value].vans;
  return (
    <section class="banner" role="status">
      <p>
        {w.secretOf(van)}: <code class="secret">{secret}</code>
      </p>
      <p>{w.secretHelp}</p>
    </section>
  );
}

export function Credentials({ van }: { van: string }) {
  const w = OFFICE_WORDS[language.value].vans;
  const secret = useSignal<string | undefined>(undefined);
  const fleet = useFleet();
  const held = fleet?.vans.find(({ id }) => id === van);
  if (!fleet?.ours || !held) return null;
  const renew = async () => {
    secret.value = (await write<{ secret: string }>(`/api/fleet/${van}/secret`)).secret;
    again.value += 1;
  };
  const revoke = async () => {
    await write(`/api/fleet/${van}/revoke`);
    secret.value = undefined;
    again.value += 1;
  };
  const at = (iso: string) => when(language.value, Date.parse(iso), minuteMs.value, timezone.value);
  return (
    <>
      <h3>{w.credentials}</h3>
      {held.revokedAt ? <p class="is-bad">{w.revoked(at(held.revokedAt))}</p> : null}
      {held.pending ? <p>{w.pending}</p> : null}
      <div class="forms">
        <WriteForm label={w.renew} submit={w.renew} quiet onSubmit={renew}>
          <small>{w.renewHelp}</small>
        </WriteForm>
        {held.revokedAt ? null : (
          <details>
            <summary>{w.revoke}…</summary>
            <WriteForm label={w.revoke} submit={w.revoke} onSubmit={revoke}>
              <small>{w.revokeHelp}</small>
            </WriteForm>
          </details>
        )}
      </div>
      {secret.value ? <Secret van={nameOfVan(van)} secret={secret.value} /> : null}
    </>
  );
}

/** What the GDPR gives a driver (art. 15, 17): all that is kept of a period, and its erasure. */
export function DriverRequest({ van }: { van: string }) {
  const w = OFFICE_WORDS[language.value].vans;
  const outcome = useSignal('');
  const today = head.value?.date ?? '';
  const from = useSignal(today === '' ? '' : addDays(today, -30));
  const to = useSignal(today);
  const erase = async (form: FormData) => {
    const span = { from: from.value, to: to.value, reason: form.get('reason') };
    const { rows } = await write<{ rows: number }>(`/api/vans/${van}/erase`, span);
    outcome.value = w.erased(rows);
  };
  const day = (label: string, value: typeof from) => (
    <Field label={label}>
      <input
        type="date"
        required
        value={value.value}
        onChange={(event) => (value.value = event.currentTarget.value)}
      />
    </Field>
  );
  return (
    <details>
      <summary>{w.request}</summary>
      <p>{w.requestHelp}</p>
      <div class="filters">
        {day(w.from, from)}
        {day(w.to, to)}
        <a
          class="button"
          href={`/api/vans/${van}/everything.json?from=${from.value}&to=${to.value}`}
          download
        >
          {w.download}
        </a>
      </div>
      <WriteForm label={w.erase} submit={w.erase} quiet onSubmit={erase}>
        <Field label={w.eraseReason}>
          <input name="reason" required minLength={3} maxLength={200} />
        </Field>
      </WriteForm>
      <p role="status">{outcome.value}</p>
    </details>
  );
}
