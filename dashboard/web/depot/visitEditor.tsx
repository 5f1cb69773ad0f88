import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Visit } from '../../../protocol/agenda.ts';
import { OFFICE_WORDS } from '../../../web/dictionaryOffice.ts';
import { addDays } from '../../core/days.ts';
import { freshId, putVisit, removeVisit, repeatVisit } from '../../core/planning.ts';
import { edit, edited, inForce, today } from './draft.ts';
import { Field, WriteForm } from './small.tsx';
import { language, nameOfVan, vanIds } from './state.ts';

/** One planned visit: everything that dragging does, and more, by fields. */
export function VisitEditor(props: {
  readonly visit: Visit | undefined;
  readonly date: string;
  readonly onClose: () => void;
}) {
  const { visit, onClose } = props;
  const w = OFFICE_WORDS[language.value].planning;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const isPublishedToday =
    visit !== undefined &&
    visit.date === today.value &&
    inForce.value!.agenda.visits.some((v) => v.id === visit.id && v.date === today.value);
  return (
    <section class="detail is-visit" aria-labelledby="editor-title">
      <h2 id="editor-title" ref={title} tabIndex={-1}>
        {visit ? w.edit : w.add}
      </h2>
      <p class="close">
        <button type="button" class="button is-plain" onClick={onClose}>
          {w.close}
        </button>
      </p>
      <VisitFields visit={visit} date={props.date} onDone={onClose} />
      {visit ? (
        <>
          <RepeatForm visit={visit} />
          {isPublishedToday ? (
            <p>
              <small>{w.removeToday}</small>
            </p>
          ) : (
            <button
              type="button"
              class="button"
              onClick={() => {
                edit((agenda) => removeVisit(agenda, visit.id));
                onClose();
              }}
            >
              {w.remove}
            </button>
          )}
        </>
      ) : null}
    </section>
  );
}

function VisitFields({
  visit,
  date,
  onDone,
}: {
  visit: Visit | undefined;
  date: string;
  onDone: () => void;
}) {
  const w = OFFICE_WORDS[language.value].planning;
  const save = async (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const { cancelled: _, services: __, van: ___, ...kept } = visit ?? ({} as Partial<Visit>);
    const services = text('services')
      .split(/\s*,\s*/)
      .filter(Boolean);
    edit((agenda) =>
      putVisit(agenda, {
        ...kept,
        id: visit?.id ?? freshId(agenda, text('date'), text('stop')),
        stop: text('stop'),
        date: text('date'),
        from: text('from'),
        to: text('to'),
        ...(text('van') ? { van: text('van') } : {}),
        ...(text('cancelled') ? { cancelled: { reason: text('cancelled') } } : {}),
        ...(services.length > 0 ? { services } : {}),
      }),
    );
    onDone();
  };
  const stops = [...edited.value!.stops].sort((a, b) => (a.name < b.name ? -1 : 1));
  return (
    <WriteForm label={visit ? w.edit : w.add} submit={w.apply} onSubmit={save}>
      <Field label={w.stop}>
        <select name="stop" defaultValue={visit?.stop} required>
          {stops.map((stop) => (
            <option key={stop.id} value={stop.id} selected={stop.id === visit?.stop}>
              {stop.name}
            </option>
          ))}
        </select>
      </Field>
      <Field label={w.van}>
        <select name="van">
          {vanIds.value.length > 1 && visit?.van !== undefined ? null : <option value="">{w.noVan}</option>}
          {vanIds.value.map((id) => (
            <option key={id} value={id} selected={id === visit?.van}>
              {nameOfVan(id)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={w.date}>
        <input name="date" type="date" required defaultValue={visit?.date ?? date} />
      </Field>
      <Field label={w.from}>
        <input name="from" type="time" required defaultValue={visit?.from.slice(0, 5) ?? '09:30'} />
      </Field>
      <Field label={w.to}>
        <input name="to" type="time" required defaultValue={visit?.to.slice(0, 5) ?? '12:00'} />
      </Field>
      <Field label={w.services}>
        <input name="services" maxLength={600} defaultValue={visit?.services?.join(', ') ?? ''} />
      </Field>
      <Field label={w.cancelReason}>
        <input name="cancelled" maxLength={120} defaultValue={visit?.cancelled?.reason ?? ''} />
      </Field>
    </WriteForm>
  );
}

function RepeatForm({ visit }: { visit: Visit }) {
  const w = OFFICE_WORDS[language.value].planning;
  const done = useSignal('');
  const repeat = async (form: FormData) => {
    const wanted = {
      everyWeeks: Number(form.get('weeks')),
      until: String(form.get('until')),
      skipHolidays: form.get('skip') === 'on',
    };
    edit((agenda) => {
      const result = repeatVisit(agenda, visit, wanted);
      done.value = w.repeated(result.added, result.skipped);
      return result.agenda;
    });
  };
  return (
    <details>
      <summary>{w.repeat}</summary>
      <WriteForm label={w.repeat} submit={w.repeat} onSubmit={repeat}>
        <Field label={w.every}>
          <input name="weeks" type="number" min={1} max={52} defaultValue={5} required />
        </Field>
        <Field label={w.until}>
          <input name="until" type="date" defaultValue={addDays(visit.date, 182)} required />
        </Field>
        <label class="check">
          <input name="skip" type="checkbox" defaultChecked /> {w.skipHolidays}
        </label>
      </WriteForm>
      <p role="status">{done.value}</p>
    </details>
  );
}
