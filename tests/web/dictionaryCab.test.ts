import { describe, expect, it } from 'vitest';
import { ALERT_NAMES, LINK_CAUSES, SEVERITIES } from '../../protocol/alerts.ts';
import { SMS_MAX } from '../../visit/sms.ts';
import { alertSms, alertText } from '../../web/dictionaryCab.ts';

const ZONE = 'Europe/Paris';
const AT = Date.parse('2026-11-24T16:10:00+01:00');
/** Every value that a kind gives. */
const FULL = {
  soc: 18,
  houseV: 12.1,
  houseA: -8.4,
  starterV: 11.9,
  untilAt: AT,
  earlyAt: AT - 900_000,
  lateAt: AT + 900_000,
  lastStop: 'Preuilly-sur-Claise, place de la Mairie',
  lastStopAt: AT + 3_000_000,
  error: 'charger_hot',
  temperatureC: -3,
  lastAt: AT,
  device: 'gps',
  detail: 'a shunt is plugged where the GPS should be',
  sim: 'SIM PIN',
  state: 'offline',
  since: AT,
  stop: 'Preuilly-sur-Claise, place de la Mairie',
  passes: 4,
  without: 3,
  betterM: 80,
  betterDeg: 92,
  usedPercent: 97,
  runsOutAt: AT + 86_400_000,
  now: true,
  diskFreePercent: 4,
  part: 'courier',
};

describe.each(['fr', 'en'] as const)('alerts in %s', (language) => {
  const cases = ALERT_NAMES.flatMap((alert) => SEVERITIES.map((severity) => ({ alert, severity })));

  it.each(cases)('$alert ($severity) is a whole sentence, with all its values and with none', (alert) => {
    for (const values of [FULL, {}]) {
      const { text, advice = 'x.' } = alertText(language, { ...alert, values }, ZONE);
      for (const sentence of [text, advice]) {
        expect(sentence).toMatch(/^\p{L}.*\.$/u);
        expect(sentence).not.toMatch(/undefined|NaN|null|\[object/);
      }
      expect(alertSms(language, { ...alert, values }, 'van37', ZONE).length).toBeLessThanOrEqual(SMS_MAX);
    }
    // The log's English sentence is for nobody on board.
    expect(alertText(language, { ...alert, values: FULL }, ZONE).text).not.toContain('should be)');
  });

  it.each(LINK_CAUSES)('a link says its cause: %s', (cause) => {
    const { text } = alertText(
      language,
      { alert: 'link', severity: 'warning', values: { state: 'bad', cause } },
      ZONE,
    );
    expect(text).toMatch(/: .+\.$/);
  });

  it('an alert of a newer version says its name', () => {
    expect(alertText(language, { alert: 'tyre_flat', severity: 'warning', values: {} }, ZONE).text).toBe(
      'tyre_flat.',
    );
  });
});

it('says the forecast as the page shows it', () => {
  const { text } = alertText(
    'fr',
    { alert: 'battery_forecast', severity: 'warning', values: { untilAt: AT, lastStopAt: AT + 3_000_000 } },
    ZONE,
  );
  expect(text).toBe("Batterie: tiendra jusqu'à 16 h 10, dernier arrêt 17 h.");
});

it('names the better spot', () => {
  const { text, advice } = alertText('fr', { alert: 'no_coverage', severity: 'notice', values: FULL }, ZONE);
  expect(text).toContain('(3 passages sur 4)');
  expect(advice).toBe("Un meilleur endroit à 80 m à l'est.");
});
