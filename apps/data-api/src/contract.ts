import { openApiText } from '@hallpass/service-kit';
import { AppModule } from './app.module.js';
import { DataApiConfig } from './config.js';

/** The text of this service's openapi.json. */
export function contractText(): Promise<string> {
  const config = new DataApiConfig();
  const key = Buffer.alloc(32).toString('base64');
  Object.assign(config, { HALLPASS_TOKEN_PEPPER: key, HALLPASS_MASTER_KEY: key });
  return openApiText(
    AppModule.for(config),
    'Hallpass data API',
    'Reads rosters in the words of Clever’s API v3.0, as a district shares them with an app.',
  );
}
