import { openApiText } from '@hallpass/service-kit';
import { AppModule } from './app.module.js';
import { AdminConfig } from './config.js';

/** The text of this service's openapi.json. */
export function contractText(): Promise<string> {
  const config = new AdminConfig();
  const key = Buffer.alloc(32).toString('base64');
  Object.assign(config, { HALLPASS_TOKEN_PEPPER: key, HALLPASS_MASTER_KEY: key });
  return openApiText(
    AppModule.for(config),
    'Hallpass admin',
    'What staff do: partners, apps, districts, imports, grants, and the retirement of API keys.',
  );
}
