import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { read } from './api.ts';

export type Loaded<T> = { readonly value?: T; readonly error?: string };

/** What a path answers, read again when the path or `again` changes; an answer that comes too late is dropped. */
export function useLoaded<T>(path: string | undefined, again = 0): Signal<Loaded<T>> {
  const held = useSignal<Loaded<T>>({});
  useEffect(() => {
    let current = true;
    if (path === undefined) held.value = {};
    else
      read<T>(path).then(
        (value) => {
          if (current) held.value = { value };
        },
        (error: Error) => {
          if (current) held.value = { error: error.message };
        },
      );
    return () => {
      current = false;
    };
  }, [path, again]);
  return held;
}
