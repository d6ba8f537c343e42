import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TokenServiceConfig } from './config.js';

/**
 * What pages of the documentation may call: the routes that take the secret of an app, a token or a portal token. Those that only a
 * session opens are not among them; a test holds this to the contract.
 */
export const TRIED =
  /^\/(oauth|v1\/(tokens|grants|invitations|district|districts|webhooks|events|migration|usage|sandbox))(\/|\?|$)/;

/** What a page may send: no cookie, and nothing that goes with one. */
const TRYING: FastifyCorsOptions = {
  methods: ['GET', 'POST', 'PATCH', 'DELETE'],
  allowedHeaders: ['authorization', 'content-type'],
  exposedHeaders: ['etag', 'link', 'ratelimit', 'ratelimit-policy', 'retry-after', 'x-request-id'],
  credentials: false,
  maxAge: 600,
};

/** Lets the pages of the documentation try the contract, where that is configured and they stand on another origin than the portal. */
export async function letPagesTry(
  fastify: FastifyInstance,
  { DOCS_TRY_TOKEN_SERVICE: isOn, DOCS_URL, PORTAL_URL }: TokenServiceConfig,
): Promise<void> {
  const { origin } = new URL(DOCS_URL);
  if (!isOn || origin === new URL(PORTAL_URL).origin) return;
  await fastify.register(cors, {
    delegator: ({ url }: FastifyRequest, tell) =>
      tell(null, { ...TRYING, origin: TRIED.test(url) && [origin] }),
  });
  // Cookies know no ports and take two hosts of a domain for one site, so a browser may send the portal's along: it counts for nothing.
  fastify.addHook('onRequest', ({ headers }, _reply, done) => {
    if (headers.origin === origin) delete headers.cookie;
    done();
  });
}
