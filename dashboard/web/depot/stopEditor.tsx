import { useSignal } from '@preact/signals';
import L from 'leaflet';
import { useEffect, useRef } from 'preact/hooks';
import type { Stop } from '../../../protocol/agenda.ts';
import { OFFICE_WORDS } from '../../../web/dictionaryOffice.ts';
import {
  circleOf,
  type LatLon,
  placeOfText,
  placesOfText,
  rounded,
  textOfPlace,
} from '../../core/placeText.ts';
import { putStop } from '../../core/planning.ts';
import { edit, edited } from './draft.ts';
import { makeBase } from './map.ts';
import { Field, WriteForm } from './small.tsx';
import { language, session } from './state.ts';

const NEW: Stop = { id: '', name: '', commune: '', lat: 47.25, lon: 0.7, radius: 80 };

/** The places: on the map and in fields, which say the same. */
export function StopEditor() {
  const w = OFFICE_WORDS[language.value].planning;
  const chosen = useSignal<string | undefined>(undefined);
  const stops = [...edited.value!.stops].sort((a, b) => (a.name < b.name ? -1 : 1));
  const stop = chosen.value === '' ? NEW : stops.find((s) => s.id === chosen.value);
  return (
    <section class="detail" aria-labelledby="stops-title">
      <h2 id="stops-title">{w.stops}</h2>
      <Field label={w.stops}>
        <select
          value={chosen.value ?? '-'}
          onChange={(event) => {
            const { value } = event.currentTarget;
            chosen.value = value === '-' ? undefined : value;
          }}
        >
          <option value="-">—</option>
          <option value="">{w.stopNew}</option>
          {stops.map((s) => (
            <option key={s.id} value={s.id}>
              {s.name}
            </option>
          ))}
        </select>
      </Field>
      {stop ? <StopFields key={chosen.value} stop={stop} onDone={(id) => (chosen.value = id)} /> : null}
    </section>
  );
}

type Click = 'centre' | 'parking' | 'corner';
type Shape = {
  readonly lat: number;
  readonly lon: number;
  readonly radius: number;
  readonly parking: string;
  readonly corners: string;
};

const shapeOf = ({ lat, lon, radius, parking, polygon }: Stop): Shape => ({
  lat,
  lon,
  radius,
  parking: parking ? textOfPlace(parking) : '',
  corners: (polygon ?? []).map(([lon, lat]) => textOfPlace({ lat, lon })).join('\n'),
});

/** What was pointed at, written where it is also typed. */
function clicked(shape: Shape, click: Click, at: LatLon): Shape {
  if (click === 'centre') return { ...shape, ...at };
  if (click === 'parking') return { ...shape, parking: textOfPlace(at) };
  return { ...shape, corners: [shape.corners.trimEnd(), textOfPlace(at)].filter(Boolean).join('\n') };
}

/** The place as the agenda holds it; an outline brings its own circle. Throws in words what is wrong. */
function placed(shape: Shape): Pick<Stop, 'lat' | 'lon' | 'radius' | 'parking' | 'polygon'> {
  const w = OFFICE_WORDS[language.value].planning;
  const corners = placesOfText(shape.corners);
  const parking = shape.parking.trim() === '' ? undefined : placeOfText(shape.parking);
  if (!corners || (shape.parking.trim() !== '' && !parking)) throw new Error(w.badPlace);
  if (corners.length > 0 && corners.length < 3) throw new Error(w.fewCorners);
  const { lat, lon, radius } = corners.length > 0 ? circleOf(corners) : shape;
  return {
    lat,
    lon,
    radius,
    ...(parking ? { parking } : {}),
    ...(corners.length > 0 ? { polygon: corners.map((c): [number, number] => [c.lon, c.lat]) } : {}),
  };
}

function StopFields({ stop, onDone }: { stop: Stop; onDone: (id: string) => void }) {
  const w = OFFICE_WORDS[language.value].planning;
  const shape = useSignal(shapeOf(stop));
  const click = useSignal<Click>('centre');
  const set = (change: Partial<Shape>) => (shape.value = { ...shape.value, ...change });
  const save = async (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const services = text('services')
      .split(/\s*,\s*/)
      .filter(Boolean);
    const { address: _, access: __, services: ___, parking: ____, polygon: _____, ...kept } = stop;
    const place = placed(shape.value);
    edit((agenda) =>
      putStop(agenda, {
        ...kept,
        ...place,
        id: stop.id || text('id'),
        name: text('name'),
        commune: text('commune'),
        ...(text('address') ? { address: text('address') } : {}),
        ...(text('access') ? { access: text('access') } : {}),
        ...(services.length > 0 ? { services } : {}),
      }),
    );
    onDone(stop.id || text('id'));
  };
  const number = (name: 'lat' | 'lon' | 'radius', label: string, more: object) => (
    <Field label={label}>
      <input
        type="number"
        required
        value={shape.value[name]}
        onChange={(event) => set({ [name]: Number(event.currentTarget.value) })}
        {...more}
      />
    </Field>
  );
  const corners = placesOfText(shape.value.corners) ?? [];
  return (
    <>
      <StopMap shape={shape.value} onClick={(at) => (shape.value = clicked(shape.value, click.value, at))} />
      <fieldset class="choices">
        <legend>{w.mapClick}</legend>
        {(['centre', 'parking', 'corner'] as const).map((what) => (
          <label key={what} class="check">
            <input
              type="radio"
              name="click"
              checked={click.value === what}
              onChange={() => (click.value = what)}
            />{' '}
            {w.clicks[what]}
          </label>
        ))}
        {corners.length > 0 ? (
          <button
            type="button"
            class="button"
            onClick={() => set({ corners: corners.slice(0, -1).map(textOfPlace).join('\n') })}
          >
            {w.cornerBack}
          </button>
        ) : null}
        <p role="status">{w.corners(corners.length)}</p>
      </fieldset>
      <WriteForm label={w.stops} submit={w.apply} onSubmit={save}>
        {stop.id ? null : (
          <Field label={w.stopId}>
            <input name="id" required maxLength={64} pattern="[^\s]+" />
          </Field>
        )}
        <Field label={w.stopName}>
          <input name="name" required maxLength={120} defaultValue={stop.name} />
        </Field>
        <Field label={w.commune}>
          <input name="commune" required pattern="(\d{2}|2[AB])\d{3}" defaultValue={stop.commune} />
        </Field>
        {number('lat', w.latitude, { step: 0.00001, min: -90, max: 90 })}
        {number('lon', w.longitude, { step: 0.00001, min: -180, max: 180 })}
        {number('radius', w.radius, { step: 1, min: 1, max: 5000 })}
        <Field label={w.parking}>
          <input
            value={shape.value.parking}
            maxLength={60}
            onChange={(event) => set({ parking: event.currentTarget.value })}
          />
        </Field>
        <Field label={w.polygon}>
          <textarea
            rows={4}
            value={shape.value.corners}
            onChange={(event) => set({ corners: event.currentTarget.value })}
          />
        </Field>
        <Field label={w.address}>
          <input name="address" maxLength={200} defaultValue={stop.address ?? ''} />
        </Field>
        <Field label={w.access}>
          <input name="access" maxLength={300} defaultValue={stop.access ?? ''} />
        </Field>
        <Field label={w.services}>
          <input name="services" maxLength={600} defaultValue={stop.services?.join(', ') ?? ''} />
        </Field>
      </WriteForm>
    </>
  );
}

/** Circle, outline and parking as they are edited; the outline, where there is one, is what counts. */
function drawShape(layer: L.LayerGroup, shape: Shape): void {
  layer.clearLayers();
  const corners = placesOfText(shape.corners) ?? [];
  const parking = placeOfText(shape.parking);
  const outline = corners.map(({ lat, lon }): L.LatLngTuple => [lat, lon]);
  if (corners.length > 0) L.polygon(outline, { className: 'stop state-approaching' }).addTo(layer);
  else
    L.circle([shape.lat, shape.lon], { radius: shape.radius, className: 'stop state-approaching' }).addTo(
      layer,
    );
  for (const corner of outline) L.circleMarker(corner, { radius: 4, className: 'stop' }).addTo(layer);
  if (parking)
    L.marker([parking.lat, parking.lon], {
      interactive: false,
      keyboard: false,
      icon: L.divIcon({ className: 'parking', html: 'P', iconSize: [20, 20] }),
    }).addTo(layer);
}

function StopMap({ shape, onClick }: { shape: Shape; onClick: (at: LatLon) => void }) {
  const w = OFFICE_WORDS[language.value].planning;
  const box = useRef<HTMLDivElement>(null);
  const layer = useRef(L.layerGroup());
  const told = useRef(onClick);
  told.current = onClick;
  useEffect(() => {
    const map = makeBase(box.current!, session.value?.basemap);
    layer.current.addTo(map);
    map.setView([shape.lat, shape.lon], 15);
    map.on('click', ({ latlng }) => told.current({ lat: rounded(latlng.lat), lon: rounded(latlng.lng) }));
    return () => {
      map.remove();
    };
  }, []);
  useEffect(() => drawShape(layer.current, shape), [shape]);
  return (
    <>
      <section ref={box} class="map" aria-label={w.mapHelp} />
      <p>
        <small>{w.mapHelp}</small>
      </p>
    </>
  );
}
