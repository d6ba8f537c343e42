import type { ServiceOptions } from '@hallpass/service-kit';
import { AppModule } from './app.module.js';
import type { AdminConfig } from './config.js';

/** The admin service, ready to be created. */
export function admin(config: AdminConfig, isQuiet = false): ServiceOptions {
  return {
    module: AppModule.for(config),
    config,
    isQuiet,
    configure(app) {
      const fastify = app.getHttpAdapter().getInstance();
      // An archive is written to disk as it comes; it is never held in memory.
      fastify.addContentTypeParser('application/zip', (_request, payload, done) => done(null, payload));
    },
  };
}
