/** Rows in which the van's place can be read: two months at most (CNIL, délibération 2015-165, art. 5). */
export const POSITION_KINDS = ['fix', 'lost', 'snapshot', 'learnt'] as const;
/** What proves a service, and what kept the van on the road: a year. */
export const VISIT_KINDS = [
  'visit',
  'act',
  'agenda',
  'sms',
  'duty',
  'power',
  'link',
  'health',
  'event',
  'alert',
  'settings',
] as const;

/** What the store empties, by kind; journal openings, anchors and gaps stay: the chain is read by them. */
export const rowRetention = (kept: { readonly positions: number; readonly visits: number }) => [
  { kinds: POSITION_KINDS, keepMs: kept.positions },
  { kinds: VISIT_KINDS, keepMs: kept.visits },
];
