import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type DepotMap, makeMap } from './map.ts';
import { goTo } from './router.ts';
import { language, secondMs, session, vanIds, vanOf } from './state.ts';
import { words } from './words.ts';

/** The map beside the list: an extra, never the only place where something is said. */
export function MapView({ selected }: { selected: string | undefined }) {
  const w = words().now;
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<DepotMap | undefined>(undefined);
  useEffect(() => {
    const made = makeMap(box.current!, session.value?.basemap, (van) => goTo('maintenant', van));
    map.current = made;
    const stop = effect(() => {
      made.show(
        vanIds.value.map((id) => vanOf(id)!.value),
        language.value,
      );
    });
    return () => {
      stop();
      made.remove();
    };
  }, []);
  useEffect(() => map.current?.select(selected), [selected]);
  // Followed once a second at most: a map that jumps with each message cannot be read.
  useEffect(
    () =>
      effect(() => {
        void secondMs.value;
        map.current?.follow();
      }),
    [],
  );
  return (
    <div class="map-frame">
      <section ref={box} class="map" aria-label={w.map} />
      <button type="button" class="button map-whole" onClick={() => map.current?.whole()}>
        {w.wholeTour}
      </button>
    </div>
  );
}
