import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import { calendarOf, folded } from '../../../dashboard/core/calendar.ts';
import { boardOf } from '../../../dashboard/core/publicBoard.ts';
import type { PublicFacts } from '../../../visit/public.ts';
import { at, factsOf } from '../../parts/publicFacts.ts';

const calendar = (facts: readonly PublicFacts[], now = at('08:00')) =>
  calendarOf({
    commune: 'Ligueil',
    language: 'fr',
    url: 'https://agence.example/c/37130-ligueil',
    host: 'agence.example',
    visits: boardOf(facts, now).visits,
  });
const eventsIn = (text: string) =>
  new ICAL.Component(ICAL.parse(text))
    .getAllSubcomponents('vevent')
    .map((component) => new ICAL.Event(component));

describe('the calendar of a commune', () => {
  it('is read by another library', () => {
    const [event] = eventsIn(calendar([factsOf({ agenda: 7, address: '1, place de la Mairie; Ligueil' })]));
    expect(event!.uid).toBe('v1@agence.example');
    expect(event!.startDate.toJSDate().getTime()).toBe(at('09:30'));
    expect(event!.endDate.toJSDate().getTime()).toBe(at('12:00'));
    expect(event!.location).toBe('Place de la Mairie, 1, place de la Mairie; Ligueil');
    expect(event!.description).toContain("Prévue aujourd'hui de 9 h 30 à 12 h.");
    expect(event!.sequence).toBe(28);
  });

  it('keeps the UID and raises the sequence when cancelled', () => {
    const plain = factsOf({ agenda: 7 });
    const off = {
      ...plain,
      claims: { crew: { state: 'cancelled' as const, reason: 'neige', atMs: at('07:50') } },
    };
    const [before, after] = [plain, off].map((facts) => eventsIn(calendar([facts]))[0]!);
    expect(after!.uid).toBe(before!.uid);
    expect(after!.sequence).toBeGreaterThan(before!.sequence);
    expect(after!.component.getFirstPropertyValue('status')).toBe('CANCELLED');
    expect(after!.summary).toBe('Annulé: Agence mobile: Ligueil');
  });

  it('lets no line end of a name begin another property', () => {
    const text = calendar([factsOf({ name: 'x\r\nBEGIN:VALARM\r\nATTACH:y' })]);
    expect(text.split('\r\n').some((line) => line.startsWith('BEGIN:VALARM'))).toBe(false);
    expect(eventsIn(text)[0]!.location).toBe('x\nBEGIN:VALARM\nATTACH:y');
  });

  it('folds at 75 octets and not inside a letter', () => {
    const line = `DESCRIPTION:${'é🚐'.repeat(60)}`;
    const parts = folded(line).split('\r\n');
    expect(parts.every((part) => Buffer.byteLength(part) <= 75)).toBe(true);
    expect(parts.map((part, n) => (n ? part.slice(1) : part)).join('')).toBe(line);
  });
});
