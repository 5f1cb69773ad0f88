import { isoOf } from '../../protocol/time.ts';
import type { TrackPoint } from './dayAgain.ts';

/** A day's track for other software: GPX 1.1 and GeoJSON (RFC 7946). No speed is derived (people.md §3.1). */
const XML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeXml = (text: string) => text.replace(/[&<>"']/g, (c) => XML[c]!);

export function gpxOf(name: string, track: readonly (readonly TrackPoint[])[]): string {
  const segments = track.map(
    (piece) =>
      `<trkseg>${piece
        .map(([at, lat, lon]) => `<trkpt lat="${lat}" lon="${lon}"><time>${isoOf(at)}</time></trkpt>`)
        .join('')}</trkseg>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Tournée" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>${escapeXml(name)}</name>${segments.join('')}</trk></gpx>
`;
}

export function geojsonOf(name: string, track: readonly (readonly TrackPoint[])[]): object {
  return {
    type: 'FeatureCollection',
    features: track
      .filter((piece) => piece.length > 1)
      .map((piece) => ({
        type: 'Feature',
        properties: { name, times: piece.map(([at]) => isoOf(at)) },
        geometry: { type: 'LineString', coordinates: piece.map(([, lat, lon]) => [lon, lat]) },
      })),
  };
}
