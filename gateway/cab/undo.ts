import type { CabAct, CabPress } from '../core/cabView.ts';

/** The act that says the contrary of one already told: an undo is itself told, and leaves its trace. */
export function undoOf(told: CabAct): Omit<CabPress, 'key'> | undefined {
  const visit = told.visit === undefined ? {} : { visit: told.visit };
  switch (told.act) {
    case 'open':
      return { act: 'closed', ...visit };
    case 'closed':
      return { act: 'open', ...visit };
    case 'late':
      return told.minutes === 0 ? undefined : { act: 'late', minutes: 0, ...visit };
    case 'cancelled':
    case 'moved':
      return { act: 'late', minutes: 0, ...visit };
    case 'off_duty':
    case 'pause':
      return { act: 'on_duty' };
    case 'on_duty':
      return undefined;
  }
}
