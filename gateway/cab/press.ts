import type { CabPress } from '../core/cabView.ts';

/** Telling the gateway. A press keeps its key until it is answered, however often it is sent. */

/** `randomUUID` is for secure origins alone, and a van's Wi-Fi is not one. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
}

const HEADERS = { 'content-type': 'application/json', 'x-cab': '1' };
const TRIES = 20;
const AGAIN_MS = 1_500;

export type Answer = { readonly ok: boolean; readonly key: string };

/** Sends an act until it is answered; `ok: false`: it was refused, or nobody answered. */
export async function press(act: Omit<CabPress, 'key'>): Promise<Answer> {
  const key = newKey();
  for (let n = 0; n < TRIES; n++) {
    const answer = await post('/acts', { ...act, key });
    if (answer && answer.status < 500) return { ok: answer.ok, key };
    await new Promise((resolve) => window.setTimeout(resolve, AGAIN_MS));
  }
  return { ok: false, key };
}

export const post = (path: string, body: object): Promise<Response | undefined> =>
  fetch(path, { method: 'POST', headers: HEADERS, body: JSON.stringify(body) }).catch(() => undefined);

/** Takes a waiting act back; `false`: it was already told. */
export async function takeBack(key: string): Promise<boolean> {
  const answer = await fetch(`/acts/${key}`, { method: 'DELETE', headers: { 'x-cab': '1' } }).catch(
    () => undefined,
  );
  return answer?.ok ?? false;
}
