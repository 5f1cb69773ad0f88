import L from 'leaflet';
import type { PresenceState } from '../../../protocol/presence.ts';
import { STATE_WORDS } from '../../../web/dictionary.ts';
import { age, type Language } from '../../../web/format.ts';
import type { VanView, VisitView } from '../../core/vanView.ts';
import { read } from './api.ts';
import basemap from './basemap.generated.json' with { type: 'json' };
import { nameOfVan, serverNow, timezone } from './state.ts';
import { shortName } from './words.ts';

/** Leaflet on the schematic basemap: towns, rivers, the tour's own stops. No tile is fetched (facts/dependencies.md). */
export type DepotMap = {
  show(views: readonly VanView[], language: Language): void;
  select(van: string | undefined): void;
  follow(): void;
  whole(): void;
  remove(): void;
};
type Basemap = { readonly raster?: string; readonly attribution?: string; readonly geojson?: string };

/** With so few, every stop's name is written; else those of the chosen van. */
const FEW_VANS = 3;
/** More vans than this: only the chosen one, the one under the pointer and those that are not alive are named. */
const CROWD = 12;
/** From which zoom a town's name is written, by its rank. */
const NAME_FROM_ZOOM = [7, 9, 10, 11];
/** Nearer than this the sketch shows nothing; an operator's own tiles do. */
const SKETCH_ZOOM = 12;
const TILES_ZOOM = 15;

/** A Leaflet map with the operator's tiles, or the sketch. */
export function makeBase(box: HTMLElement, own: Basemap | undefined): L.Map {
  const map = L.map(box, {
    zoomSnap: 0.5,
    minZoom: 7,
    maxZoom: 18,
    // Motion is for a change of state; and a map that is left in mid-zoom throws.
    zoomAnimation: false,
    fadeAnimation: false,
    markerZoomAnimation: false,
    attributionControl: false,
  });
  L.control
    .attribution({ prefix: false })
    .addTo(map)
    .addAttribution(own?.attribution ?? basemap.attribution);
  L.control.scale({ imperial: false }).addTo(map);
  // Under the vans: a stop's name never covers who stands there.
  map.createPane('names').style.zIndex = '590';
  map.setView([47.25, 0.7], 9);
  if (own?.raster) L.tileLayer(own.raster, { maxZoom: 19 }).addTo(map);
  else if (own?.geojson) drawOwn(map, own.geojson);
  else drawSketch(map);
  return map;
}

export function makeMap(
  box: HTMLElement,
  own: Basemap | undefined,
  onChoose: (van: string) => void,
): DepotMap {
  const map = makeBase(box, own);
  const stops = L.layerGroup().addTo(map);
  const vans = new Map<string, L.Marker>();
  let selected: string | undefined;
  let seen: readonly VanView[] = [];
  let fitted = false;
  let drawnStops = '';

  const whole = () => {
    const places = seen.flatMap((view): [number, number][] => [
      ...(view.position ? [[view.position.latitude, view.position.longitude] as [number, number]] : []),
      ...view.visits.map((v): [number, number] => [v.latitude, v.longitude]),
    ]);
    if (places.length > 0) map.fitBounds(places, { padding: [40, 40], maxZoom: 13 });
  };

  return {
    show(views, language) {
      seen = views;
      box.classList.toggle('is-crowded', views.length > CROWD);
      const key = JSON.stringify([
        selected,
        language,
        views.map((v) => v.visits.map((s) => [s.id, s.state])),
      ]);
      if (key !== drawnStops) {
        drawnStops = key;
        stops.clearLayers();
        // Two stops of one commune lie on each other at this scale: its name is written once.
        const named = new Set<string>();
        for (const view of views)
          for (const visit of view.visits) {
            const name = shortName(visit.name);
            const isNamed = (view.van === selected || views.length <= FEW_VANS) && !named.has(name);
            if (isNamed) named.add(name);
            drawStop(stops, visit, language, isNamed);
          }
      }
      for (const view of views) placeVan(map, vans, view, view.van === selected, language, onChoose);
      for (const [van, marker] of vans)
        if (!views.some((view) => view.van === van && view.position)) {
          marker.remove();
          vans.delete(van);
        }
      if (!fitted && views.length > 0) {
        fitted = true;
        whole();
      }
    },
    select(van) {
      selected = van;
      drawnStops = '';
      const position = seen.find((view) => view.van === van)?.position;
      for (const [id, marker] of vans) marker.getElement()?.classList.toggle('is-selected', id === van);
      if (position)
        map.setView(
          [position.latitude, position.longitude],
          Math.max(map.getZoom(), own?.raster ? TILES_ZOOM : SKETCH_ZOOM),
        );
      else if (van === undefined && fitted) whole();
    },
    follow() {
      const position = seen.find((view) => view.van === selected)?.position;
      if (!position) return;
      const place: L.LatLngTuple = [position.latitude, position.longitude];
      if (!map.getBounds().pad(-0.25).contains(place)) map.panTo(place);
    },
    whole,
    remove: () => map.remove(),
  };
}

let ownFeatures: Promise<GeoJSON.GeoJsonObject> | undefined;
/** The operator's own lines and outlines, under everything; the sketch when they do not come. */
function drawOwn(map: L.Map, url: string): void {
  ownFeatures ??= read<GeoJSON.GeoJsonObject>(url);
  ownFeatures.then(
    (features) => {
      // The map may be gone by now.
      if (!map.getPane('mapPane')?.isConnected) return;
      L.geoJSON(features, {
        interactive: false,
        style: () => ({ className: 'own-line' }),
        pointToLayer: (_, at) => L.circleMarker(at, { radius: 2, className: 'own-line' }),
      })
        .addTo(map)
        .bringToBack();
    },
    () => drawSketch(map),
  );
}

function drawSketch(map: L.Map): void {
  for (const river of basemap.rivers)
    L.polyline(river as [number, number][], {
      className: 'river',
      interactive: false,
      smoothFactor: 0,
    }).addTo(map);
  const names = basemap.towns.map((town) => {
    const [name, lat, lon, rank] = town as [string, number, number, number];
    const marker = L.marker([lat, lon], {
      interactive: false,
      keyboard: false,
      icon: L.divIcon({ className: `town rank-${rank}`, html: textNode(name), iconSize: [0, 0] }),
    });
    return { marker, rank };
  });
  const showNames = () => {
    for (const { marker, rank } of names)
      if (map.getZoom() >= NAME_FROM_ZOOM[rank]!) marker.addTo(map);
      else marker.remove();
  };
  map.on('zoomend', showNames);
  showNames();
}

function textNode(text: string): HTMLElement {
  const span = document.createElement('span');
  span.textContent = text;
  return span;
}

export function drawStop(
  layer: L.LayerGroup | L.Map,
  visit: VisitView,
  language: Language,
  named = false,
): void {
  const draw = (lat: number, lon: number, state: PresenceState, name: string, more = '') =>
    L.circleMarker([lat, lon], { radius: 9, className: `stop state-${state}${more}`, interactive: !named })
      .addTo(layer)
      .bindTooltip(textNode(named ? name : `${name}: ${STATE_WORDS[language][state]}`), {
        permanent: named,
        direction: 'bottom',
        offset: [0, 8],
        className: 'stop-name',
        ...(named ? { pane: 'names' } : {}),
      });
  draw(visit.latitude, visit.longitude, visit.state, shortName(visit.name));
  const { movedTo } = visit;
  if (movedTo?.lat !== undefined && movedTo.lon !== undefined)
    draw(movedTo.lat, movedTo.lon, 'moved', movedTo.name, ' is-moved');
}

/** A dot that is not alive does not look alive: hollow, dashed, with its age written beside it. */
function placeVan(
  map: L.Map,
  vans: Map<string, L.Marker>,
  view: VanView,
  selected: boolean,
  language: Language,
  onChoose: (van: string) => void,
): void {
  const { position } = view;
  if (!position) return;
  const place: L.LatLngTuple = [position.latitude, position.longitude];
  const alive = view.freshness === 'fresh' && !position.stale;
  const name = nameOfVan(view.van);
  const label = alive
    ? name
    : `${name} · ${age(language, Date.parse(position.receivedAt), serverNow(), timezone.peek())}`;
  let marker = vans.get(view.van);
  if (!marker) {
    marker = L.marker(place, {
      icon: L.divIcon({ className: 'van', html: textNode(''), iconSize: [18, 18] }),
      title: name,
      alt: name,
      riseOnHover: true,
    }).addTo(map);
    marker.on('click', () => onChoose(view.van));
    marker.on('keypress', (event) => {
      if ((event.originalEvent as KeyboardEvent).key === 'Enter') onChoose(view.van);
    });
    vans.set(view.van, marker);
  }
  if (!marker.getLatLng().equals(place)) marker.setLatLng(place);
  const element = marker.getElement()!;
  element.className = element.className.replace(/ ?is-(dead|selected|moving)/g, '');
  element.classList.toggle('is-dead', !alive);
  element.classList.toggle('is-moving', position.moving && alive);
  element.classList.toggle('is-selected', selected);
  element.setAttribute('aria-label', label);
  const text = element.firstElementChild!;
  if (text.textContent !== label) text.textContent = label;
}
