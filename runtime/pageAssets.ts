import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** What `web/build.mjs` made and compressed, read whole: neither a start nor a rush of pages compresses anything. */
export type PageAssets = {
  /** `/assets/tenant-1A2B.css` of `tenant.css`; throws for a name that was not built. */
  path(name: string): string;
  /** The bytes of a named asset. */
  bytes(name: string): Buffer;
  /** Changes with any asset. */
  readonly version: string;
  readonly files: ReadonlyMap<string, Compressed & { readonly type: string }>;
};

export type Compressed = { readonly plain: Buffer; readonly gzip: Buffer; readonly br: Buffer };

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};
const DIST = fileURLToPath(new URL('../dist/web', import.meta.url));

export function compressed(plain: Buffer, quality = 9): Compressed {
  return {
    plain,
    gzip: gzipSync(plain, { level: 9 }),
    br: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }),
  };
}

/** A file with the compressed forms that the build wrote beside it. */
const stored = (path: string): Compressed => ({
  plain: readFileSync(path),
  gzip: readFileSync(`${path}.gz`),
  br: readFileSync(`${path}.br`),
});

/** Reads `dist/web`; throws when the pages were never built (`npm run build`). */
export function loadPageAssets(folder = DIST): PageAssets {
  let manifest: Record<string, string>;
  try {
    manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, string>;
  } catch {
    throw new Error(`the pages are not built in ${folder}: npm run build`);
  }
  const files = new Map<string, Compressed & { type: string }>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type) files.set(name, { ...stored(join(folder, name)), type });
  }
  const fileOf = (name: string) => {
    const file = manifest[name];
    if (!file || !files.has(file)) throw new Error(`page asset ${name} is not built: npm run build`);
    return file;
  };
  const version = createHash('sha256').update(JSON.stringify(manifest)).digest('base64url').slice(0, 10);
  return {
    path: (name) => `/assets/${fileOf(name)}`,
    bytes: (name) => files.get(fileOf(name))!.plain,
    version,
    files,
  };
}

/** Sends the form of `body` that the caller takes. */
export function sendCompressed(request: FastifyRequest, reply: FastifyReply, body: Compressed): FastifyReply {
  const accepted = String(request.headers['accept-encoding'] ?? '');
  reply.header('vary', 'Accept-Encoding');
  if (/\bbr\b/.test(accepted)) return reply.header('content-encoding', 'br').send(body.br);
  if (/\bgzip\b/.test(accepted)) return reply.header('content-encoding', 'gzip').send(body.gzip);
  return reply.send(body.plain);
}

/** `/assets/…`: the name holds the hash, so a copy is good for a year. */
export function serveAssets(app: FastifyInstance, assets: PageAssets): void {
  app.get<{ Params: { file: string } }>('/assets/:file', (request, reply) => {
    const file = assets.files.get(request.params.file);
    if (!file) return reply.code(404).type('text/plain').send('not found');
    reply.type(file.type).header('cache-control', 'public, max-age=31536000, immutable');
    return sendCompressed(request, reply, file);
  });
}
