import { alertText, SEVERITY_WORDS } from '../../web/dictionaryCab.ts';
import { Typeset } from '../../web/text.tsx';
import type { CabAlert } from '../core/cabView.ts';
import { AlertSign } from './cabSigns.tsx';
import { usePage, useWords } from './context.ts';
import { post } from './press.ts';

/** One alert at a time, the worst first, with «Vu»; the others are counted behind it. */
export function AlertBox({ alerts }: { alerts: readonly CabAlert[] }) {
  const words = useWords();
  const { open } = usePage();
  const fresh = alerts.filter((a) => !a.acknowledged);
  const first = fresh[0];
  const others = alerts.length - (first ? 1 : 0);
  if (alerts.length === 0) return null;
  return (
    <section class="alerts" aria-label={words.seenAlerts}>
      {first ? <OneAlert alert={first} /> : null}
      {others > 0 ? (
        <button type="button" class="link" onClick={() => open('alerts')}>
          {first ? words.moreAlerts(others) : `${words.seenAlerts}: ${others}`}
        </button>
      ) : null}
    </section>
  );
}

export function OneAlert({ alert }: { alert: CabAlert }) {
  const { language, timezone, time } = usePage();
  const words = useWords();
  const { text, advice } = alertText(language, alert, timezone);
  return (
    <div class={`alert severity-${alert.severity}`}>
      <AlertSign severity={alert.severity} />
      <p class="alert-head">
        <strong>{SEVERITY_WORDS[language][alert.severity]}</strong>
        {alert.raisedAt === undefined ? null : (
          <>
            {' · '}
            <span class="whole">{time(alert.raisedAt)}</span>
          </>
        )}
      </p>
      <div class="alert-text">
        <p class="alert-main">
          <Typeset text={text} />
        </p>
        {alert.unknownSince === undefined ? null : (
          <p>
            <Typeset text={words.unknownSince(time(alert.unknownSince))} />
          </p>
        )}
        {advice ? (
          <p>
            <Typeset text={advice} />
          </p>
        ) : null}
      </div>
      {alert.acknowledged ? null : (
        <button
          type="button"
          class="seen"
          aria-label={words.seenAlert(text)}
          onClick={() => void post('/acknowledge', { episode: alert.episode })}
        >
          {words.seen}
        </button>
      )}
    </div>
  );
}
