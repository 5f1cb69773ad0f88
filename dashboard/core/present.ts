/** `{ key: value }`, or nothing when the value is unknown: unknown is absent, never `undefined` in a key. */
export function present<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}
