import { effect } from '@preact/signals';
import { render } from 'preact';
import { read } from './api.ts';
import { startStream } from './liveStream.ts';
import { Login } from './login.tsx';
import { Shell } from './shell.tsx';
import { language, type Session, session, theme } from './state.ts';
import { words } from './words.ts';

effect(() => {
  document.documentElement.lang = language.value;
  localStorage.setItem('language', language.value);
});
effect(() => {
  if (theme.value === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
  localStorage.setItem('theme', theme.value);
});

let streaming = false;
function Page() {
  const held = session.value;
  if (!held) return <p class="loading">{words().loading}</p>;
  if (!held.name) return <Login onDone={loadSession} />;
  if (!streaming) {
    streaming = true;
    startStream();
  }
  return <Shell />;
}

async function loadSession(): Promise<void> {
  session.value = await read<Session>('/api/session');
}

render(<Page />, document.getElementById('depot')!);
loadSession().catch(() => setTimeout(() => void loadSession(), 3000));
