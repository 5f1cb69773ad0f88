import { useSignal } from '@preact/signals';
import L from 'leaflet';
import { useEffect, useRef } from 'preact/hooks';
import type { Stop } from '../../../protocol/agenda.ts';
import { OFFICE_WORDS } from '../../../web/dictionaryOffice.ts';
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

function StopFields({ stop, onDone }: { stop: Stop; onDone: (id: string) => void }) {
  const w = OFFICE_WORDS[language.value].planning;
  const place = useSignal({ lat: stop.lat, lon: stop.lon, radius: stop.radius });
  const save = async (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const services = text('services')
      .split(/\s*,\s*/)
      .filter(Boolean);
    const { address: _, access: __, services: ___, ...kept } = stop;
    edit((agenda) =>
      putStop(agenda, {
        ...kept,
        ...place.value,
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
        value={place.value[name]}
        onChange={(event) => {
          place.value = { ...place.value, [name]: Number(event.currentTarget.value) };
        }}
        {...more}
      />
    </Field>
  );
  return (
    <>
      <StopMap place={place.value} onPlace={(lat, lon) => (place.value = { ...place.value, lat, lon })} />
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

type Place = { readonly lat: number; readonly lon: number; readonly radius: number };

function StopMap({ place, onPlace }: { place: Place; onPlace: (lat: number, lon: number) => void }) {
  const w = OFFICE_WORDS[language.value].planning;
  const box = useRef<HTMLDivElement>(null);
  const circle = useRef<L.Circle | undefined>(undefined);
  useEffect(() => {
    const map = makeBase(box.current!, session.value?.basemap);
    circle.current = L.circle([place.lat, place.lon], {
      radius: place.radius,
      className: 'stop state-approaching',
    }).addTo(map);
    map.setView([place.lat, place.lon], 14);
    const rounded = (degrees: number) => Math.round(degrees * 1e5) / 1e5;
    map.on('click', ({ latlng }) => onPlace(rounded(latlng.lat), rounded(latlng.lng)));
    return () => {
      map.remove();
    };
  }, []);
  useEffect(() => {
    circle.current?.setLatLng([place.lat, place.lon]).setRadius(place.radius);
  }, [place]);
  return (
    <>
      <section ref={box} class="map" aria-label={w.mapHelp} />
      <p>
        <small>{w.mapHelp}</small>
      </p>
    </>
  );
}
