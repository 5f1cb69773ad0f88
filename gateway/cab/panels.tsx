import { useEffect, useRef, useState } from 'preact/hooks';
import { longDate } from '../../visit/format.ts';
import { STATE_WORDS } from '../../web/dictionary.ts';
import { hours } from '../../web/format.ts';
import { Sign } from '../../web/signs.tsx';
import type { CabView, CabVisit } from '../core/cabView.ts';
import { OneAlert } from './alertBox.tsx';
import { usePage, useWords } from './context.ts';
import { post } from './press.ts';

/** A panel takes the place of the gestures: one question, big answers, a way back. */
export function Panel({ title, children }: { title: string; children: preact.ComponentChildren }) {
  const { open } = usePage();
  const words = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section class="panel">
      <div class="panel-top">
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button type="button" onClick={() => open(undefined)}>
          {words.back}
        </button>
      </div>
      {children}
    </section>
  );
}

type ForVisit = { readonly visit: CabVisit };

export function LatePanel({ visit }: ForVisit) {
  const { tell, busy } = usePage();
  const words = useWords();
  return (
    <Panel title={words.howLate}>
      <div class="big">
        {[10, 20, 30].map((minutes) => (
          <button
            type="button"
            key={minutes}
            disabled={busy}
            onClick={() => tell({ act: 'late', minutes, visit: visit.visit })}
          >
            {minutes} min
          </button>
        ))}
      </div>
      {visit.state === 'late' ? (
        <button
          type="button"
          class="wide"
          disabled={busy}
          onClick={() => tell({ act: 'late', minutes: 0, visit: visit.visit })}
        >
          {words.onTime}
        </button>
      ) : null}
    </Panel>
  );
}

export function OtherPanel({ view, visit }: { view: CabView; visit: CabVisit | undefined }) {
  const { open, tell, busy } = usePage();
  const words = useWords();
  const isUnread = view.messages.some((m) => m.readAt === undefined);
  return (
    <Panel title={words.other}>
      <div class="list">
        {visit && view.duty.on ? (
          <>
            <button type="button" onClick={() => open('cancel')}>
              {words.cancelVisit}
            </button>
            <button type="button" onClick={() => open('moved')}>
              {words.movedHere}
            </button>
          </>
        ) : null}
        {view.duty.on ? (
          <>
            <button type="button" onClick={() => open('pause')}>
              {words.pause}
            </button>
            <button type="button" disabled={busy} onClick={() => tell({ act: 'off_duty' })}>
              {words.offDuty}
              <small>{words.offDutyExplain}</small>
            </button>
          </>
        ) : null}
        <button type="button" onClick={() => open('messages')}>
          {words.messages}
          {isUnread ? ' ●' : ''}
        </button>
        <button type="button" onClick={() => open('mine')}>
          {words.mine}
        </button>
        <button type="button" onClick={() => open('settings')}>
          {words.settings}
        </button>
      </div>
    </Panel>
  );
}

export function CancelPanel({ visit }: ForVisit) {
  const { tell, busy } = usePage();
  const words = useWords();
  return (
    <Panel title={`${words.cancelVisit}: ${visit.name}`}>
      <p>{words.whyCancelled}</p>
      <div class="list">
        {words.reasons.map((reason) => (
          <button
            type="button"
            key={reason}
            disabled={busy}
            onClick={() => tell({ act: 'cancelled', reason, visit: visit.visit })}
          >
            {reason}
          </button>
        ))}
      </div>
    </Panel>
  );
}

export function MovedPanel({ view, visit }: { view: CabView; visit: CabVisit }) {
  const { tell, busy } = usePage();
  const words = useWords();
  const [name, setName] = useState('');
  const located = view.gps.state === 'good';
  const placeName = name.trim();
  return (
    <Panel title={words.movedHere}>
      <label>
        {words.movedName}
        <input
          type="text"
          maxLength={80}
          value={name}
          placeholder={words.movedExample}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      {located ? null : <p class="tone-late">{words.movedNoGps}</p>}
      <button
        type="button"
        class="wide primary"
        disabled={busy || !located || placeName === ''}
        onClick={() => tell({ act: 'moved', here: true, placeName, visit: visit.visit })}
      >
        {words.movedSure}
      </button>
    </Panel>
  );
}

export function PausePanel() {
  const { tell, busy } = usePage();
  const words = useWords();
  return (
    <Panel title={words.pauseFor}>
      <p>{words.offDutyExplain}</p>
      <div class="big">
        {[30, 60, 90].map((minutes) => (
          <button type="button" key={minutes} disabled={busy} onClick={() => tell({ act: 'pause', minutes })}>
            {minutes} min
          </button>
        ))}
      </div>
      <button type="button" class="wide" disabled={busy} onClick={() => tell({ act: 'pause' })}>
        {words.pauseOpen}
      </button>
    </Panel>
  );
}

export function VisitsPanel({ view, onChoose }: { view: CabView; onChoose: (visit: string) => void }) {
  const { language, timezone } = usePage();
  const words = useWords();
  return (
    <Panel title={words.chooseVisit}>
      <div class="list">
        {view.visits.map((visit) => (
          <button type="button" key={visit.visit} onClick={() => onChoose(visit.visit)}>
            {visit.name}
            <small>
              {view.at === undefined ? `${longDate(language, visit.fromMs, timezone)}, ` : ''}
              <span class="whole">{hours(language, visit.fromMs, visit.toMs, timezone)}</span> ·{' '}
              <Sign state={visit.state} /> {STATE_WORDS[language][visit.state]}
            </small>
          </button>
        ))}
      </div>
    </Panel>
  );
}

export function AlertsPanel({ view }: { view: CabView }) {
  const words = useWords();
  return (
    <Panel title={words.seenAlerts}>
      {view.alerts.length === 0 ? <p>{words.noAlert}</p> : null}
      {view.alerts.map((alert) => (
        <OneAlert key={alert.episode} alert={alert} />
      ))}
    </Panel>
  );
}

export function MessagesPanel({ view }: { view: CabView }) {
  const { time } = usePage();
  const words = useWords();
  return (
    <Panel title={words.messages}>
      {view.messages.length === 0 ? <p>{words.noMessage}</p> : null}
      {view.messages.map((message) => (
        <div class="message" key={message.key}>
          <p>
            {message.from ? `${message.from}, ` : ''}
            {time(message.at)}
          </p>
          <p class="alert-main">{message.text}</p>
          {message.readAt === undefined ? (
            <button type="button" onClick={() => void post('/read', { key: message.key })}>
              {words.read}
            </button>
          ) : null}
        </div>
      ))}
      {view.sms.length > 0 ? (
        <>
          <h3>{words.sms}</h3>
          <ul class="plain">
            {view.sms.map((sms) => (
              <li key={`${sms.at}${sms.to}`}>
                <span class="whole">{time(sms.at)}</span> · {sms.to} · {words.smsOutcome[sms.outcome]}
                <br />
                {sms.text}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Panel>
  );
}
