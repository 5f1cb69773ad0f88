import { localOf } from '../visit/format.ts';
import { STATE_WORDS } from './dictionary.ts';
import { hours, type Language, shortDate } from './format.ts';
import { Sign } from './signs.tsx';
import { Typeset } from './text.tsx';
import type { TourLineVisit } from './tourLine.tsx';

/** The tour line turned upright: one date a row, its hours as a bar on the axis of the day, words beside it. */
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
          <DayBar visit={visit} timezone={timezone} />
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

const HEIGHT = 48;
/** The axis goes from 7 h to 19 h; a visit outside it touches its end. */
const FIRST_MIN = 420;
const LAST_MIN = 1140;

const minuteOf = (ms: number, timezone: string): number => {
  const { hour, minute } = localOf(ms, timezone);
  return hour * 60 + minute;
};

function DayBar({ visit, timezone }: { visit: TourLineVisit; timezone: string }) {
  const y = (ms: number) =>
    Math.min(1, Math.max(0, (minuteOf(ms, timezone) - FIRST_MIN) / (LAST_MIN - FIRST_MIN))) * HEIGHT;
  const top = y(visit.fromMs);
  const height = Math.max(6, y(visit.toMs) - top);
  const off = visit.state === 'cancelled' || visit.state === 'missed';
  return (
    <svg class="tour-line day-bar" width="18" height={HEIGHT} aria-hidden="true" focusable="false">
      <line class="axis" x1="9" x2="9" y1="0" y2={HEIGHT} />
      <rect class={off ? 'window is-off' : 'window'} x="2" width="14" y={top} height={height} rx="2" />
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
