import { get } from 'node:http';
import ICAL from 'ical.js';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { FACTS } from '../../dashboard/core/notices.ts';
import { boardOf, chosenOf } from '../../dashboard/core/publicBoard.ts';
import { type Message, startDesk } from '../../dashboard/io/notices/desk.ts';
import { openNoticeStore } from '../../dashboard/io/notices/noticeStore.ts';
import { startBoard } from '../../dashboard/io/public/livingBoard.ts';
import { fakeClock } from '../../runtime/clock.ts';
import { silentLog } from '../../runtime/log.ts';
import { longDate } from '../../visit/format.ts';
import type { PublicVisit } from '../../visit/publicVisit.ts';
import { STATE_WORDS } from '../../web/dictionary.ts';
import { feedOf } from '../parts/gtfs.ts';
import { factsOf, sourceOf, ZONE } from '../parts/publicFacts.ts';
import { listening, publicServer } from '../parts/publicServer.ts';
import { ROWS, type StatementRow } from '../parts/statementRows.ts';

/**
 * One fact, many forms, the same words: every state of `ROWS` in every form and both languages, side by side, from the
 * real routes, the real line and the real desk. A form made from anything but the statement differs here.
 */
const LANGUAGES = ['fr', 'en'] as const;
type Language = (typeof LANGUAGES)[number];
type Server = Awaited<ReturnType<typeof publicServer>>;

let open: Server | undefined;
afterEach(async () => {
  await open?.app.close();
  open = undefined;
});

/** What a person reads: marks of a block are blanks, marks within a line are nothing. */
const readable = (html: string): string =>
  html
    .replace(/<(script|style|head|noscript)\b[\s\S]*?<\/\1>/g, ' ')
    .replace(
      /<\/?(?:p|h\d|section|div|li|ul|ol|table|t[rhd]|thead|tbody|a|main|time|header|footer)\b[^>]*>/g,
      ' ',
    )
    .replace(/<[^>]*>/g, '')
    .replace(/&#(?:39|x27);/g, "'")
    .replace(/&quot;|&#34;/g, '"')
    .replace(/&lt;|&#60;/g, '<')
    .replace(/&gt;|&#62;/g, '>')
    .replace(/&amp;|&#38;/g, '&')
    .replace(/\s+/g, ' ');

const withLanguage = (path: string, language: Language) => (language === 'fr' ? path : `${path}?lang=en`);
const bodyOf = async ({ app }: Server, path: string, language: Language) => {
  const answer = await app.inject(withLanguage(path, language));
  expect([path, answer.statusCode]).toEqual([path, 200]);
  return answer.body;
};
const API = '/public/v1/communes/37130/visits';
const PAGE = '/c/37130-ligueil';

/** The first `visit` event of a line on which nothing was said before. */
async function onTheLine(row: StatementRow): Promise<PublicVisit> {
  const { app, clock, source } = await publicServer([], row.now);
  const url = await listening(app);
  try {
    return await new Promise((resolve, reject) => {
      get(`${url}/public/v1/changes?commune=37130`, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          const isFirst = text === '';
          text += chunk;
          const found = /event: visit\ndata: (.*)\n\n/.exec(text);
          if (found) resolve(JSON.parse(found[1]!));
          if (!isFirst) return;
          source.set([factsOf(row.facts)]);
          void clock.advance(1000);
        });
        response.on('error', reject);
      }).on('error', reject);
    });
  } finally {
    await app.close();
  }
}

/** What is sent to one who asked in each language and by each way. */
async function told(row: StatementRow): Promise<{ channel: string; message: Message }[]> {
  const store = openNoticeStore(':memory:');
  const clock = fakeClock(row.now);
  const board = startBoard(sourceOf([factsOf(row.facts)]), clock);
  const sent: { channel: string; message: Message }[] = [];
  const send = async ({ channel }: { channel: string }, message: Message) => {
    sent.push({ channel, message });
    return 'sent' as const;
  };
  const desk = startDesk({ board, store, senders: { push: { send }, sms: { send } }, clock, log: silentLog });
  for (const language of LANGUAGES) {
    const push = JSON.stringify({ endpoint: `https://push.example/${language}`, keys: {} });
    store.add('push', language, push, '37130', language, row.now);
    store.add('sms', language, `+3360000000${language.length}`, '37130', language, row.now);
  }
  await clock.advance(5000);
  await desk.settled();
  await desk.stop();
  board.stop();
  store.close();
  return sent;
}

const seenFacts = new Set<string>();

describe.each(ROWS)('$name', (row) => {
  const facts = factsOf(row.facts);
  const board = boardOf([facts], row.now);
  const isShown = chosenOf(board.visits, row.now).now.length > 0;
  const expected = { fr: row.fr, en: row.en };
  const serve = async () => {
    open = await publicServer([facts], row.now);
    return open;
  };

  it.each(LANGUAGES)('page, widget and their description (%s)', async (language) => {
    const server = await serve();
    for (const path of [PAGE, `${PAGE}/widget`]) {
      const text = readable(await bodyOf(server, path, language));
      if (isShown) expect(text, path).toContain(expected[language]);
      else expect(text, path).not.toContain(expected[language]);
    }
  });

  it.each(LANGUAGES)('schema.org, Atom and calendar (%s)', async (language) => {
    const server = await serve();
    const page = await bodyOf(server, PAGE, language);
    const [, json = '{}'] = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(page) ?? [];
    const events: { description: string; eventStatus: string }[] = JSON.parse(json)['@graph'];
    expect(events.map((event) => event.description)).toEqual(isShown ? [expected[language]] : []);
    const isOff = row.state === 'cancelled' || row.state === 'missed';
    for (const { eventStatus } of events) expect(/EventCancelled$/.test(eventStatus)).toBe(isOff);

    const atom = await bodyOf(server, `${API}.atom`, language);
    expect(readable(/<summary>(.*?)<\/summary>/.exec(atom)![1]!)).toBe(expected[language]);

    const calendar = new ICAL.Component(ICAL.parse(await bodyOf(server, `${API}.ics`, language)));
    const [event] = calendar.getAllSubcomponents('vevent');
    expect(String(event!.getFirstPropertyValue('description')).split('\n')[0]).toBe(expected[language]);
    expect(event!.getFirstPropertyValue('status')).toBe(
      row.state === 'cancelled' ? 'CANCELLED' : 'CONFIRMED',
    );
  });

  it.each(LANGUAGES)('printable sheet (%s)', async (language) => {
    const sheet = readable(await bodyOf(await serve(), `${PAGE}/affiche`, language));
    const { movedTo } = board.visits[0]!.statement;
    if (!isShown) return;
    expect(sheet).toContain(longDate(language, facts.fromMs, ZONE));
    expect(sheet).toContain(movedTo?.name ?? facts.name);
    expect(sheet.includes(STATE_WORDS[language].cancelled)).toBe(row.state === 'cancelled');
  });

  it('JSON, server-sent event and GTFS-Realtime, both languages at once', async () => {
    const { app } = await serve();
    const visit: PublicVisit = (await app.inject('/public/v1/visits/v1')).json();
    expect(visit.statement).toEqual(expected);
    expect([visit.state, visit.source]).toEqual([row.state, row.source]);
    const { visits } = (await app.inject('/public/v1/visits?from=2020-01-01')).json();
    expect(visits).toEqual([visit]);
    const event = await onTheLine(row);
    expect({ ...event, at: '' }).toEqual({ ...visit, at: '' });
    const { alerts } = feedOf((await app.inject('/public/v1/gtfs-rt.pb')).rawPayload);
    for (const alert of alerts) expect(alert.description).toEqual(expected);
    if (isShown && row.state !== 'planned') expect(alerts).toHaveLength(1);
  });

  it('push and text message, where there is something to tell', async () => {
    for (const { channel, message } of await told(row)) {
      seenFacts.add(message.notice.fact);
      expect(message.text).toBe(expected[message.language]);
      if (channel === 'sms' && message.language === 'fr') expect(message.sms).toBe(row.sms);
    }
  });
});

afterAll(() => {
  // Each kind of notice was sent by some row.
  expect([...seenFacts].sort()).toEqual([...FACTS].sort());
});
