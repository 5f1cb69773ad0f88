import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

export type Column<T> = {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Makes the column's title a button that sorts. */
  readonly sort?: (row: T) => string | number;
  readonly number?: boolean;
  readonly total?: string | number;
};

/** A table that sorts by its titles; wide ones scroll inside their frame, which takes the focus for that. */
export function Table<T>(props: {
  readonly name: string;
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly columns: readonly Column<T>[];
}) {
  const by = useSignal<{ readonly column: number; readonly down: boolean } | undefined>(undefined);
  const { columns } = props;
  const sort = by.value && columns[by.value.column]?.sort;
  const rows = sort ? [...props.rows].sort(comparing(sort, by.value!.down)) : props.rows;
  const totals = columns.some((column) => column.total !== undefined);
  const press = (column: number) => {
    by.value = { column, down: by.value?.column === column ? !by.value.down : false };
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls must be reachable by keyboard
    <section class="table-frame" aria-label={props.name} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column, n) => (
              <th
                key={column.title}
                scope="col"
                class={column.number ? 'is-number' : undefined}
                aria-sort={by.value?.column === n ? (by.value.down ? 'descending' : 'ascending') : undefined}
              >
                {column.sort ? (
                  <button type="button" class="button is-plain" onClick={() => press(n)}>
                    {column.title}
                    <span aria-hidden="true">
                      {by.value?.column === n ? (by.value.down ? ' ↓' : ' ↑') : ''}
                    </span>
                  </button>
                ) : (
                  column.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={props.keyOf(row)}>
              {columns.map((column, n) => {
                const Cell = n === 0 ? 'th' : 'td';
                return (
                  <Cell
                    key={column.title}
                    class={classOf(column, row)}
                    {...(n === 0 ? { scope: 'row' } : {})}
                  >
                    {column.cell(row)}
                  </Cell>
                );
              })}
            </tr>
          ))}
        </tbody>
        {totals ? (
          <tfoot>
            <tr>
              {columns.map((column, n) => {
                const Cell = n === 0 ? 'th' : 'td';
                return (
                  <Cell
                    key={column.title}
                    class={column.number ? 'is-number' : undefined}
                    {...(n === 0 ? { scope: 'row' } : {})}
                  >
                    {column.total ?? ''}
                  </Cell>
                );
              })}
            </tr>
          </tfoot>
        ) : null}
      </table>
    </section>
  );
}

/** A zero is said, quietly: the eye looks for what is not zero. */
function classOf<T>(column: Column<T>, row: T): string | undefined {
  if (!column.number) return undefined;
  return column.sort?.(row) === 0 ? 'is-number is-zero' : 'is-number';
}

const comparing =
  <T,>(of: (row: T) => string | number, down: boolean) =>
  (a: T, b: T): number => {
    const [x, y] = [of(a), of(b)];
    return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
  };
