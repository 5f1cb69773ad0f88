import { computed, effect, signal } from '@preact/signals';
import type { Agenda } from '../../../protocol/agenda.ts';
import { agendaChanges } from '../../core/agendaChanges.ts';
import { read } from './api.ts';
import { head } from './state.ts';

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
