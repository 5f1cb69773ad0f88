/**
 * What earlier visits taught: where the van parks at a stop, and how long it takes from one stop to the next.
 * Written as `learnt` rows when a visit ends, and folded like any other input.
 */
export type Learnt = {
  /** Stop at which the visit was. */
  readonly stop: string;
  /** Where the van stood. */
  readonly spot?: { readonly latitude: number; readonly longitude: number };
  /** Stop from which it came, and how long the way took. */
  readonly from?: string;
  readonly travelS?: number;
};
