import { resolve } from 'node:path';
import { UsageCounter, serveSite, type ServiceOptions } from '@hallpass/service-kit';
import { AppModule } from './app.module.js';
import type { DataApiConfig } from './config.js';
import { tagEntity } from './wire/entity-tag.js';
import { servedBy } from './wire/served.js';
import { writeCleverError } from './wire/clever-error.js';

/** Where the documentation is once it is built; the service runs without it. */
const DOCS = resolve(import.meta.dirname, '../../docs/dist/site');

/** The data API, ready to be created: reads of rosters, in the words of Clever's API. */
export function dataApi(config: DataApiConfig, isQuiet = false): ServiceOptions {
  return {
    module: AppModule.for(config),
    config,
    writeError: writeCleverError,
    isQuiet,
    async configure(app) {
      const fastify = app.getHttpAdapter().getInstance();
      // Bodies are joined as text, so their type is not told by their shape; errors set their own.
      fastify.addHook('onRequest', (_request, reply, done) => {
        reply.header('content-type', 'application/json; charset=utf-8');
        done();
      });
      const connectTo = config.DOCS_TRY_TOKEN_SERVICE ? [new URL(config.TOKEN_SERVICE_URL).origin] : [];
      await serveSite(fastify, { folder: DOCS, prefix: '/docs', connectTo });
      const usage = app.get(UsageCounter);
      fastify.addHook('onSend', (request, reply, body, done) => {
        const tagged = tagEntity(request, reply, body);
        usage.count(request, reply, servedBy(request));
        done(null, tagged);
      });
    },
  };
}
