/**
 * When is it? The anchor ties the boot's monotonic clock to UTC (DESIGN §1.6): from GNSS once some epochs in a row
 * agree, or from the wall clock while NTP reports it synchronised. It holds for one boot.
 */

/** Epochs that must agree before the first GNSS anchor: an unconfirmed first fix is not believed (devices.md §1). */
const FIRST_AGREEING = 3;
/** Agreeing epochs before an anchor in force is replaced. */
const REPLACING_AGREEING = 30;
/** Offsets this near are the same: an epoch is read some hundreds of ms after its instant. */
const SAME_OFFSET_MS = 2000;

export type Anchor = { readonly offsetMs: number; readonly source: 'gnss' | 'ntp' };
export type AnchorState = {
  readonly anchor?: Anchor;
  /** Offset that recent observations agree upon, and how many did. */
  readonly candidate?: { readonly offsetMs: number; readonly agreeing: number };
};
/** A UTC instant seen when the monotonic clock read `monoMs`. */
export type Observation = {
  readonly utcMs: number;
  readonly monoMs: number;
  readonly source: 'gnss' | 'ntp';
};

/** The state after an observation; `changed` when a new anchor is in force and belongs in the journal. */
export function stepAnchor(state: AnchorState, seen: Observation): { state: AnchorState; changed: boolean } {
  const offsetMs = seen.utcMs - seen.monoMs;
  const { anchor, candidate } = state;
  if (anchor && Math.abs(anchor.offsetMs - offsetMs) <= SAME_OFFSET_MS)
    return { state: { anchor }, changed: false };
  const agrees = candidate && Math.abs(candidate.offsetMs - offsetMs) <= SAME_OFFSET_MS;
  const agreeing = agrees ? candidate.agreeing + 1 : 1;
  const needed = anchor ? REPLACING_AGREEING : seen.source === 'ntp' ? 1 : FIRST_AGREEING;
  if (agreeing < needed) {
    const next = { offsetMs: agrees ? candidate.offsetMs : offsetMs, agreeing };
    return { state: anchor ? { anchor, candidate: next } : { candidate: next }, changed: false };
  }
  return { state: { anchor: { offsetMs, source: seen.source } }, changed: true };
}
