import type { FastifyInstance, FastifyRequest } from 'fastify';

type Routed = FastifyRequest & { pattern?: string };

/** Lets each route of a service name its pattern on its requests: Fastify's own routeOptions make an object of twelve at each reading. */
export function notePatterns(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const { url, onRequest = [] } = route;
    const note = (request: Routed, _reply: unknown, done: () => void) => {
      request.pattern = url;
      done();
    };
    route.onRequest = [note, ...(Array.isArray(onRequest) ? onRequest : [onRequest])];
  });
}

/** The pattern of the route that a request has come to; undefined where there is none. */
export function patternOf(request: FastifyRequest): string | undefined {
  return (request as Routed).pattern;
}

/** Names the pattern of a request that no route took and that was answered all the same. */
export function setPattern(request: FastifyRequest, pattern: string): void {
  (request as Routed).pattern = pattern;
}
