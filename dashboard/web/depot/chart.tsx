import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { OFFICE_WORDS } from '../../../web/dictionaryOffice.ts';
import { clock } from '../../../web/format.ts';
import { language, timezone } from './state.ts';
import { Table } from './table.tsx';

/** One measure over the day: a picture for those who see it, the same figures in a table under it. */
export type Series = {
  readonly label: string;
  readonly token: string;
  readonly axis: 'left' | 'right';
  readonly dash?: readonly number[];
};
export type ChartProps = {
  readonly title: string;
  /** Epoch ms, then one value a series; `null` is unknown. */
  readonly points: readonly (readonly (number | null)[])[];
  readonly series: readonly Series[];
  readonly fromMs: number;
  readonly toMs: number;
  /** The moment of the scrubber. */
  readonly atMs: number;
  readonly range?: readonly [number, number];
  /** Words in place of numbers, for ranks. */
  readonly say?: (value: number) => string;
};

const HEIGHT_PX = 160;
const RIGHT_AXIS_PX = 50;
const MAX_TABLE_ROWS = 96;

export function Chart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const { points, series, fromMs, toMs, title } = props;
  useEffect(() => {
    const frame = box.current!;
    const drawn = new uPlot(optionsOf(props, frame.clientWidth), columnsOf(props), frame);
    plot.current = drawn;
    const follow = new ResizeObserver(() => drawn.setSize({ width: frame.clientWidth, height: HEIGHT_PX }));
    follow.observe(frame);
    return () => {
      follow.disconnect();
      drawn.destroy();
    };
  }, [points, fromMs, toMs, language.value]);
  useEffect(() => {
    const drawn = plot.current;
    drawn?.setCursor({ left: drawn.valToPos(props.atMs / 1000, 'x'), top: 0 });
  }, [props.atMs, points]);
  return (
    <figure class="chart">
      <figcaption>
        {title}{' '}
        <small>
          {series.map((s) => (
            <span key={s.label} class={`legend is-${s.token}`}>
              {s.label}
            </span>
          ))}
        </small>
      </figcaption>
      <div ref={box} aria-hidden="true" />
      <ChartTable {...props} />
    </figure>
  );
}

function columnsOf({ points, series }: ChartProps): uPlot.AlignedData {
  const columns = [points.map((point) => point[0]! / 1000)] as (number | null)[][];
  for (let n = 1; n <= series.length; n++) columns.push(points.map((point) => point[n] ?? null));
  return columns as unknown as uPlot.AlignedData;
}

const token = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function optionsOf({ series, fromMs, toMs, range, say }: ChartProps, width: number): uPlot.Options {
  const grid = { stroke: token('line'), width: 1 };
  const axis = { stroke: token('ink'), grid, ticks: grid, font: '12px system-ui, sans-serif' };
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    // The charts of a day stand under each other: one axis of time for all.
    padding: [8, series.some((s) => s.axis === 'right') ? 0 : RIGHT_AXIS_PX, 0, 0],
    cursor: { y: false, drag: { x: false, y: false } },
    scales: {
      x: { range: [fromMs / 1000, toMs / 1000] },
      ...(range ? { left: { range: [range[0], range[1]] } } : {}),
    },
    axes: [
      { ...axis, values: (_, splits) => splits.map((s) => clock(language.value, s * 1000, timezone.value)) },
      {
        ...axis,
        scale: 'left',
        size: 76,
        ...(say
          ? { splits: () => [0, 1, 2, 3], values: (_: uPlot, splits: number[]) => splits.map(say) }
          : {}),
      },
      ...(series.some((s) => s.axis === 'right')
        ? [{ ...axis, scale: 'right', side: 1 as const, size: RIGHT_AXIS_PX, grid: { show: false } }]
        : []),
    ],
    series: [
      {},
      ...series.map((s) => ({
        label: s.label,
        scale: s.axis,
        stroke: token(s.token),
        width: 1.5,
        spanGaps: false,
        points: { show: false },
        ...(s.dash ? { dash: [...s.dash] } : {}),
      })),
    ],
  };
}

function ChartTable({ title, points, series, say }: ChartProps) {
  const w = OFFICE_WORDS[language.value].day;
  const step = Math.max(1, Math.ceil(points.length / MAX_TABLE_ROWS));
  const rows = points.filter((_, n) => n % step === 0);
  const cell = (value: number | null | undefined) =>
    value === null || value === undefined ? '' : say ? say(value) : value.toLocaleString(language.value);
  return (
    <details>
      <summary>{w.table}</summary>
      {step > 1 ? <p>{w.tableCut(rows.length)}</p> : null}
      <Table
        name={title}
        rows={rows}
        keyOf={(row) => String(row[0])}
        columns={[
          { title: w.columns.at, cell: (row) => clock(language.value, row[0]!, timezone.value) },
          ...series.map((s, n) => ({
            title: s.label,
            number: !say,
            cell: (row: readonly (number | null)[]) => cell(row[n + 1]),
          })),
        ]}
      />
    </details>
  );
}
