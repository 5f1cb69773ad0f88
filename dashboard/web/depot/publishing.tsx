import { useSignal } from '@preact/signals';
import type { Agenda } from '../../../protocol/agenda.ts';
import { OFFICE_WORDS } from '../../../web/dictionaryOffice.ts';
import { when } from '../../../web/format.ts';
import type { AgendaChange } from '../../core/agendaChanges.ts';
import { AGENDA_COLUMNS } from '../../core/agendaTable.ts';
import { addDays } from '../../core/days.ts';
import { copyWeek } from '../../core/planning.ts';
import { write } from './api.ts';
import {
  type Checked,
  changes,
  checked,
  discard,
  draft,
  edit,
  edited,
  idAt,
  inForce,
  isBehind,
  loadAgenda,
  rebase,
  stopsChanged,
  today,
} from './draft.ts';
import { useLoaded } from './loaded.ts';
import { dayName } from './planning.tsx';
import { Field, WriteForm } from './small.tsx';
import { language, mayPlan, minuteMs, nameOfVan, timezone, vanIds } from './state.ts';
import { Table } from './table.tsx';
import { shortName, words } from './words.ts';

/** From draft to agenda in force: look, say why, publish; and the way back. */
export function Publishing({ monday }: { monday: string }) {
  const w = OFFICE_WORDS[language.value].planning;
  const isLooking = useSignal(false);
  const publish = async (form: FormData) => {
    await write('/api/agenda', { ...draft.value, why: form.get('why') });
    discard();
    isLooking.value = false;
    await loadAgenda();
  };
  const isTouched = changes.value.length > 0 || stopsChanged.value;
  return (
    <section class="detail" aria-labelledby="publishing-title">
      <h2 id="publishing-title">
        {w.draft(changes.value.length)} <small>{w.published(inForce.value!.agenda.version)}</small>
      </h2>
      {isBehind.value ? (
        <p class="banner is-bad">
          {w.movedOn}{' '}
          <button type="button" class="button" onClick={rebase}>
            {w.rebase}
          </button>
        </p>
      ) : null}
      {mayPlan.value && isTouched ? (
        <div class="filters">
          <button
            type="button"
            class="button"
            onClick={() => {
              discard();
              isLooking.value = false;
            }}
          >
            {w.discard}
          </button>
        </div>
      ) : null}
      {mayPlan.value ? <Warnings /> : null}
      {mayPlan.value && isTouched && !isLooking.value ? (
        <button type="button" class="button is-main" onClick={() => (isLooking.value = true)}>
          {w.preview}
        </button>
      ) : null}
      {isLooking.value && isTouched ? (
        checked.value ? (
          <>
            <PreviewShown preview={checked.value} />
            {checked.value.forbidden.length === 0 && !isBehind.value ? (
              <WriteForm label={w.publish} submit={w.publish} done={w.publishedNow} onSubmit={publish}>
                <Field label={w.why}>
                  <input name="why" required maxLength={200} />
                </Field>
              </WriteForm>
            ) : null}
          </>
        ) : (
          <p class="loading">{words().loading}</p>
        )
      ) : null}
      {mayPlan.value ? <Tools monday={monday} /> : null}
      <Taken />
      <Versions />
    </section>
  );
}

const visitName = ({ before, after }: AgendaChange): string => {
  const visit = (after ?? before)!;
  const stop = edited.value?.stops.find((s) => s.id === visit.stop);
  return `${shortName(stop?.name ?? visit.stop)}, ${dayName(visit.date)} ${visit.from}–${visit.to}`;
};

const SHOWN_WARNINGS = 12;

/** The lint of what is edited, while it is edited; a warning refuses nothing. */
function Warnings() {
  const w = OFFICE_WORDS[language.value].planning;
  const held = checked.value;
  if (!held) return null;
  const sentences = [
    ...held.shortened.map(({ van, daysAhead }) => w.shortened(nameOfVan(van), daysAhead)),
    ...held.lint.map(({ path, text }) => `${dateAt(path)}${text[language.value]}`),
  ];
  return (
    <details open={sentences.length > 0 && sentences.length <= SHOWN_WARNINGS}>
      <summary>
        {w.lint} ({sentences.length})
      </summary>
      {sentences.length === 0 ? <p>{w.lintNone}</p> : null}
      <ul>
        {sentences.map((sentence, n) => (
          <li key={`${n} ${sentence}`}>{sentence}</li>
        ))}
      </ul>
    </details>
  );
}

function dateAt(path: string): string {
  const visit = edited.value?.visits.find((v) => v.id === idAt(edited.value!, path));
  return visit ? `${dayName(visit.date)}, ${visit.from.slice(0, 5)}: ` : '';
}

function PreviewShown({ preview }: { preview: Checked }) {
  const w = OFFICE_WORDS[language.value].planning;
  const lang = language.value;
  return (
    <>
      <h3>{w.changed}</h3>
      <ul>
        {preview.changes.map((change) => (
          <li key={change.visit}>
            {visitName(change)}: <strong>{w.kinds[change.kind]}</strong>
            {preview.forbidden.includes(change.visit) ? <span class="is-bad"> {w.forbidden}</span> : null}
          </li>
        ))}
      </ul>
      <h3>{w.tenantsRead}</h3>
      <Table
        name={w.tenantsRead}
        rows={preview.communes}
        keyOf={(c) => c.commune}
        columns={[
          { title: w.stop, cell: (c) => c.name },
          { title: w.before, cell: (c) => c.before?.[lang] ?? '—' },
          { title: w.after, cell: (c) => c.after?.[lang] ?? '—' },
        ]}
      />
    </>
  );
}

/** Whole-week gestures, a day given away, files. */
function Tools({ monday }: { monday: string }) {
  const w = OFFICE_WORDS[language.value].planning;
  const importFile = async (form: FormData) => {
    const file = form.get('file');
    if (!(file instanceof File)) return;
    const made = await write<{ agenda: Agenda }>('/api/agenda/import', {
      name: file.name,
      text: await file.text(),
    });
    edit(() => made.agenda);
  };
  return (
    <div class="forms">
      <details>
        <summary>{w.copyWeek}…</summary>
        <WriteForm
          label={w.copyWeek}
          submit={w.copy}
          quiet
          onSubmit={async (form) => edit((agenda) => copyWeek(agenda, monday, String(form.get('target'))))}
        >
          <Field label={w.copyWeek}>
            <input
              name="target"
              type="date"
              step={7}
              min={addDays(monday, -364)}
              required
              defaultValue={addDays(monday, 7)}
            />
          </Field>
        </WriteForm>
      </details>
      {vanIds.value.length > 1 ? (
        <details>
          <summary>{w.give}</summary>
          <WriteForm
            label={w.give}
            submit={w.giveDo}
            done={w.given}
            onSubmit={async (form) => {
              await write('/api/agenda/give', Object.fromEntries(form));
              await loadAgenda();
            }}
          >
            <Field label={w.date}>
              <input name="date" type="date" required defaultValue={today.value} />
            </Field>
            <VanField name="from" label={w.from} />
            <VanField name="to" label={w.to} />
          </WriteForm>
        </details>
      ) : null}
      <details>
        <summary>{w.import}</summary>
        <p>
          {w.importHelp} <code lang="en">{AGENDA_COLUMNS.join(', ')}</code>
        </p>
        <WriteForm label={w.import} submit={w.import} done={w.imported} onSubmit={importFile}>
          <Field label={w.import}>
            <input name="file" type="file" accept=".csv,.ics,text/csv,text/calendar" required />
          </Field>
        </WriteForm>
      </details>
      <p>
        <a href="/api/agenda.csv">{w.export}</a> · <a href="/api/agenda.ics">iCal</a>
      </p>
    </div>
  );
}

function VanField({ name, label }: { name: string; label: string }) {
  return (
    <Field label={label}>
      <select name={name}>
        {vanIds.value.map((id) => (
          <option key={id} value={id}>
            {nameOfVan(id)}
          </option>
        ))}
      </select>
    </Field>
  );
}

function Taken() {
  const w = OFFICE_WORDS[language.value].planning;
  return (
    <p>
      {w.takenBy}:{' '}
      {inForce
        .value!.taken.map(({ van, version }) => `${nameOfVan(van)} ${version ?? w.notTaken}`)
        .join(' · ')}
    </p>
  );
}

/** Reasons that the depot writes itself are words of the reader's language; a person's stay as they are. */
function reasonOf(why: string): string {
  const { reasons } = OFFICE_WORDS[language.value].planning;
  if (why === 'edited' || why === 'above') return reasons[why];
  const [, kind, rest] = /^(back|given):(.*)$/.exec(why) ?? [];
  return kind ? reasons[kind as 'back' | 'given'](rest!) : why;
}

type Version = {
  readonly version: number;
  readonly at: string;
  readonly account: string;
  readonly why: string;
};

function Versions() {
  const w = OFFICE_WORDS[language.value].planning;
  const current = inForce.value!.agenda.version;
  const versions =
    useLoaded<{ versions: readonly Version[] }>('/api/agenda/versions', current).value.value?.versions ?? [];
  const back = async (version: number) => {
    await write('/api/agenda/back', { version });
    await loadAgenda();
  };
  return (
    <details>
      <summary>{w.versions}</summary>
      <Table
        name={w.versions}
        rows={versions}
        keyOf={(v) => String(v.version)}
        columns={[
          { title: w.version, number: true, cell: (v) => v.version },
          {
            title: w.at,
            cell: (v) => when(language.value, Date.parse(v.at), minuteMs.value, timezone.value),
          },
          { title: w.by, cell: (v) => (w.accounts as Record<string, string>)[v.account] ?? v.account },
          { title: w.reason, cell: (v) => reasonOf(v.why) },
          {
            title: w.back,
            cell: (v) =>
              v.version === current || !mayPlan.value ? (
                ''
              ) : (
                <button type="button" class="button" onClick={() => back(v.version)}>
                  {w.back}
                  <span class="spoken"> {v.version}</span>
                </button>
              ),
          },
        ]}
      />
    </details>
  );
}
