import { resolve } from 'node:path';
import { acceptArchives, servePages, type ServiceOptions } from '@hallpass/service-kit';
import { AppModule } from './app.module.js';
import type { AdminConfig } from './config.js';

/** Where the pages are once they are built; the service runs without them. */
const PAGES = resolve(import.meta.dirname, '../../console/dist/admin');

/** The admin service, ready to be created. */
export function admin(config: AdminConfig, isQuiet = false): ServiceOptions {
  return {
    module: AppModule.for(config),
    config,
    isQuiet,
    async configure(app) {
      const fastify = app.getHttpAdapter().getInstance();
      acceptArchives(fastify);
      await servePages(fastify, PAGES);
    },
  };
}
