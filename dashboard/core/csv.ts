/**
 * CSV for people with a spreadsheet: `;`, CRLF, a BOM so that accents survive. A text that a spreadsheet would run as
 * a formula is told as text (ASVS 5.0 §1.2.10: `= + - @`, tab, CR, NUL).
 */
export type Cell = string | number | undefined;

const RUNS = /^[=+\-@\t\r\0]/;

function cellText(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return `${cell}`;
  const safe = RUNS.test(cell) ? `'${cell}` : cell;
  return /[";\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const csvOf = (rows: readonly (readonly Cell[])[]): string =>
  `\uFEFF${rows.map((row) => `${row.map(cellText).join(';')}\r\n`).join('')}`;
