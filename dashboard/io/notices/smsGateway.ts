import type { Outcome, Sender } from './desk.ts';

/** Text messages through an operator's HTTP gateway, whatever its form: one request, filled from a template. */
export type SmsGateway = Sender & {
  text(number: string, text: string): Promise<Outcome>;
};

export type SmsDeps = {
  readonly url: string;
  readonly body: string;
  readonly secret?: string;
  readonly timeoutMs?: number;
};

/** A French mobile number in international form; others are refused: each message costs. */
export function mobileNumber(typed: string): string | undefined {
  const digits = typed.replace(/[\s.\-()]/g, '');
  const m = /^(?:\+33|0033|0)([67]\d{8})$/.exec(digits);
  return m ? `+33${m[1]}` : undefined;
}

function filled(template: string, to: string, text: string): { type: string; body: string } {
  const isJson = template.trimStart().startsWith('{');
  const put = (value: string) => (isJson ? JSON.stringify(value) : encodeURIComponent(value));
  return {
    type: isJson ? 'application/json' : 'application/x-www-form-urlencoded',
    body: template.replace(/\{(to|text)\}/g, (_, name) => put(name === 'to' ? to : text)),
  };
}

export function makeSmsGateway({ url, body, secret, timeoutMs = 15_000 }: SmsDeps): SmsGateway {
  async function text(number: string, words: string): Promise<Outcome> {
    const message = filled(body, number, words);
    let answer: Response;
    try {
      answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': message.type,
          ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
        },
        body: message.body,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      const { name, cause } = error as Error & { cause?: { code?: string } };
      if (cause?.code === 'ECONNREFUSED' || cause?.code === 'ENOTFOUND') return { retry: cause.code };
      // It may have been sent: a second one would be paid and read twice.
      return { lost: name === 'TimeoutError' ? 'gateway did not answer' : 'connection lost' };
    }
    await answer.body?.cancel();
    return answer.ok ? 'sent' : { retry: `gateway answered ${answer.status}` };
  }
  return { text, send: (recipient, message) => text(recipient.address, message.sms) };
}
