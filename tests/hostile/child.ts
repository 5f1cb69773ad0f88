import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A process of its own with whom one talks in questions and answers, so that nobody's load is measured as another's. */
export interface Child<Question, Answer> {
  readonly pid: number;
  ask(question: Question): Promise<Answer>;
  /** True once the process has ended by itself. */
  hasDied(): boolean;
  stop(): Promise<void>;
}

type Envelope = { readonly n: number; readonly body: unknown };
const HERE = dirname(fileURLToPath(import.meta.url));

/** Starts `tests/hostile/<file>`; resolves with its first word. */
export async function startChild<Question, Answer, First>(
  file: string,
  args: readonly string[] = [],
): Promise<Child<Question, Answer> & { readonly first: First }> {
  const child = fork(join(HERE, file), [...args], {
    execArgv: ['--expose-gc', '--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let asked = 0;
  let died = false;
  const waiting = new Map<number, (body: unknown) => void>();
  const first = await new Promise<First>((resolve, reject) => {
    waiting.set(0, resolve as (body: unknown) => void);
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
    child.on('message', ({ n, body }: Envelope) => {
      waiting.get(n)?.(body);
      waiting.delete(n);
    });
  });
  child.once('exit', () => {
    died = true;
  });
  return {
    first,
    pid: child.pid!,
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (died) return reject(new Error(`${file} is dead`));
        const n = ++asked;
        const gone = () => reject(new Error(`${file} died`));
        child.once('exit', gone);
        waiting.set(n, (body) => {
          child.off('exit', gone);
          resolve(body as Answer);
        });
        child.send({ n, body: question });
      }),
    hasDied: () => died,
    async stop() {
      if (died) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
    },
  };
}

/** The other end, inside the child: says its first word and answers until the parent goes. */
export function answerParent<Question>(
  first: unknown,
  answer: (question: Question) => unknown,
  end: () => Promise<void> | void,
): void {
  process.on('message', async ({ n, body }: Envelope) => {
    process.send!({ n, body: (await answer(body as Question)) ?? null });
  });
  process.on('disconnect', async () => {
    await end();
    process.exit(0);
  });
  process.send!({ n: 0, body: first });
}
