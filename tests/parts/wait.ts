/** Resolves with what `condition` gives as soon as that is neither false nor undefined; rejects after `timeoutMs`. */
export async function waitFor<T>(
  what: string,
  condition: () => T | false | undefined,
  timeoutMs = 10_000,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const value = condition();
    if (value !== false && value !== undefined) return value;
    if (performance.now() > endMs) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
