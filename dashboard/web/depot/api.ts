import { session } from './state.ts';

/** A refusal in the server's words. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function answer<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
  if (response.status === 401 && session.value?.name)
    session.value = { ...session.value, name: undefined as never };
  let message = text;
  try {
    message = (JSON.parse(text) as { error?: string }).error ?? text;
  } catch {
    // Not ours: a proxy's own page. Its status says enough.
    message = `HTTP ${response.status}`;
  }
  throw new Refused(response.status, message);
}

export const read = async <T>(path: string): Promise<T> =>
  answer<T>(await fetch(path, { credentials: 'same-origin', headers: { accept: 'application/json' } }));

export async function write<T = unknown>(path: string, body?: unknown, method = 'POST'): Promise<T> {
  const headers: Record<string, string> = { 'x-csrf': session.value?.csrf ?? '' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  return answer<T>(
    await fetch(path, {
      method,
      credentials: 'same-origin',
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
}
