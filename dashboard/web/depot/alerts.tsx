import { useSignal } from '@preact/signals';
import { OFFICE_WORDS } from '../../../web/dictionaryOffice.ts';
import { when } from '../../../web/format.ts';
import type { AlertView } from '../../core/vanView.ts';
import { useLoaded } from './loaded.ts';
import { linkTo } from './router.ts';
import { language, minuteMs, nameOfVan, timezone, vanIds, vanOf } from './state.ts';
import { Table } from './table.tsx';
import { AlertList, alertSentence } from './vanDetail.tsx';
import { words } from './words.ts';

type Past = AlertView & { readonly van: string };

/** Open episodes of all vans, the worst first, and what was in the last week. */
export function Alerts() {
  const w = words().alerts;
  const search = useSignal('');
  const open = vanIds.value.flatMap((van) => vanOf(van)!.value.alerts.map((alert) => ({ van, alert })));
  const history = useLoaded<{ history: readonly Past[] }>('/api/alerts', open.length).value.value?.history;
  const vans = [...new Set(open.map(({ van }) => van))];
  const columns = OFFICE_WORDS[language.value].day;
  const at = (iso: string | undefined) =>
    iso === undefined ? '?' : when(language.value, Date.parse(iso), minuteMs.value, timezone.value);
  const shown = (history ?? []).filter((alert) =>
    `${nameOfVan(alert.van)} ${alertSentence(alert)}`.toLowerCase().includes(search.value.toLowerCase()),
  );
  return (
    <div class="page">
      <h1>
        {words().sections.alerts} <small>{words().now.alerts(open.length)}</small>
      </h1>
      {open.length === 0 ? <p>{w.none}</p> : null}
      {vans.map((van) => (
        <section key={van} class="detail" aria-label={nameOfVan(van)}>
          <h2>
            <a href={linkTo('maintenant', van)}>{nameOfVan(van)}</a>
          </h2>
          <AlertList alerts={vanOf(van)!.value.alerts} />
        </section>
      ))}
      <h2>{w.history}</h2>
      {history && history.length === 0 ? <p>{w.noHistory}</p> : null}
      {history && history.length > 0 ? (
        <>
          <div class="filters">
            <label class="field">
              <span>{w.filter}</span>
              <input
                type="search"
                value={search.value}
                onInput={(event) => {
                  search.value = event.currentTarget.value;
                }}
              />
            </label>
          </div>
          <Table
            name={w.history}
            rows={shown}
            keyOf={(alert) => `${alert.van} ${alert.episode}`}
            columns={[
              { title: w.raisedAt, cell: (alert) => at(alert.since), sort: (alert) => alert.since ?? '' },
              {
                title: w.endedAt,
                cell: (alert) => at(alert.clearedAt),
                sort: (alert) => alert.clearedAt ?? '',
              },
              { title: columns.van, cell: (alert) => nameOfVan(alert.van), sort: (alert) => alert.van },
              { title: columns.columns.alert, cell: alertSentence, sort: alertSentence },
            ]}
          />
        </>
      ) : null}
    </div>
  );
}
