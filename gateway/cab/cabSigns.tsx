import type { LinkStateWord, Severity } from '../../protocol/alerts.ts';

/** Signs of the cab page, drawn; the word stands beside each, so a screen reader skips them. */

type Svg = { readonly size?: number; readonly class?: string; readonly children: preact.ComponentChildren };

const Svg = ({ size = 22, class: name = '', children }: Svg) => (
  <svg
    class={`sign ${name}`}
    width={size}
    height={size}
    viewBox="0 0 24 24"
    aria-hidden="true"
    focusable="false"
  >
    {children}
  </svg>
);

/** A triangle, filled when it is serious. */
export const AlertSign = ({ severity }: { severity: Severity }) => (
  <Svg size={28} class={`severity-${severity}`}>
    <path
      d="M12 2.5L23 21.5H1z"
      fill={severity === 'notice' ? 'none' : 'currentColor'}
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linejoin="round"
    />
    <path
      class={severity === 'notice' ? '' : 'knock'}
      d="M12 9v6m0 2.6v.4"
      fill="none"
      stroke="currentColor"
      stroke-width="2.4"
      stroke-linecap="round"
    />
  </Svg>
);

export const BatterySign = ({ soc }: { soc?: number }) => (
  <Svg>
    <rect x="1" y="6" width="19" height="12" rx="2" fill="none" stroke="currentColor" stroke-width="1.8" />
    <path d="M22 10v4" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" />
    {soc === undefined ? (
      <path d="M8 9l5 6m0-6l-5 6" stroke="currentColor" stroke-width="1.8" />
    ) : (
      <rect x="3" y="8" width={Math.max(1, (15 * soc) / 100)} height="8" fill="currentColor" />
    )}
  </Svg>
);

const BARS: Record<LinkStateWord, number> = { good: 4, degraded: 2, bad: 1, offline: 0 };

export const LinkSign = ({ state }: { state?: LinkStateWord }) => (
  <Svg>
    {[0, 1, 2, 3].map((n) => (
      <rect
        key={n}
        x={2 + n * 5.4}
        y={16 - n * 4.4}
        width="3.6"
        height={5 + n * 4.4}
        fill={state && n < BARS[state] ? 'currentColor' : 'none'}
        stroke="currentColor"
        stroke-width="1"
      />
    ))}
    {state === 'offline' ? <path d="M2 3l8 8m0-8l-8 8" stroke="currentColor" stroke-width="2.2" /> : null}
  </Svg>
);

export const GpsSign = ({ good }: { good: boolean }) => (
  <Svg>
    <path
      d="M12 22s-7-7.2-7-12.5a7 7 0 0 1 14 0C19 14.8 12 22 12 22z"
      fill={good ? 'currentColor' : 'none'}
      stroke="currentColor"
      stroke-width="1.8"
    />
    {good ? (
      <circle class="knock-fill" cx="12" cy="9.5" r="2.6" />
    ) : (
      <path d="M9.5 7l5 5m0-5l-5 5" stroke="currentColor" stroke-width="1.8" />
    )}
  </Svg>
);
