/** What a day holds (facts/presence.md §2). */
export const PLAIN_KINDS = [
  'normal',
  'pass_by',
  'red_light',
  'next_street',
  'late',
  'early',
  'lunch_out',
  'gap_on_arrival',
  'reboot_on_site',
  'outliers',
  'drift',
  'absence',
  'no_gps',
  'same_twice',
  'shuffle',
  'late_data',
] as const;
export const HARD_KINDS = [
  'level_crossing',
  'edge',
  'canyon',
  'cold_start',
  'leave_early',
  'swapped',
  'stuck',
  'night',
  'neighbours',
  'jam',
  'sparse',
] as const;
export type DayKind = (typeof PLAIN_KINDS)[number] | (typeof HARD_KINDS)[number];
