/** The same object without the keys that have no value: unknown is absent (DESIGN §2). */
export function present<T extends object>(given: { readonly [K in keyof T]?: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}
