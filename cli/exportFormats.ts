/** What `tournee export` prints: one line a row, or the kept fixes for other programs. */
export type ExportedRow = {
  readonly van: string;
  readonly journal: string;
  readonly lane: string;
  readonly seq: number;
  /** Canonical JSON text. */
  readonly text: string;
};

export const EXPORT_FORMATS = ['jsonl', 'gpx', 'geojson', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

type Rows = AsyncIterable<ExportedRow> | Iterable<ExportedRow>;
type ExportedFix = {
  readonly at: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyM?: number;
  readonly moving?: boolean;
};

export function formatExport(rows: Rows, format: ExportFormat): AsyncGenerator<string> {
  return { jsonl, gpx, geojson, csv }[format](rows);
}

/** The row is printed as the van wrote it; a body that is no JSON (a van ahead of us) as a string. */
async function* jsonl(rows: Rows): AsyncGenerator<string> {
  for await (const { van, journal, lane, seq, text } of rows) {
    const head = JSON.stringify({ van, journal, lane, seq }).slice(0, -1);
    yield `${head},"row":${isJson(text) ? text : JSON.stringify(text)}}\n`;
  }
}

function isJson(text: string): boolean {
  if (text.startsWith('{"kind":')) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function* fixesOf(rows: Rows): AsyncGenerator<ExportedFix & { van: string }> {
  for await (const { van, text } of rows)
    if (text.startsWith('{"kind":"fix"')) yield { van, ...(JSON.parse(text) as ExportedFix) };
}

/** One track a van; a new segment where the rows are more than ten minutes apart. */
const SEGMENT_MS = 600_000;

async function* gpx(rows: Rows): AsyncGenerator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="Tournée" xmlns="http://www.topografix.com/GPX/1/1">\n';
  let van: string | undefined;
  let lastMs = 0;
  for await (const fix of fixesOf(rows)) {
    const ms = Date.parse(fix.at);
    if (fix.van !== van) {
      yield `${van === undefined ? '' : '</trkseg></trk>\n'}<trk><name>${fix.van}</name><trkseg>\n`;
      van = fix.van;
    } else if (Math.abs(ms - lastMs) > SEGMENT_MS) yield '</trkseg><trkseg>\n';
    lastMs = ms;
    yield `<trkpt lat="${fix.latitude}" lon="${fix.longitude}"><time>${fix.at}</time></trkpt>\n`;
  }
  yield `${van === undefined ? '' : '</trkseg></trk>\n'}</gpx>\n`;
}

async function* geojson(rows: Rows): AsyncGenerator<string> {
  yield '{"type":"FeatureCollection","features":[\n';
  let separator = '';
  for await (const { van, latitude, longitude, at, accuracyM, moving } of fixesOf(rows)) {
    const feature = {
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [longitude, latitude] },
      properties: { van, at, accuracyM, moving },
    };
    yield `${separator}${JSON.stringify(feature)}`;
    separator = ',\n';
  }
  yield '\n]}\n';
}

async function* csv(rows: Rows): AsyncGenerator<string> {
  yield 'van,at,latitude,longitude,accuracyM,moving\n';
  for await (const { van, at, latitude, longitude, accuracyM, moving } of fixesOf(rows))
    yield `${[van, at, latitude, longitude, accuracyM ?? '', moving ?? ''].map(cell).join(',')}\n`;
}

/** A cell that a spreadsheet would run as a formula is quoted (ASVS 5.0 §1.2.10); numbers stay numbers. */
function cell(value: string | number | boolean): string {
  const text = String(value);
  const formula = typeof value !== 'number' && /^[=+\-@\t\r\0]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(formula) ? `"${formula.replaceAll('"', '""')}"` : formula;
}
