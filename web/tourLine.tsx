import type { PresenceState } from '../protocol/presence.ts';
import { clock, type Language } from '../visit/format.ts';
import { STATE_WORDS } from './dictionary.ts';

/** A day as a line from morning to evening: planned windows above it, what was really held below (PAGES). */
export type TourLine = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly timezone: string;
  readonly visits: readonly TourLineVisit[];
  /** Times of which nothing is known, breaks. */
  readonly gaps?: readonly Span[];
};

/** `toMs` absent: until now. */
export type Span = { readonly fromMs: number; readonly toMs?: number };

export type TourLineVisit = {
  readonly id: string;
  readonly label: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: PresenceState;
  readonly held?: readonly Span[];
};

/** The line's length: the first window − 30 min to the last + 30 min, or as far as what was held, to whole hours. */
export function tourLineOf(
  visits: readonly TourLineVisit[],
  timezone: string,
  gaps: readonly Span[] = [],
): TourLine {
  const edges = visits.flatMap((v) => [
    v.fromMs - MARGIN_MS,
    v.toMs + MARGIN_MS,
    ...(v.held ?? []).flatMap((h) => [h.fromMs, h.toMs ?? h.fromMs]),
  ]);
  const fromMs = Math.floor(Math.min(...edges) / MARGIN_MS) * MARGIN_MS;
  const toMs = Math.ceil(Math.max(...edges) / MARGIN_MS) * MARGIN_MS;
  return { fromMs: visits.length ? fromMs : 0, toMs: visits.length ? toMs : 0, timezone, visits, gaps };
}
const MARGIN_MS = 1_800_000;

type Props = {
  readonly line: TourLine;
  readonly language: Language;
  readonly nowMs?: number;
  /** Id of the visit that the page is about. */
  readonly chosen?: string;
  /** Without the row of times: for a stacked list. */
  readonly compact?: boolean;
  readonly onChoose?: (visit: string) => void;
};

/** The picture, with its text equivalent beside it. At 320 px as at 1600: places are percentages. */
export function TourLineView({ line, language, nowMs, chosen, compact, onChoose }: Props) {
  const end = nowMs ?? line.toMs;
  const x = (ms: number) =>
    Math.min(100, Math.max(0, ((ms - line.fromMs) / (line.toMs - line.fromMs)) * 100));
  const at = (ms: number) => clock(language, ms, line.timezone);
  if (line.visits.length === 0) return <p class="tour-line">{nothingPlanned(language)}</p>;
  return (
    <div class="tour-line">
      <svg width="100%" height={compact ? 50 : 68} aria-hidden="true" focusable="false" class="tour-line">
        <line class="axis" x1="0" x2="100%" y1="34" y2="34" />
        {(line.gaps ?? []).map((gap) => (
          <Bar key={gap.fromMs} class="gap" from={x(gap.fromMs)} to={x(gap.toMs ?? end)} y={39} height={7} />
        ))}
        {line.visits.map((visit, n) => (
          <g
            key={visit.id}
            class={`state-${visit.state}`}
            {...(onChoose ? { onClick: () => onChoose(visit.id) } : {})}
          >
            <Bar
              class={`window${OFF.has(visit.state) ? ' is-off' : ''}${visit.id === chosen ? ' is-chosen' : ''}`}
              from={x(visit.fromMs)}
              to={x(visit.toMs)}
              y={19}
              height={12}
            />
            <foreignObject
              x={percent(x(visit.fromMs))}
              y="0"
              width={percent(x(line.visits[n + 1]?.fromMs ?? line.toMs) - x(visit.fromMs))}
              height="18"
            >
              <div class="room for-name">
                <div class="label">{visit.label}</div>
              </div>
            </foreignObject>
            {(visit.held ?? []).map((held) => (
              <Bar
                key={held.fromMs}
                class="held"
                from={x(held.fromMs)}
                to={x(held.toMs ?? end)}
                y={38}
                height={9}
              />
            ))}
            {compact ? null : <HeldTimes visit={visit} later={line.visits.slice(n + 1)} x={x} at={at} />}
          </g>
        ))}
        {nowMs !== undefined && nowMs >= line.fromMs && nowMs <= line.toMs ? (
          <line class="now" x1={percent(x(nowMs))} x2={percent(x(nowMs))} y1="17" y2="50" />
        ) : null}
      </svg>
      <ol class="spoken">
        {line.visits.map((visit) => (
          <li key={visit.id}>{visitInWords(visit, language, line.timezone)}</li>
        ))}
      </ol>
    </div>
  );
}

const OFF = new Set<PresenceState>(['missed', 'cancelled']);
const percent = (value: number) => `${Math.round(value * 100) / 100}%`;

function Bar(props: { class: string; from: number; to: number; y: number; height: number }) {
  const { from, to, y, height } = props;
  // A thing that happened is never too short to be seen.
  const width = Math.max(to - from, 0.4);
  return <rect class={props.class} x={percent(from)} y={y} width={percent(width)} height={height} rx="2" />;
}

/** First arrival and last departure, written under the bar as far as what was held next leaves room; whole or not. */
function HeldTimes(props: {
  visit: TourLineVisit;
  later: readonly TourLineVisit[];
  x: (ms: number) => number;
  at: (ms: number) => string;
}) {
  const { visit, later, x, at } = props;
  const first = visit.held?.[0];
  if (!first) return null;
  const last = visit.held?.at(-1)?.toMs;
  const next = later.find(({ held }) => held?.[0])?.held?.[0];
  const end = next ? x(Math.max(first.fromMs, next.fromMs)) : 100;
  return (
    <foreignObject x={percent(x(first.fromMs))} y="50" width={percent(end - x(first.fromMs))} height="18">
      <div class={`room ${last === undefined ? 'for-time' : 'for-times'}`}>
        <div class="label">{last === undefined ? at(first.fromMs) : `${at(first.fromMs)} – ${at(last)}`}</div>
      </div>
    </foreignObject>
  );
}

const nothingPlanned = (language: Language) =>
  language === 'fr' ? 'Rien de prévu ce jour.' : 'Nothing planned that day.';

/** `Ligueil: prévu de 9 h 30 à 12 h; arrivée 9 h 41, départ 11 h 58; terminé.` */
export function visitInWords(visit: TourLineVisit, language: Language, timezone: string): string {
  const at = (ms: number) => clock(language, ms, timezone);
  const [from, to] = [at(visit.fromMs), at(visit.toMs)];
  const window = language === 'fr' ? `prévu de ${from} à ${to}` : `planned ${from} to ${to}`;
  const held = (visit.held ?? []).map(({ fromMs, toMs }) => {
    const arrived = `${language === 'fr' ? 'arrivée' : 'arrived'} ${at(fromMs)}`;
    return toMs === undefined ? arrived : `${arrived}, ${language === 'fr' ? 'départ' : 'left'} ${at(toMs)}`;
  });
  const state = visit.state === 'planned' ? [] : [STATE_WORDS[language][visit.state]];
  return `${visit.label}: ${[window, ...held, ...state].join('; ')}.`;
}
