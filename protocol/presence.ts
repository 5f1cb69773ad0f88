/** The words of presence (DESIGN §2). `open` and `movedTo` are properties beside the state. */
export const PRESENCE_STATES = [
  'planned',
  'approaching',
  'on_site',
  'left',
  'late',
  'missed',
  'cancelled',
  'moved',
  'unknown',
] as const;
export type PresenceState = (typeof PRESENCE_STATES)[number];

/** Who says so, in the order of DESIGN §1.9, strongest last. */
export const STATEMENT_SOURCES = ['plan', 'gps', 'crew', 'office'] as const;
export type StatementSource = (typeof STATEMENT_SOURCES)[number];

/** What the driver tells. */
export const ACTS = ['open', 'closed', 'late', 'moved', 'cancelled', 'off_duty', 'on_duty', 'pause'] as const;
export type ActWord = (typeof ACTS)[number];
