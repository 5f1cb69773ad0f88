import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Raw deflate (RFC 1951) with a preset dictionary, at its best level: batches are small and the SIM is metered. */
export function makeDeflate(dictionary: string): {
  deflate(bytes: Uint8Array): Uint8Array;
  /** Undefined when the bytes are no such stream or inflate to more than `maxBytes`. */
  inflate(bytes: Uint8Array, maxBytes: number): Uint8Array | undefined;
} {
  const preset = Buffer.from(dictionary);
  return {
    deflate: (bytes) => deflateRawSync(bytes, { dictionary: preset, level: 9, memLevel: 9 }),
    inflate(bytes, maxBytes) {
      try {
        return inflateRawSync(bytes, { dictionary: preset, maxOutputLength: maxBytes });
      } catch {
        return undefined;
      }
    },
  };
}
