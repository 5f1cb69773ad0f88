import { isoOf } from '../../protocol/time.ts';
import type { Language } from '../../visit/format.ts';
import type { Told } from './publicBoard.ts';

/** A commune's statements as an Atom feed (RFC 4287): an entry a visit, dated by its newest news. */
export type FeedOf = {
  readonly commune: string;
  readonly language: Language;
  /** Address of the commune's page. */
  readonly url: string;
  readonly self: string;
  readonly visits: readonly Told[];
  readonly nowMs: number;
};

/** XML 1.0 knows no other control characters than tab and line ends (§2.2). */
const xml = (value: string) =>
  value
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);

export function atomOf({ commune, language, url, self, visits, nowMs }: FeedOf): string {
  const updated = Math.max(0, ...visits.map(({ statement }) => statement.atMs)) || nowMs;
  const title = language === 'fr' ? `Agence mobile à ${commune}` : `Mobile agency in ${commune}`;
  const entries = visits.map(({ facts, statement, json }) =>
    [
      '<entry>',
      `<id>${xml(`${url}#${facts.id}`)}</id>`,
      `<title>${xml(`${facts.date} · ${statement.sentence[language]}`)}</title>`,
      `<updated>${json.at}</updated>`,
      `<link href="${xml(url)}"/>`,
      `<summary>${xml(statement.text[language])}</summary>`,
      '</entry>',
    ].join(''),
  );
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${language}">`,
    `<id>${xml(url)}</id>`,
    `<title>${xml(title)}</title>`,
    `<updated>${isoOf(updated)}</updated>`,
    `<author><name>${language === 'fr' ? 'Agence mobile' : 'Mobile agency'}</name></author>`,
    `<link rel="self" href="${xml(self)}"/>`,
    `<link href="${xml(url)}"/>`,
    ...entries,
    '</feed>',
    '',
  ].join('\n');
}
