import { STATE_WORDS } from './dictionary.ts';
import { hours, type Language, shortDate } from './format.ts';
import { Sign } from './signs.tsx';
import { Typeset } from './text.tsx';
import type { TourLineVisit } from './tourLine.tsx';

/** The tour line turned upright: time goes down, one date a station, its window as a bar as long as it lasts, words beside it. */
export function UprightLine(props: {
  readonly visits: readonly (TourLineVisit & { readonly place?: string })[];
  readonly language: Language;
  readonly timezone: string;
}) {
  const { visits, language, timezone } = props;
  return (
    <ol class="upright">
      {visits.map((visit) => (
        <li key={visit.id} class={`state-${visit.state}`}>
          <DayBar visit={visit} />
          <div>
            <p class="upright-date">
              <time datetime={new Date(visit.fromMs).toISOString()}>
                <span class="whole">{shortDate(language, visit.fromMs, timezone)}</span>{' '}
                <Typeset text={hours(language, visit.fromMs, visit.toMs, timezone)} />
              </time>
            </p>
            {visit.state === 'planned' ? null : (
              <p class="upright-state">
                <Sign state={visit.state} /> {STATE_WORDS[language][visit.state]}
              </p>
            )}
            {visit.place ? <p class="upright-place">{visit.place}</p> : null}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** A window of two hours and a half is as tall as its line of text. */
const PX_AN_HOUR = 10;
const MIN_PX = 12;
const MAX_PX = 48;

/** The window as an outline on the rail, what was held inside it; the rail itself is the style's. */
function DayBar({ visit }: { visit: TourLineVisit }) {
  const px = (ms: number) => (ms / 3_600_000) * PX_AN_HOUR;
  const height = Math.min(MAX_PX, Math.max(MIN_PX, px(visit.toMs - visit.fromMs)));
  const y = (ms: number) => Math.min(height, Math.max(0, px(ms - visit.fromMs))) + 1;
  const off = visit.state === 'cancelled' || visit.state === 'missed';
  return (
    <svg class="tour-line day-bar" width="18" height={height + 2} aria-hidden="true" focusable="false">
      <rect class={off ? 'window is-off' : 'window'} x="2" width="14" y="1" height={height} rx="2" />
      {(visit.held ?? []).map((held) => (
        <rect
          key={held.fromMs}
          class="held"
          x="6"
          width="6"
          y={y(held.fromMs)}
          height={Math.max(3, y(held.toMs ?? visit.toMs) - y(held.fromMs))}
        />
      ))}
    </svg>
  );
}
