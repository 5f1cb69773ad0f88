import { createHash } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Compressed, sendCompressed } from '../../../runtime/pageAssets.ts';

/**
 * Answers made once and given to everyone: while nothing changed and the answer is young, a rush costs no rendering,
 * no hashing and no compression.
 */
export type Answer = Compressed & { readonly etag: string; readonly type: string };

type Kept = { readonly answer: Answer; readonly version: string; readonly madeMs: number };

/** Keys come from outside: their number is bounded. */
const MAX_KEPT = 1000;

export type Answers = {
  /** The answer of `key`, made again when `version` differs or it is older than `maxAgeMs`. */
  of(key: string, version: string, nowMs: number, make: () => Made): Answer;
};
/** `mark`: what decides whether it is another answer; the whole body when absent. */
export type Made = { readonly body: string | Uint8Array; readonly type: string; readonly mark?: string };

export function makeAnswers(maxAgeMs: number): Answers {
  const kept = new Map<string, Kept>();
  return {
    of(key, version, nowMs, make) {
      const known = kept.get(key);
      if (known && known.version === version && Math.abs(nowMs - known.madeMs) < maxAgeMs)
        return known.answer;
      const answer = answerOf(make());
      kept.delete(key);
      kept.set(key, { answer, version, madeMs: nowMs });
      if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!);
      return answer;
    },
  };
}

export function answerOf({ body, type, mark }: Made): Answer {
  const plain = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body);
  const hash = createHash('sha1')
    .update(mark ?? plain)
    .digest('base64url');
  let gzip: Buffer | undefined;
  let br: Buffer | undefined;
  return {
    plain,
    type,
    // Weak: the time inside may differ while all that is said is the same (RFC 9110 §8.8.1).
    etag: `W/"${hash}"`,
    get gzip() {
      gzip ??= gzipSync(plain, { level: 6 });
      return gzip;
    },
    get br() {
      br ??= brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
      return br;
    },
  };
}

/** A shared cache may answer a rush for 10 s, a browser for 5; the live line names another address at a change. */
export const SHORT_CACHE = 'public, max-age=5, s-maxage=10';

export function give(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
  cacheControl = SHORT_CACHE,
): FastifyReply {
  reply.header('etag', answer.etag).header('cache-control', cacheControl);
  const asked = request.headers['if-none-match'];
  if (asked?.split(',').some((tag) => tag.trim() === answer.etag))
    return reply.header('vary', 'Accept-Encoding').code(304).send();
  return sendCompressed(request, reply.type(answer.type), answer);
}
