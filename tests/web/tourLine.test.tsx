import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { TourLineView, type TourLineVisit, tourLineOf } from '../../web/tourLine.tsx';
import { at, ZONE } from '../parts/publicFacts.ts';

const visit = (id: string, label: string, from: string, to: string, more: Partial<TourLineVisit> = {}) => ({
  id,
  label,
  fromMs: at(from),
  toMs: at(to),
  state: 'planned' as const,
  ...more,
});
const DAY = [
  visit('a', 'Ligueil', '09:30', '12:00', {
    state: 'left',
    held: [{ fromMs: at('09:41'), toMs: at('11:58') }],
  }),
  visit('b', 'Preuilly', '14:00', '16:30', { state: 'on_site', held: [{ fromMs: at('14:12') }] }),
];

const words = (html: string) =>
  html
    .replace(/^.*<ol/s, '<ol')
    .replace(/<[^>]+>/g, '\n')
    .replace(/\n+/g, '\n')
    .trim();

describe('the tour line', () => {
  it('says in words what it draws', () => {
    const html = renderToString(
      <TourLineView line={tourLineOf(DAY, ZONE)} language="fr" nowMs={at('15:00')} />,
    );
    expect(words(html).split('\n')).toEqual([
      'Ligueil: prévu de 9 h 30 à 12 h; arrivée 9 h 41, départ 11 h 58; terminé.',
      'Preuilly: prévu de 14 h à 16 h 30; arrivée 14 h 12; sur place.',
    ]);
  });

  it('puts the window, what was held and now where they belong', () => {
    const line = tourLineOf(DAY, ZONE);
    expect([line.fromMs, line.toMs]).toEqual([at('09:00'), at('17:00')]);
    const html = renderToString(<TourLineView line={line} language="fr" nowMs={at('15:00')} />);
    expect(html).toContain('class="window" x="6.25%" y="19" width="31.25%"');
    expect(html, 'held until now').toContain('class="held" x="65%" y="38" width="10%"');
    expect(html).toContain('class="now" x1="75%"');
  });

  it('keeps a short visit visible, and an hour outside the day inside the picture', () => {
    const short = visit('a', 'x', '09:30', '12:00', {
      held: [{ fromMs: at('09:40'), toMs: at('09:40') + 1000 }],
    });
    const html = renderToString(
      <TourLineView line={tourLineOf([short], ZONE)} language="en" nowMs={at('23:00')} />,
    );
    expect(html).toContain('width="0.4%"');
    expect(html).not.toContain('class="now"');
    const places = [...html.matchAll(/="(-?[\d.]+)%"/g)].map(([, value]) => Number(value));
    expect(places.every((place) => place >= 0 && place <= 100)).toBe(true);
  });

  it('has words for a day without visits, and no NaN', () => {
    const html = renderToString(
      <TourLineView line={tourLineOf([], ZONE)} language="fr" nowMs={at('10:00')} />,
    );
    expect(html).toContain('Rien de prévu');
    expect(html).not.toContain('NaN');
  });

  it('escapes what the planner typed', () => {
    const line = tourLineOf([visit('a', '<img src=x onerror=alert(1)>', '09:30', '12:00')], ZONE);
    expect(renderToString(<TourLineView line={line} language="fr" />)).not.toContain('<img');
  });
});
