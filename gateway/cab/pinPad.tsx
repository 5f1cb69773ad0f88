import { useState } from 'preact/hooks';
import { useWords } from './context.ts';
import { post } from './press.ts';

/** The PIN of the van, with big keys for gloves; a keyboard works too. */
export function PinPad({ onOpen }: { onOpen: () => void }) {
  const words = useWords();
  const [pin, setPin] = useState('');
  const [problem, setProblem] = useState<string>();

  async function enter(): Promise<void> {
    const answer = await post('/pin', { pin });
    setPin('');
    if (answer?.ok) return onOpen();
    if (answer?.status !== 429) return setProblem(answer ? words.pinWrong : words.lostNow);
    const body = (await answer.json()) as { waitMin?: number };
    setProblem(words.pinWait(body.waitMin ?? 15));
  }

  return (
    <form
      class="pin"
      onSubmit={(event) => {
        event.preventDefault();
        void enter();
      }}
    >
      <h1>{words.pinTitle}</h1>
      <p id="pin-help">{words.pinHelp}</p>
      <input
        type="password"
        inputMode="numeric"
        autocomplete="off"
        maxLength={12}
        aria-label={words.pinTitle}
        aria-describedby="pin-help pin-problem"
        value={pin}
        onInput={(event) => setPin(event.currentTarget.value)}
      />
      <p id="pin-problem" role="alert" class="tone-no">
        {problem ?? ''}
      </p>
      <div class="keys">
        {['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => (
          <button
            type="button"
            key={digit}
            onClick={() => setPin((before) => `${before}${digit}`.slice(0, 12))}
          >
            {digit}
          </button>
        ))}
        <button type="button" onClick={() => setPin('')}>
          {words.pinErase}
        </button>
        <button type="button" onClick={() => setPin((before) => `${before}0`.slice(0, 12))}>
          0
        </button>
        <button type="submit" class="primary" disabled={pin === ''}>
          {words.pinEnter}
        </button>
      </div>
    </form>
  );
}
