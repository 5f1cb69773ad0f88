import { computed, effect, signal } from '@preact/signals';
import type { Agenda } from '../../../protocol/agenda.ts';
import { type AgendaChange, agendaChanges } from '../../core/agendaChanges.ts';
import type { AgendaWarning } from '../../core/agendaLint.ts';
import type { CommunePreview } from '../../core/agendaPreview.ts';
import { read, write } from './api.ts';
import { head, mayPlan } from './state.ts';

/** The agenda in force and the planner's draft over it; a draft survives a reload and another planner's publishing. */
export type InForce = {
  readonly agenda: Agenda;
  readonly publishedAt: string;
  readonly problems: readonly { readonly path: string; readonly expected: string; readonly got: string }[];
  readonly taken: readonly { readonly van: string; readonly version: number | null }[];
};
type Draft = { readonly base: number; readonly agenda: Agenda };

const KEY = 'draft';
export const inForce = signal<InForce | undefined>(undefined);
export const draft = signal<Draft | undefined>(restored());

function restored(): Draft | undefined {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}
effect(() => {
  if (draft.value) localStorage.setItem(KEY, JSON.stringify(draft.value));
  else localStorage.removeItem(KEY);
});

export async function loadAgenda(): Promise<void> {
  inForce.value = await read<InForce>('/api/agenda');
  if (draft.value && agendaChanges(inForce.value.agenda, draft.value.agenda).length === 0 && sameStops())
    draft.value = undefined;
}

const sameStops = () =>
  JSON.stringify(inForce.value?.agenda.stops) === JSON.stringify(draft.value?.agenda.stops);

/** What is edited: the draft, or the agenda in force when nothing was touched. */
export const edited = computed(() => inForce.value && (draft.value?.agenda ?? inForce.value.agenda));
export const changes = computed(() =>
  inForce.value && draft.value ? agendaChanges(inForce.value.agenda, draft.value.agenda) : [],
);
export const stopsChanged = computed(() => draft.value !== undefined && !sameStops());
export const isBehind = computed(
  () => draft.value !== undefined && draft.value.base !== inForce.value?.agenda.version,
);
export const today = computed(() => head.value?.date ?? '');

export function edit(change: (agenda: Agenda) => Agenda): void {
  const held = edited.peek();
  if (!held) return;
  draft.value = { base: draft.peek()?.base ?? inForce.peek()!.agenda.version, agenda: change(held) };
}
export const discard = (): void => {
  draft.value = undefined;
};
/** The draft's own changes over what was published meanwhile: the planner reads them again before publishing. */
export function rebase(): void {
  const [held, now] = [draft.peek(), inForce.peek()?.agenda];
  if (held && now) draft.value = { base: now.version, agenda: { ...held.agenda, version: now.version } };
}

/** What the depot says of what is edited: asked again half a second after the last touch. */
export type Checked = {
  readonly changes: readonly AgendaChange[];
  readonly forbidden: readonly string[];
  readonly communes: readonly CommunePreview[];
  readonly shortened: readonly { readonly van: string; readonly daysAhead: number }[];
  readonly lint: readonly AgendaWarning[];
};
/** Of exactly this agenda, or of none. */
const answered = signal<{ readonly agenda: Agenda; readonly checked: Checked } | undefined>(undefined);
export const checked = computed(() =>
  answered.value?.agenda === edited.value ? answered.value?.checked : undefined,
);
/** The visits and stops that a warning is about, by id. */
export const doubtful = computed(() => {
  const agenda = edited.value;
  const ids = (checked.value?.lint ?? []).map(({ path }) => idAt(agenda!, path));
  return new Set(ids);
});
export function idAt(agenda: Agenda, path: string): string | undefined {
  const m = /^(visits|stops)\.(\d+)\./.exec(path);
  return m ? agenda[m[1] as 'visits' | 'stops'][Number(m[2])]?.id : undefined;
}

const PAUSE_MS = 500;
let waiting: ReturnType<typeof setTimeout> | undefined;
effect(() => {
  const [agenda, base] = [edited.value, inForce.value?.agenda.version];
  clearTimeout(waiting);
  if (!agenda || base === undefined || !mayPlan.value) return;
  waiting = setTimeout(async () => {
    try {
      answered.value = { agenda, checked: await write<Checked>('/api/agenda/preview', { base, agenda }) };
    } catch {
      // Without the depot's word nothing is claimed: the list says that it waits.
    }
  }, PAUSE_MS);
});
