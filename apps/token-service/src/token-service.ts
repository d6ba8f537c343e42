import { resolve } from 'node:path';
import { acceptArchives, servePages, type ServiceOptions } from '@hallpass/service-kit';
import { AppModule } from './app.module.js';
import type { TokenServiceConfig } from './config.js';
import { writeOAuthError } from './oauth/oauth-error.js';
import { letPagesTry } from './pages-of-docs.js';

/** Where the pages are once they are built; the service runs without them. */
const PAGES = resolve(import.meta.dirname, '../../console/dist/portal');

/** The token service, ready to be created. */
export function tokenService(config: TokenServiceConfig, isQuiet = false): ServiceOptions {
  return {
    module: AppModule.for(config),
    config,
    writeError: writeOAuthError,
    isQuiet,
    async configure(app) {
      const fastify = app.getHttpAdapter().getInstance();
      await letPagesTry(fastify, config);
      acceptArchives(fastify);
      await servePages(fastify, PAGES);
    },
  };
}
