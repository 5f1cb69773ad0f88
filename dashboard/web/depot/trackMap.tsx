import L from 'leaflet';
import { useEffect, useRef } from 'preact/hooks';
import type { TrackPoint } from '../../core/dayAgain.ts';
import type { VisitView } from '../../core/vanView.ts';
import { drawStop, makeBase } from './map.ts';
import { language, session } from './state.ts';

type Props = {
  readonly track: readonly (readonly TrackPoint[])[];
  readonly visits: readonly VisitView[];
  readonly atMs: number;
  readonly label: string;
};

/** The day's track in unbroken pieces, the stops, and where the van was at the moment of the scrubber. */
export function TrackMap({ track, visits, atMs, label }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const dot = useRef<L.CircleMarker | undefined>(undefined);
  useEffect(() => {
    const map = makeBase(box.current!, session.value?.basemap);
    const lines = track.map((piece) =>
      L.polyline(
        piece.map(([, latitude, longitude]): [number, number] => [latitude, longitude]),
        { className: 'track', interactive: false },
      ).addTo(map),
    );
    for (const visit of visits) drawStop(map, visit, language.value, true);
    dot.current = L.circleMarker([0, 0], { radius: 7, className: 'moment-dot', interactive: false });
    const places = [
      ...lines.flatMap((line) => line.getLatLngs() as L.LatLng[]),
      ...visits.map((v) => L.latLng(v.latitude, v.longitude)),
    ];
    if (places.length > 0) map.fitBounds(L.latLngBounds(places), { padding: [24, 24], maxZoom: 13 });
    const shown = pointAt(track, atMs);
    if (shown) dot.current.setLatLng([shown[1], shown[2]]).addTo(map);
    box.current!.dataset.ready = 'yes';
    return () => {
      map.remove();
    };
  }, [track, visits, language.value]);
  useEffect(() => {
    const shown = pointAt(track, atMs);
    if (!shown || !dot.current) return;
    dot.current.setLatLng([shown[1], shown[2]]);
  }, [atMs]);
  return <section ref={box} class="map" aria-label={label} />;
}

/** The last known point at that moment. */
function pointAt(track: Props['track'], atMs: number): TrackPoint | undefined {
  let found: TrackPoint | undefined = track[0]?.[0];
  for (const piece of track)
    for (const point of piece) {
      if (point[0] > atMs) return found;
      found = point;
    }
  return found;
}
