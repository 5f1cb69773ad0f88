import { describe, expect, it } from 'vitest';
import { gsm7, SMS_MAX, smsOf } from '../../visit/sms.ts';
import { statementOf } from '../../visit/statement.ts';
import { at, factsOf } from '../parts/publicFacts.ts';
import { next, ROWS } from '../parts/statementRows.ts';

describe('the public statement', () => {
  it.each(ROWS)('$name', ({ now, facts, state, source, fr, en, sms }) => {
    const whole = factsOf(facts);
    const statement = statementOf(whole, now);
    expect({ state: statement.state, source: statement.source, ...statement.text }).toEqual({
      state,
      source,
      fr,
      en,
    });
    expect(smsOf(statement, 'Ligueil', 'fr')).toBe(sms);
    expect(statement.atMs, 'a statement has an age').toBeLessThanOrEqual(now);
  });

  it('says every state of the vocabulary', () => {
    expect(new Set(ROWS.map((row) => row.state)).size).toBe(9);
  });

  it.each(ROWS)('in both languages as a text message: $name', ({ now, facts }) => {
    for (const commune of ['Ligueil', 'Saint-Rémy-sur-Creuse et ses très lointains hameaux dispersés'])
      for (const language of ['fr', 'en'] as const) {
        const whole = factsOf(facts);
        const message = smsOf(statementOf(whole, now), commune, language);
        expect(message.length, message).toBeLessThanOrEqual(SMS_MAX);
        expect(gsm7(message), 'nothing outside the alphabet').toBe(message);
      }
  });

  it('cuts the reason of a long message, never the state or the next date', () => {
    const facts = factsOf({
      next,
      claims: {
        crew: { state: 'cancelled', reason: `accident ${'très '.repeat(40)}grave`, atMs: at('08:40') },
      },
    });
    const message = smsOf(statementOf(facts, at('09:00')), 'Ligueil', 'fr');
    expect(message).toMatch(
      /^Ligueil: passage annule: accident tres .* Prochain passage: mardi 29 decembre, 9h30\.$/,
    );
    expect(message.length).toBeLessThanOrEqual(SMS_MAX);
  });

  it('lets nothing of a reason out of its line', () => {
    expect(gsm7('a\r\nBEGIN:🚐«x»…')).toBe('a BEGIN: "x"...');
  });
});
