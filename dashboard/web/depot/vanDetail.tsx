import { alertText } from '../../../web/dictionaryCab.ts';
import { when } from '../../../web/format.ts';
import { Sign } from '../../../web/signs.tsx';
import { TourLineView, tourLineOf } from '../../../web/tourLine.tsx';
import type { AlertView, MessageView, VanView } from '../../core/vanView.ts';
import { write } from './api.ts';
import { linkTo } from './router.ts';
import { Age, Field, Pair, WriteForm } from './small.tsx';
import { head, language, mayPlan, minuteMs, nameOfVan, timezone, vanOf } from './state.ts';
import { bareTime, lineVisits, shortName, vanState, words } from './words.ts';

/** Everything of one van, one click deep. */
export function VanDetail({ van }: { van: string }) {
  const view = vanOf(van)!.value;
  const w = words();
  const state = vanState(view, minuteMs.value, timezone.value, language.value);
  // What needs a person stands first.
  const alerts = (
    <>
      <h3>{w.alerts.title}</h3>
      <AlertList alerts={view.alerts} />
    </>
  );
  return (
    <section class="detail" aria-labelledby="van-title">
      <h2 id="van-title">
        <Sign state={state.sign} /> {nameOfVan(van)} <small>{state.text}</small>
      </h2>
      <TourLineView
        line={tourLineOf(lineVisits(view.visits), timezone.value)}
        language={language.value}
        nowMs={minuteMs.value}
      />
      {view.alerts.length > 0 ? alerts : null}
      <h3>{w.now.visits}</h3>
      <Visits view={view} />
      {view.alerts.length > 0 ? null : alerts}
      <h3>{w.now.details}</h3>
      <Measures view={view} />
      {head.value?.date ? (
        <p>
          <a href={linkTo('journee', van, head.value.date)}>{w.now.dayAgain}</a>
        </p>
      ) : null}
      <Messages messages={view.messages} />
      {mayPlan.value ? (
        <WriteForm
          label={w.message.title}
          submit={w.message.send}
          done={w.message.sent}
          onSubmit={(form) => write(`/api/vans/${van}/message`, { text: form.get('text') })}
        >
          <Field label={w.message.title}>
            <textarea name="text" rows={2} maxLength={500} required />
          </Field>
        </WriteForm>
      ) : null}
    </section>
  );
}

/** What the driver was told, and whether they have read it. */
function Messages({ messages }: { messages: readonly MessageView[] }) {
  const w = words().message;
  if (messages.length === 0) return null;
  const time = (at: string) => bareTime(when(language.value, Date.parse(at), minuteMs.value, timezone.value));
  return (
    <>
      <h3>{w.told}</h3>
      <ul class="plain">
        {messages.map(({ key, text, at, read, readAt }) => (
          <li key={key}>
            {text} <small>{read ? w.read(readAt && time(readAt)) : w.aboard(at && time(at))}</small>
          </li>
        ))}
      </ul>
    </>
  );
}

function Visits({ view }: { view: VanView }) {
  const w = words();
  if (view.visits.length === 0) return <p>{w.now.nothingToday}</p>;
  return (
    <ul class="visits">
      {view.visits.map((visit) => (
        <li key={visit.id} class={`state-${visit.state}`}>
          <a href={linkTo('maintenant', view.van, visit.id)}>
            <Sign state={visit.state} /> <strong>{shortName(visit.name)}</strong>
          </a>{' '}
          {visit.statement[language.value]}
          {visit.conflict ? <span class="chip is-warning">{w.visit.conflict}</span> : null}
        </li>
      ))}
    </ul>
  );
}

export function alertSentence(alert: AlertView): string {
  const own = (words().alerts.depot as Record<string, string>)[alert.alert];
  return alert.byDepot && own ? own : alertText(language.value, alert, timezone.value).text;
}

export function AlertList({ alerts }: { alerts: readonly AlertView[] }) {
  const w = words().alerts;
  if (alerts.length === 0) return <p>{w.none}</p>;
  return (
    <ul class="alerts">
      {alerts.map((alert) => (
        <li key={alert.episode} class={`alert is-${alert.severity}${alert.acknowledged ? ' is-seen' : ''}`}>
          <span class="chip">{w.severity[alert.severity]}</span> <span>{alertSentence(alert)}</span>{' '}
          {alert.since ? (
            <small>
              {w.since(
                bareTime(when(language.value, Date.parse(alert.since), minuteMs.value, timezone.value)),
              )}
            </small>
          ) : null}{' '}
          {alert.acknowledged ? (
            <small>({w.alreadySeen})</small>
          ) : (
            <button
              type="button"
              class="button"
              onClick={() => write('/api/alerts/seen', { episode: alert.episode })}
            >
              {w.seen}
              <span class="spoken">: {alertSentence(alert)}</span>
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

const decimal = (value: number) => value.toFixed(1).replace('.', language.value === 'fr' ? ',' : '.');

function Measures({ view }: { view: VanView }) {
  const w = words().now;
  const { power, link, backlog, position } = view;
  return (
    <dl class="measures">
      {power ? (
        <Pair term={w.battery}>
          {[
            power.soc === undefined ? undefined : w.percent(power.soc),
            power.houseV === undefined ? undefined : w.volts(decimal(power.houseV)),
            power.houseA === undefined || power.houseA === 0
              ? undefined
              : power.houseA < 0
                ? w.discharging
                : w.charging,
          ]
            .filter(Boolean)
            .join(' · ')}{' '}
          <small>
            <Age at={power.at} />
          </small>
        </Pair>
      ) : null}
      {power?.starterV === undefined ? null : (
        <Pair term={w.starter}>{w.volts(decimal(power.starterV))}</Pair>
      )}
      {link ? (
        <Pair term={w.link}>
          {[link.technology?.toUpperCase(), w.linkState[link.state], link.operator]
            .filter(Boolean)
            .join(' · ')}{' '}
          <small>
            <Age at={link.at} />
          </small>
        </Pair>
      ) : null}
      {backlog ? <Pair term={w.backlogLabel}>{w.backlog(backlog.rows)}</Pair> : null}
      {position ? (
        <Pair term={w.position}>
          {position.moving ? w.moving : w.parked}
          {position.accuracyM === undefined ? '' : ` · ${w.accuracy(position.accuracyM)}`}{' '}
          <small>
            <Age at={position.receivedAt} />
          </small>
        </Pair>
      ) : null}
      <Pair term={w.agenda}>{agendaWords(view)}</Pair>
      {view.software ? <Pair term={w.software}>{view.software}</Pair> : null}
    </dl>
  );
}

export function agendaWords({ agenda: { taken, published } }: VanView): string {
  const w = words().now;
  if (published === undefined) return w.unknown;
  if (taken === undefined) return w.agendaNone(published);
  return taken >= published ? w.agendaSame(taken) : w.agendaBehind(taken, published);
}
