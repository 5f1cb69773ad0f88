import type { PresenceState } from '../protocol/presence.ts';

/** The signs of the states, drawn: no font is needed, none is guessed (PAGES, «Look»). A box of 16 × 16. */
const ring = <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" />;

const DRAWINGS: Record<PresenceState, preact.JSX.Element> = {
  // ○ nothing yet
  planned: ring,
  // ◐ half way
  approaching: (
    <>
      {ring}
      <path d="M8 2a6 6 0 0 0 0 12z" fill="currentColor" />
    </>
  ),
  // ● here
  on_site: <circle cx="8" cy="8" r="7" fill="currentColor" />,
  // ✓ done
  left: <path d="M2.5 8.5l3.5 4 7.5-9" fill="none" stroke="currentColor" stroke-width="2.2" />,
  // ◔ a quarter
  late: (
    <>
      {ring}
      <path d="M8 8V2a6 6 0 0 1 6 6z" fill="currentColor" />
    </>
  ),
  // ✕
  missed: <path d="M3 3l10 10M13 3L3 13" fill="none" stroke="currentColor" stroke-width="2.4" />,
  cancelled: <path d="M3 3l10 10M13 3L3 13" fill="none" stroke="currentColor" stroke-width="2.4" />,
  // → elsewhere
  moved: <path d="M1.5 8h12M9 3.5L13.5 8 9 12.5" fill="none" stroke="currentColor" stroke-width="2.2" />,
  // ?
  unknown: (
    <>
      <path
        d="M4.5 5.2a3.5 3.5 0 1 1 5.2 3c-1.1.7-1.7 1.2-1.7 2.6"
        fill="none"
        stroke="currentColor"
        stroke-width="2.2"
      />
      <circle cx="8" cy="13.9" r="1.4" fill="currentColor" />
    </>
  ),
};

/** The sign of a state; its word stands beside it, so it is hidden from a screen reader. */
export function Sign({ state, size = 16 }: { state: PresenceState; size?: number }) {
  return (
    <svg
      class={`sign state-${state}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      {DRAWINGS[state]}
    </svg>
  );
}
