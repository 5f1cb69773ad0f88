import { useEffect, useRef } from 'preact/hooks';
import { PRESENCE_STATES } from '../../../protocol/presence.ts';
import { SOURCE_WORDS, STATE_WORDS } from '../../../web/dictionary.ts';
import { clock, hours, when } from '../../../web/format.ts';
import { Sign } from '../../../web/signs.tsx';
import type { VisitView } from '../../core/vanView.ts';
import { write } from './api.ts';
import { Because } from './evidence.tsx';
import { linkTo } from './router.ts';
import { Field, Pair, WriteForm } from './small.tsx';
import { language, mayPlan, minuteMs, timezone, vanOf } from './state.ts';
import { bareTime, words } from './words.ts';

const ms = (iso: string) => Date.parse(iso);
const at = (iso: string) => clock(language.value, ms(iso), timezone.value);
const since = (iso: string) => when(language.value, ms(iso), minuteMs.value, timezone.value);

/** A visit opened: what tenants read, why, and what a person may say over it. */
export function VisitDetail({ van, visit: id }: { van: string; visit: string }) {
  const w = words().visit;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), [id]);
  const visit = vanOf(van)?.value.visits.find((v) => v.id === id);
  if (!visit) return null;
  return (
    <section class="detail is-visit" aria-labelledby="visit-title">
      <h2 id="visit-title" ref={title} tabIndex={-1}>
        <Sign state={visit.state} /> {visit.name} <small>{STATE_WORDS[language.value][visit.state]}</small>
      </h2>
      <p class="close">
        <a href={linkTo('maintenant', van)}>{w.close}</a>
      </p>
      <figure class="told">
        <figcaption>{w.asTold}</figcaption>
        <blockquote lang="fr">{visit.statement.fr}</blockquote>
        <blockquote lang="en">{visit.statement.en}</blockquote>
      </figure>
      <VisitFacts visit={visit} />
      {visit.conflict ? <p class="banner is-bad">{w.conflict}</p> : null}
      <h3>{w.evidence}</h3>
      <Evidence visit={visit} />
      <OfficeWords visit={visit} />
      {mayPlan.value ? <Forms visit={visit} /> : null}
    </section>
  );
}

function VisitFacts({ visit }: { visit: VisitView }) {
  const w = words().visit;
  return (
    <dl class="measures">
      <Pair term={w.planned}>{hours(language.value, ms(visit.fromAt), ms(visit.toAt), timezone.value)}</Pair>
      <Pair term={w.held}>
        {visit.held.length === 0
          ? w.notHeld
          : visit.held
              .map((span) =>
                span.to ? w.heldFromTo(at(span.from), at(span.to)) : w.heldSince(at(span.from)),
              )
              .join(', ')}
      </Pair>
      <Pair term={w.source}>{SOURCE_WORDS[language.value][visit.source]}</Pair>
    </dl>
  );
}

function Evidence({ visit }: { visit: VisitView }) {
  const w = words().visit;
  const { byVan, crewAct } = visit;
  if (!byVan && !crewAct) return <p>{w.noEvidence}</p>;
  return (
    <>
      {byVan ? (
        <p>
          {w.vanSays(STATE_WORDS[language.value][byVan.state], since(byVan.at))}{' '}
          <Because change={{ ...byVan, ...(visit.open === undefined ? {} : { open: visit.open }) }} />
        </p>
      ) : null}
      {crewAct ? <p>{w.crewSaid(w.acts[crewAct.act], crewAct.at ? since(crewAct.at) : '?')}</p> : null}
    </>
  );
}

function OfficeWords({ visit }: { visit: VisitView }) {
  const w = words().visit;
  const { correction, officeActs } = visit;
  return (
    <>
      {correction ? (
        <div class="corrected">
          <p>
            <strong>
              <Sign state={correction.state} /> {w.correctedBy(correction.by, since(correction.at))}
            </strong>
            : {STATE_WORDS[language.value][correction.state]}. {correction.reason}
          </p>
          {mayPlan.value ? (
            <WriteForm
              label={w.withdraw}
              submit={w.withdraw}
              onSubmit={(form) =>
                write(`/api/visits/${encodeURIComponent(visit.id)}/corrections/${correction.id}/withdraw`, {
                  reason: form.get('reason'),
                })
              }
            >
              <Field label={w.reason}>
                <input name="reason" required minLength={3} maxLength={200} />
              </Field>
            </WriteForm>
          ) : null}
        </div>
      ) : null}
      {officeActs?.map((act) => (
        <p key={act.key}>{w.toldBy(w.acts[act.act], act.by, bareTime(since(act.at)))}</p>
      ))}
    </>
  );
}

const TOLD = ['open', 'closed', 'late', 'moved', 'cancelled'] as const;
const CORRECTABLE = PRESENCE_STATES.filter((s) => s !== 'approaching' && s !== 'planned' && s !== 'moved');

function Forms({ visit }: { visit: VisitView }) {
  const w = words().visit;
  const path = `/api/visits/${encodeURIComponent(visit.id)}`;
  const tell = (form: FormData) =>
    write(`${path}/acts`, {
      act: form.get('act'),
      key: crypto.randomUUID(),
      ...(form.get('act') === 'late' && form.get('minutes') ? { minutes: Number(form.get('minutes')) } : {}),
      ...(form.get('reason') ? { reason: form.get('reason') } : {}),
      ...(form.get('act') === 'moved' && form.get('place') ? { place: { name: form.get('place') } } : {}),
    });
  const correct = (form: FormData) =>
    write(`${path}/corrections`, {
      state: form.get('state'),
      reason: form.get('reason'),
      ...instantField(form, 'from', visit),
      ...instantField(form, 'to', visit),
    });
  return (
    <div class="forms">
      <details>
        <summary>{w.tell}</summary>
        <p>{w.tellHelp}</p>
        <WriteForm label={w.tell} submit={w.tell} done={w.told} onSubmit={tell}>
          <Field label={w.state}>
            <select name="act">
              {TOLD.map((act) => (
                <option key={act} value={act}>
                  {w.acts[act]}
                </option>
              ))}
            </select>
          </Field>
          <Field label={w.minutes}>
            <input name="minutes" type="number" min={1} max={600} step={5} inputMode="numeric" />
          </Field>
          <Field label={w.place}>
            <input name="place" maxLength={120} />
          </Field>
          <Field label={w.reason}>
            <input name="reason" maxLength={120} />
          </Field>
        </WriteForm>
      </details>
      <details>
        <summary>{w.correct}</summary>
        <p>{w.correctHelp}</p>
        <WriteForm label={w.correct} submit={w.save} onSubmit={correct}>
          <Field label={w.state}>
            <select name="state">
              {CORRECTABLE.map((state) => (
                <option key={state} value={state}>
                  {STATE_WORDS[language.value][state]}
                </option>
              ))}
            </select>
          </Field>
          <Field label={w.from}>
            <input name="from" type="time" />
          </Field>
          <Field label={w.to}>
            <input name="to" type="time" />
          </Field>
          <Field label={w.reason}>
            <input name="reason" required minLength={3} maxLength={200} />
          </Field>
        </WriteForm>
      </details>
    </div>
  );
}

/** A wall time of the visit's day as an instant: counted from the window, whose instant is known. */
function instantField(form: FormData, name: 'from' | 'to', visit: VisitView): Record<string, string> {
  const time = form.get(name);
  if (typeof time !== 'string' || time === '') return {};
  const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
  const offset = (minutes(time) - minutes(visit.from)) * 60_000;
  return { [name]: new Date(ms(visit.fromAt) + offset).toISOString() };
}
