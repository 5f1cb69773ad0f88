import { OFFICE_WORDS } from '../../../web/dictionaryOffice.ts';
import { when } from '../../../web/format.ts';
import type { VanView } from '../../core/vanView.ts';
import { Credentials, DriverRequest, Fleet } from './fleet.tsx';
import { useLoaded } from './loaded.ts';
import { linkTo, route } from './router.ts';
import { Age, Pair } from './small.tsx';
import { isAdministrator, language, minuteMs, nameOfVan, timezone, vanIds, vanOf } from './state.ts';
import { Table } from './table.tsx';
import { agendaWords } from './vanDetail.tsx';
import { vanState, words } from './words.ts';

type Entry = {
  readonly at: string;
  readonly account: string;
  readonly what: 'live' | 'day' | 'export' | 'positions';
  readonly day?: string | null;
};

/** The fleet as a technician looks at it, and who looked at whom. */
export function Vans() {
  const w = OFFICE_WORDS[language.value].vans;
  const chosen = route.value.parts[0];
  const views = vanIds.value.map((id) => vanOf(id)!.value);
  return (
    <div class="page">
      <h1>{words().sections.vans}</h1>
      <Table
        name={words().sections.vans}
        rows={views}
        keyOf={(view) => view.van}
        columns={[
          {
            title: words().sections.vans,
            cell: (view) => <a href={linkTo('vehicules', view.van)}>{nameOfVan(view.van)}</a>,
            sort: (view) => nameOfVan(view.van),
          },
          { title: w.state, cell: (view) => stateText(view), sort: (view) => view.freshness },
          {
            title: w.at,
            cell: (view) => (view.heardAt ? <Age at={view.heardAt} /> : ''),
            sort: (view) => view.heardAt ?? '',
          },
          { title: w.software, cell: (view) => view.software ?? '', sort: (view) => view.software ?? '' },
          { title: w.agenda, cell: (view) => agendaWords(view) },
          {
            title: w.backlog,
            cell: (view) => (view.backlog ? words().now.backlog(view.backlog.rows) : ''),
            sort: (view) => view.backlog?.rows ?? -1,
          },
        ]}
      />
      <Fleet />
      {chosen !== undefined && vanOf(chosen) ? <Van van={chosen} /> : null}
    </div>
  );
}

const stateText = (view: VanView): string =>
  vanState(view, minuteMs.value, timezone.value, language.value).text;

function Van({ van }: { van: string }) {
  const w = OFFICE_WORDS[language.value].vans;
  const view = vanOf(van)!.value;
  const access =
    useLoaded<{ entries: readonly Entry[] }>(`/api/access?van=${van}`).value.value?.entries ?? [];
  const at = (iso: string) => when(language.value, Date.parse(iso), minuteMs.value, timezone.value);
  return (
    <section class="detail" aria-labelledby="van-title">
      <h2 id="van-title">{nameOfVan(van)}</h2>
      <dl class="measures">
        {view.power?.timeToGoMin === undefined ? null : (
          <Pair term={w.runsFor}>{w.hours(duration(view.power.timeToGoMin))}</Pair>
        )}
        {view.backlog ? (
          <Pair term={w.backlog}>
            {view.backlog.oldestS === undefined
              ? words().now.backlog(view.backlog.rows)
              : w.backlogAge(words().now.backlog(view.backlog.rows), Math.round(view.backlog.oldestS / 60))}
          </Pair>
        ) : null}
        {view.journal ? (
          <Pair term={w.journal}>
            <code>{view.journal}</code>
          </Pair>
        ) : null}
      </dl>
      {isAdministrator.value ? <Credentials van={van} /> : null}
      <h3>{w.devices}</h3>
      {view.devices.length === 0 ? (
        <p>{w.noDevices}</p>
      ) : (
        <Table
          name={w.devices}
          rows={view.devices}
          keyOf={(device) => `${device.what} ${device.at}`}
          columns={[
            { title: w.device, cell: (device) => deviceText(device.what) },
            { title: w.at, cell: (device) => at(device.at) },
            { title: w.detail, cell: (device) => (device.detail ? detailText(device.detail) : '') },
          ]}
        />
      )}
      <h3>{w.access}</h3>
      {access.length === 0 ? (
        <p>{w.accessNone}</p>
      ) : (
        <Table
          name={w.access}
          rows={access}
          keyOf={(entry) => `${entry.at} ${entry.account} ${entry.what}`}
          columns={[
            { title: w.at, cell: (entry) => at(entry.at) },
            { title: w.who, cell: (entry) => entry.account },
            { title: w.what, cell: (entry) => w.looks[entry.what] },
            { title: w.day, cell: (entry) => entry.day ?? '' },
          ]}
        />
      )}
      {isAdministrator.value ? <DriverRequest van={van} /> : null}
    </section>
  );
}

const duration = (minutes: number) => OFFICE_WORDS[language.value].accounting.duration(Math.round(minutes));

/** `gps_lost`, `modem_counters` in words; a name of a later gateway stays as it is. */
function deviceText(what: string): string {
  const w = OFFICE_WORDS[language.value].vans;
  const [part, happened] = what.split('_');
  const [name, word] = [
    (w.parts as Record<string, string>)[part ?? ''],
    (w.happened as Record<string, string>)[happened ?? ''],
  ];
  return name && word ? `${name}: ${word}` : what;
}

const detailText = (detail: Readonly<Record<string, unknown>>): string =>
  Object.entries(detail)
    .map(([key, value]) => `${key}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
