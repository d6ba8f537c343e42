import { randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { setPattern } from '../route-pattern.js';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.zip': 'application/zip',
};
const COMPRESSED = new Set(['.css', '.html', '.js', '.json', '.svg']);
/** What stands under these is the service's, and answers an unknown path as it always has. */
const SERVICE_PATHS = /^\/(v1|oauth|\.well-known|health|assets)(\/|$)/;
const NONCE = '%STYLE_NONCE%';

type Encoding = 'br' | 'gzip';
const compressors: Readonly<Record<Encoding, (body: Buffer) => Promise<Buffer>>> = {
  br: (body) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (body) => promisify(gzip)(body),
};

/** A file of a site, held in memory. */
export interface Asset {
  type: string;
  body: Buffer;
  isCompressed: boolean;
  /** Each encoding, from when it is first asked for. */
  encoded: Map<Encoding, Promise<Buffer>>;
}

/**
 * Serves the pages of a console that was built into a folder: its assets, and its document at every other path that a person
 * opens. Where nothing was built, a page says so. All of it is held in memory: no request names a file.
 */
export async function servePages(fastify: FastifyInstance, folder: string): Promise<void> {
  const assets = await readAssets(join(folder, 'assets'));
  const html = await readIfThere(join(folder, 'index.html'));
  const document = html?.toString('utf8') ?? NOT_BUILT;

  fastify.get('/', (_request, reply) => sendDocument(reply, document));
  fastify.get<{ Params: { '*': string } }>('/assets/*', async (request, reply) => {
    const asset = assets.get(request.params['*']);
    if (!asset) return reply.callNotFound();
    return sendAsset(request, reply, asset);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404 || !isForPerson(request)) return done();
    setPattern(request, '/*');
    sendDocument(reply, document);
  });
}

/** Whether a person's browser opens a page, rather than a program calling a route. */
function isForPerson({ method, headers, url }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return (
    (headers.accept?.includes('text/html') ?? false) && !SERVICE_PATHS.test(url.split(/[?#]/, 1)[0] ?? '')
  );
}

function sendDocument(reply: FastifyReply, document: string): FastifyReply {
  // React sets style attributes through the DOM, which the policy lets it; only style elements need the nonce.
  const nonce = randomBytes(16).toString('base64');
  return secured(reply)
    .header('content-security-policy', policy(nonce))
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(document.replace(NONCE, nonce));
}

export async function sendAsset(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  asset: Asset,
  // Whose name changes with what it holds.
  cacheControl = 'public, max-age=31536000, immutable',
): Promise<FastifyReply> {
  secured(reply).header('cache-control', cacheControl).type(asset.type);
  if (!asset.isCompressed) return reply.send(asset.body);
  reply.header('vary', 'accept-encoding');
  const accepted = headers['accept-encoding'] ?? '';
  const encoding = (['br', 'gzip'] as const).find((each) => accepted.includes(each));
  if (!encoding) return reply.send(asset.body);
  const body = asset.encoded.get(encoding) ?? compressors[encoding](asset.body);
  asset.encoded.set(encoding, body);
  return reply.header('content-encoding', encoding).send(await body);
}

function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export function secured(reply: FastifyReply): FastifyReply {
  return reply
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-opener-policy', 'same-origin')
    .header('cross-origin-resource-policy', 'same-origin');
}

export async function readAssets(folder: string): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || !type) continue;
    const path = join(entry.parentPath, entry.name);
    const isCompressed = COMPRESSED.has(extname(entry.name));
    const name = relative(folder, path).split(sep).join('/');
    assets.set(name, { type, body: await readFile(path), isCompressed, encoded: new Map() });
  }
  return assets;
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Hallpass</title>
<h1>The pages are not built yet</h1>
<p>Run <code>npm start</code>, or <code>pnpm build</code>, and start the service again. Its API works without them.</p>
</html>
`;
