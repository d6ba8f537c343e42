import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { readAssets, secured, sendAsset, type Asset } from './serve-pages.js';

/** Scripts that stand in a page itself, which the policy names by what they hold. */
const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;
const HASHED = /^assets\//;

/**
 * Serves a static site that was built into a folder, below a prefix such as `/docs`: `/docs/errors` is `errors.html`. All of it
 * is held in memory: no request names a file. `connectTo` are the origins that its pages may call beside their own.
 */
export async function serveSite(
  fastify: FastifyInstance,
  { folder, prefix, connectTo = [] }: { folder: string; prefix: string; connectTo?: readonly string[] },
): Promise<void> {
  const assets = await readAssets(folder);
  const policies = new Map(
    [...assets]
      .filter(([name]) => name.endsWith('.html'))
      .map(([name, { body }]) => [name, policyOf(body.toString('utf8'), connectTo)]),
  );
  const find = (path: string): [string, Asset] | undefined => {
    const names = path === '' || path.endsWith('/') ? [`${path}index.html`] : [path, `${path}.html`];
    const name = names.find((each) => assets.has(each));
    return name === undefined ? undefined : [name, assets.get(name) as Asset];
  };
  fastify.get(prefix, (_request, reply) => reply.redirect(`${prefix}/`, 308));
  fastify.get<{ Params: { '*': string } }>(`${prefix}/*`, async (request, reply) => {
    const found = find(request.params['*']);
    const absent = find('404');
    if (!found && !absent) return reply.callNotFound();
    if (!found) reply.code(404);
    const [name, asset] = (found ?? absent) as [string, Asset];
    const policy = policies.get(name);
    secured(reply);
    if (policy) reply.header('content-security-policy', policy);
    return sendAsset(request, reply, asset, HASHED.test(name) ? undefined : 'public, max-age=300');
  });
}

function policyOf(html: string, connectTo: readonly string[]): string {
  const hashes = [...html.matchAll(INLINE_SCRIPT)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src 'self' ${[...new Set(hashes)].join(' ')}`.trimEnd(),
    // Highlighted code is coloured by style attributes, which no hash can name.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    ["connect-src 'self'", ...connectTo].join(' '),
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
