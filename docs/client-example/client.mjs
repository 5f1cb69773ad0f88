// The state of a commune's visits, live, in your own application. Node 20 or a browser; no package.
//   node client.mjs https://agence.example.org 37130 [fr|en]
// It prints a line a statement: `2026-11-24 on_site L'agence est arrivée à 9 h 24. (gps, 2026-11-24T08:24:10.000Z)`
const [origin, commune, language = 'fr'] = process.argv.slice(2);
const shown = new Map();
let lastId;

function show({ id, date, state, statement, source, at }) {
  if (shown.get(id) === statement[language]) return;
  shown.set(id, statement[language]);
  console.log(`${date} ${state} ${statement[language]} (${source}, ${at})`);
}

/** All visits of the commune: at the start, after something was missed, and while no line is to be had. */
async function readAll() {
  const answer = await fetch(`${origin}/public/v1/visits?commune=${commune}`);
  if (!answer.ok) throw new Error(`visits: ${answer.status}`);
  for (const visit of (await answer.json()).visits) show(visit);
}

/** Changes as they come; ends when the line is lost: a silence of 50 s is one. */
async function listen() {
  const headers = lastId ? { 'last-event-id': lastId } : {};
  const stop = new AbortController();
  let watch = setTimeout(() => stop.abort(), 50_000);
  const url = `${origin}/public/v1/changes?commune=${commune}`;
  const answer = await fetch(url, { headers, signal: stop.signal });
  if (!answer.ok) throw new Error(`changes: ${answer.status}`);
  let text = '';
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    clearTimeout(watch);
    watch = setTimeout(() => stop.abort(), 50_000);
    const events = (text + part).split('\n\n');
    text = events.pop();
    for (const event of events) {
      const field = (name) => event.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1];
      lastId = field('id') ?? lastId;
      if (field('event') === 'visit') show(JSON.parse(field('data')));
      if (['hello', 'reset'].includes(field('event'))) await readAll();
    }
  }
}

for (;;) {
  await listen()
    .catch(readAll)
    .catch((error) => console.error(`no news: ${error.message}`));
  await new Promise((resolve) => setTimeout(resolve, 5_000));
}
