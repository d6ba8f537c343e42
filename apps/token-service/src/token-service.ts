import type { ServiceOptions } from '@hallpass/service-kit';
import { AppModule } from './app.module.js';
import type { TokenServiceConfig } from './config.js';
import { writeOAuthError } from './oauth/oauth-error.js';

/** The token service, ready to be created. */
export function tokenService(config: TokenServiceConfig, isQuiet = false): ServiceOptions {
  return { module: AppModule.for(config), config, writeError: writeOAuthError, isQuiet };
}
