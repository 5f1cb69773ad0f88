import { allowSound, chime } from './chime.ts';
import { useWords } from './context.ts';
import { Panel } from './panels.tsx';
import type { Prefs, Theme } from './prefs.ts';

/** Night, sound, language, and how to keep the screen on. */
export function SettingsPanel({ prefs, onPrefs }: { prefs: Prefs; onPrefs: (prefs: Prefs) => void }) {
  const words = useWords();
  const themes: readonly (readonly [Theme, string])[] = [
    ['auto', words.auto],
    ['light', words.day],
    ['dark', words.night],
  ];
  return (
    <Panel title={words.settings}>
      <fieldset class="choice">
        <legend>{words.display}</legend>
        {themes.map(([theme, name]) => (
          <label key={theme}>
            <input
              type="radio"
              name="theme"
              checked={prefs.theme === theme}
              onChange={() => onPrefs({ ...prefs, theme })}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <fieldset class="choice">
        <legend>{words.language}</legend>
        {(['fr', 'en'] as const).map((language) => (
          <label key={language}>
            <input
              type="radio"
              name="language"
              checked={prefs.language === language}
              onChange={() => onPrefs({ ...prefs, language })}
            />
            {language === 'fr' ? 'Français' : 'English'}
          </label>
        ))}
      </fieldset>
      <button
        type="button"
        class="wide"
        aria-pressed={prefs.sound}
        onClick={() => {
          allowSound();
          if (!prefs.sound) chime();
          onPrefs({ ...prefs, sound: !prefs.sound });
        }}
      >
        {prefs.sound ? words.soundOn : words.soundOff}
      </button>
      <p>{words.screenHint}</p>
      <p>{words.installHint}</p>
    </Panel>
  );
}
