import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { watchWhileVisible } from './liveStream.ts';
import { MapView } from './mapView.tsx';
import { route } from './router.ts';
import { vanIds, vanOf } from './state.ts';
import { VanDetail } from './vanDetail.tsx';
import { VanRow } from './vanRow.tsx';
import { VisitDetail } from './visitDetail.tsx';
import { urgency, words } from './words.ts';

type Order = 'worst' | 'name' | 'age';

/** Now: the list of vans says all; the map beside it follows the selection. */
export function Now() {
  const w = words().now;
  const search = useSignal('');
  const order = useSignal<Order>('worst');
  const [selected, visit] = route.value.parts;
  const chosen = selected !== undefined && vanOf(selected) ? selected : undefined;
  const van = chosen ?? (vanIds.value.length === 1 ? vanIds.value[0] : undefined);
  useEffect(() => watchWhileVisible(() => van), [van]);
  const shown = sorted(order.value).filter((id) => matches(id, search.value));
  return (
    <div class={chosen === undefined ? 'now' : 'now has-choice'}>
      <section class="vans" aria-labelledby="vans-title">
        <h1 id="vans-title">
          {w.title} <small>{w.vans(vanIds.value.length)}</small>
        </h1>
        {vanIds.value.length > 1 ? (
          <div class="filters">
            <label class="field is-wide">
              <span class="spoken">{w.search}</span>
              <input
                type="search"
                placeholder={w.search}
                value={search.value}
                onInput={(event) => {
                  search.value = event.currentTarget.value;
                }}
              />
            </label>
            <label class="field">
              <span class="spoken">{w.sort}</span>
              <select
                value={order.value}
                onChange={(event) => {
                  order.value = event.currentTarget.value as Order;
                }}
              >
                {(['worst', 'name', 'age'] as const).map((key) => (
                  <option key={key} value={key}>
                    {w.sortBy[key]}
                  </option>
                ))}
              </select>
            </label>
          </div>
        ) : null}
        {vanIds.value.length === 0 ? <p>{w.noVan}</p> : null}
        {vanIds.value.length > 0 && shown.length === 0 ? <p role="status">{w.nothingFound}</p> : null}
        <ul class="rows">
          {shown.map((id) => (
            <VanRow key={id} van={id} selected={id === van} />
          ))}
        </ul>
      </section>
      <div class="beside">
        <MapView selected={chosen} />
        {van !== undefined && visit !== undefined ? <VisitDetail van={van} visit={visit} /> : null}
        {van === undefined ? <p class="hint">{w.chooseVan}</p> : <VanDetail van={van} />}
      </div>
    </div>
  );
}

/** Drawn again when the order changes, not with each position: the sort reads what the row shows. */
function sorted(order: Order): string[] {
  const ids = [...vanIds.value];
  if (order === 'name') return ids.sort();
  const keyed = ids.map((id) => ({ id, view: vanOf(id)!.value }));
  if (order === 'age') keyed.sort((a, b) => ((a.view.heardAt ?? '') < (b.view.heardAt ?? '') ? 1 : -1));
  else keyed.sort((a, b) => urgency(a.view) - urgency(b.view) || (a.id < b.id ? -1 : 1));
  return keyed.map(({ id }) => id);
}

const plain = (text: string) =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();

function matches(id: string, search: string): boolean {
  if (search.trim() === '') return true;
  const view = vanOf(id)!.peek();
  return plain(`${id} ${view.visits.map((v) => v.name).join(' ')}`).includes(plain(search.trim()));
}
