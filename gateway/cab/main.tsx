import { render } from 'preact';
import { App } from './app.tsx';
import { allowSound } from './chime.ts';
import { applyPrefs, loadPrefs } from './prefs.ts';

const prefs = loadPrefs();
applyPrefs(prefs);
// The consent of an earlier day still wants a tap of this one before sound may begin.
if (prefs.sound) document.addEventListener('pointerdown', allowSound, { once: true });
render(
  <App van={document.body.dataset.van ?? ''} hasPin={document.body.dataset.nopin === undefined} />,
  document.getElementById('app')!,
);
