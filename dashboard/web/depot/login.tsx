import { write } from './api.ts';
import { Field, WriteForm } from './small.tsx';
import { session } from './state.ts';
import { words } from './words.ts';

/** Before the session: log in, or open the first account with the code of the start-up log. */
export function Login({ onDone }: { onDone: () => Promise<void> }) {
  const w = words().login;
  const isSetup = session.value?.setup === true;
  const submit = async (form: FormData) => {
    const body = Object.fromEntries(form) as Record<string, string>;
    if (isSetup) await write('/api/setup', body);
    try {
      await write('/api/login', { name: body.name, password: body.password });
    } catch {
      throw new Error(w.refused);
    }
    await onDone();
  };
  return (
    <main class="login">
      <h1>{isSetup ? w.setupTitle : w.title}</h1>
      {isSetup ? <p>{w.setupHelp}</p> : null}
      <WriteForm label={w.title} submit={isSetup ? w.create : w.submit} onSubmit={submit}>
        {isSetup ? (
          <Field label={w.code}>
            <input name="code" required autocomplete="one-time-code" />
          </Field>
        ) : null}
        <Field label={w.name}>
          <input name="name" required autocomplete="username" />
        </Field>
        <Field label={isSetup ? w.newPassword : w.password}>
          <input
            name="password"
            type="password"
            required
            minLength={isSetup ? 12 : 1}
            autocomplete={isSetup ? 'new-password' : 'current-password'}
          />
        </Field>
      </WriteForm>
    </main>
  );
}
