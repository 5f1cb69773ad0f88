import { batch, computed, type Signal, signal } from '@preact/signals';
import type { Language } from '../../../visit/format.ts';
import type { Head } from '../../core/head.ts';
import type { VanView } from '../../core/vanView.ts';

/** What the page holds. Each van is a signal of its own: a position that moves redraws one row, not fifty. */
export type Session = {
  readonly auth: 'none' | 'password';
  readonly setup: boolean;
  readonly name?: string;
  readonly role?: 'reader' | 'planner' | 'administrator';
  readonly csrf?: string;
  readonly vans: readonly { readonly id: string; readonly name: string }[];
  readonly basemap?: { readonly raster?: string; readonly attribution?: string; readonly geojson?: string };
};

export const session = signal<Session | undefined>(undefined);
export const head = signal<Head | undefined>(undefined);
export const vanIds = signal<readonly string[]>([]);
const vans = new Map<string, Signal<VanView>>();

/** `undefined` while the stream runs; else since when (server time) nothing comes. */
export const lostSinceMs = signal<number | undefined>(undefined);

const stored = (key: string, allowed: readonly string[]) => {
  const value = localStorage.getItem(key);
  return value !== null && allowed.includes(value) ? value : allowed[0]!;
};
export const language = signal(stored('language', ['fr', 'en']) as Language);
export const theme = signal(stored('theme', ['auto', 'light', 'dark']) as 'auto' | 'light' | 'dark');

/** Ages are counted from the server's clock: the one of this machine may be wrong (PAGES, forgotten states). */
let serverAheadMs = 0;
export const serverNow = (): number => Date.now() + serverAheadMs;
export const secondMs = signal(serverNow());
export const minuteMs = computed(() => Math.floor(secondMs.value / 60_000) * 60_000);
export const timezone = computed(() => head.value?.timezone ?? 'Europe/Paris');

export const vanOf = (id: string): Signal<VanView> | undefined => vans.get(id);

export function takeHead(next: Head): void {
  serverAheadMs = Date.parse(next.at) - Date.now();
  const held = head.value;
  if (!held || held.date !== next.date || held.agenda !== next.agenda || held.timezone !== next.timezone)
    head.value = next;
  lostSinceMs.value = undefined;
}

export function takeSnapshot(views: readonly VanView[]): void {
  batch(() => {
    const ids = views.map((view) => view.van);
    for (const id of vans.keys()) if (!ids.includes(id)) vans.delete(id);
    for (const view of views) put(view);
    if (ids.join() !== vanIds.value.join()) vanIds.value = ids;
  });
}

/** Keys that are `null` went away. */
export function takePatches(patches: readonly (Partial<VanView> & { van: string })[]): void {
  batch(() => {
    for (const patch of patches) {
      const held = vans.get(patch.van)?.peek();
      const merged = { ...held, ...patch } as Record<string, unknown>;
      for (const key of Object.keys(merged)) if (merged[key] === null) delete merged[key];
      put(merged as unknown as VanView);
    }
    // Enrolled a moment ago.
    const joined = patches.flatMap(({ van }) => (vanIds.peek().includes(van) ? [] : [van]));
    if (joined.length > 0) vanIds.value = [...vanIds.peek(), ...joined];
  });
}

function put(view: VanView): void {
  const held = vans.get(view.van);
  if (held) held.value = view;
  else vans.set(view.van, signal(view));
}

export const nameOfVan = (id: string): string => session.value?.vans.find((v) => v.id === id)?.name ?? id;
export const mayPlan = computed(() => session.value?.role !== undefined && session.value.role !== 'reader');
export const isAdministrator = computed(() => session.value?.role === 'administrator');
