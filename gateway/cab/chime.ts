/** Two tones and a vibration for a new serious alert, once the driver has allowed it by a tap. */

let context: AudioContext | undefined;

/** To be called from a tap: browsers let sound begin there alone. */
export function allowSound(): void {
  context ??= 'AudioContext' in window ? new AudioContext() : undefined;
  void context?.resume();
}

export function chime(): void {
  navigator.vibrate?.([200, 100, 200]);
  if (!context) return;
  [660, 880].forEach((hz, n) => {
    tone(context!, hz, context!.currentTime + n * 0.25);
  });
}

function tone(audio: AudioContext, hz: number, at: number): void {
  const oscillator = audio.createOscillator();
  const volume = audio.createGain();
  oscillator.frequency.value = hz;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.22);
}
