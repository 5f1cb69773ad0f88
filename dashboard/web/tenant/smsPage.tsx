import type { Language } from '../../../web/format.ts';
import type { Commune } from '../../core/communes.ts';
import { inLanguage, renderPage, type Site } from './shell.tsx';
import { stopPath } from './stopPage.tsx';
import { words } from './words.ts';

/** «Me prévenir par SMS», in three steps without a script: the number, its code, the end. */
export type SmsStep =
  | { readonly kind: 'number'; readonly problem?: 'number' | 'limit' }
  | { readonly kind: 'code'; readonly number: string; readonly problem?: 'code' }
  | { readonly kind: 'done' };

type Props = {
  readonly site: Site;
  readonly language: Language;
  readonly commune: Commune;
  readonly nowMs: number;
  readonly step: SmsStep;
};

export function smsPage({ site, language, commune, nowMs, step }: Props): string {
  const w = words[language].sms;
  const path = `${stopPath(commune)}/sms`;
  return renderPage({
    site,
    language,
    nowMs,
    path,
    title: `${w.title} · ${commune.name}`,
    children: (
      <>
        <h1>{w.title}</h1>
        <p>{commune.name}</p>
        {step.kind === 'number' ? <NumberForm action={inLanguage(path, language)} w={w} step={step} /> : null}
        {step.kind === 'code' ? (
          <CodeForm action={inLanguage(`${path}/code`, language)} w={w} step={step} />
        ) : null}
        {step.kind === 'done' ? <p role="status">{w.done}</p> : null}
        <p class="quiet">
          <a href={inLanguage(stopPath(commune), language)}>{words[language].back}</a>
        </p>
      </>
    ),
  });
}

type Words = (typeof words)['fr']['sms'];

function NumberForm(props: { action: string; w: Words; step: Extract<SmsStep, { kind: 'number' }> }) {
  const { action, w, step } = props;
  const problem = step.problem === 'number' ? w.badNumber : step.problem === 'limit' ? w.limit : undefined;
  return (
    <form class="search stack" method="post" action={action}>
      <p>{w.about}</p>
      <Field id="number" label={w.number} autocomplete="tel" problem={problem} />
      <button type="submit" class="button is-main">
        {w.send}
      </button>
    </form>
  );
}

function CodeForm(props: { action: string; w: Words; step: Extract<SmsStep, { kind: 'code' }> }) {
  const { action, w, step } = props;
  return (
    <form class="search stack" method="post" action={action}>
      <p role="status">{w.codeSent}</p>
      <input type="hidden" name="number" value={step.number} />
      <Field id="code" label={w.code} autocomplete="one-time-code" problem={step.problem && w.badCode} />
      <button type="submit" class="button is-main">
        {w.confirm}
      </button>
    </form>
  );
}

function Field(props: {
  id: 'number' | 'code';
  label: string;
  autocomplete: 'tel' | 'one-time-code';
  problem: string | undefined;
}) {
  const { id, label, problem, autocomplete } = props;
  return (
    <>
      <label for={id}>{label}</label>
      {problem ? (
        <p class="problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      ) : null}
      <input
        id={id}
        name={id}
        required
        maxLength={20}
        type="text"
        inputMode={id === 'number' ? 'tel' : 'numeric'}
        autocomplete={autocomplete}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
      />
    </>
  );
}
