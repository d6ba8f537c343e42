import { openApiText } from '@hallpass/service-kit';
import { AppModule } from './app.module.js';
import { TokenServiceConfig } from './config.js';

/** The text of this service's openapi.json. */
export function contractText(): Promise<string> {
  const config = new TokenServiceConfig();
  const key = Buffer.alloc(32).toString('base64');
  Object.assign(config, { HALLPASS_TOKEN_PEPPER: key, HALLPASS_MASTER_KEY: key });
  return openApiText(
    AppModule.for(config),
    'Hallpass token service',
    'Tells an app its tokens, one for each district.',
  );
}
