import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { age } from '../../../web/format.ts';
import { Refused } from './api.ts';
import { language, secondMs, timezone } from './state.ts';
import { words } from './words.ts';

/** An age that goes on by itself: only this text is drawn again each second. */
export function Age({ at }: { at: string }) {
  return <span class="age">{age(language.value, Date.parse(at), secondMs.value, timezone.value)}</span>;
}

export function Pair({ term, children }: { term: string; children: ComponentChildren }) {
  return (
    <div class="pair">
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A form that writes: one press is one request, the outcome is said where it was asked for. */
export function WriteForm(props: {
  readonly label: string;
  readonly submit: string;
  readonly done?: string;
  /** Not the page's main act. */
  readonly quiet?: boolean;
  readonly onSubmit: (form: FormData) => Promise<unknown>;
  readonly children: ComponentChildren;
}) {
  const busy = useSignal(false);
  const outcome = useSignal<{ text: string; bad: boolean } | undefined>(undefined);
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy.value) return;
    const form = event.currentTarget as HTMLFormElement;
    busy.value = true;
    outcome.value = undefined;
    try {
      await props.onSubmit(new FormData(form));
      form.reset();
      if (props.done) outcome.value = { text: props.done, bad: false };
    } catch (error) {
      const why = error instanceof Refused ? error.message : String((error as Error).message);
      outcome.value = { text: words().failed(why), bad: true };
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="form" aria-label={props.label} onSubmit={send}>
      {props.children}
      <button type="submit" class={props.quiet ? 'button' : 'button is-main'} aria-disabled={busy.value}>
        {props.submit}
      </button>
      <p role="status" class={outcome.value?.bad ? 'outcome is-bad' : 'outcome'}>
        {outcome.value?.text}
      </p>
    </form>
  );
}

export function Field(props: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label class="field">
      <span>{props.label}</span>
      {props.children}
    </label>
  );
}
