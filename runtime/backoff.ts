/** Full jitter (AWS architecture blog, «Exponential Backoff And Jitter»): uniform in 0 … min(max, base × 2^n). */
export function fullJitterMs(attempt: number, baseMs: number, maxMs: number, random: () => number): number {
  return Math.round(random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30)));
}
