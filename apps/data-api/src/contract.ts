import { openApiDocument } from '@hallpass/service-kit';
import { AppModule } from './app.module.js';
import { DataApiConfig } from './config.js';
import { splitByVersion } from './versions/split-contract.js';

/** The texts of this service's OpenAPI files by name: one for each version, and one for what has none. */
export async function contractTexts(): Promise<Record<string, string>> {
  const config = new DataApiConfig();
  const key = Buffer.alloc(32).toString('base64');
  Object.assign(config, { HALLPASS_TOKEN_PEPPER: key });
  const whole = await openApiDocument(
    AppModule.for(config),
    'Hallpass data API',
    'Reads rosters in the words of Clever’s API, as a district shares them with an app.',
  );
  const files = splitByVersion(whole);
  return Object.fromEntries(
    Object.entries(files).map(([name, document]) => [name, `${JSON.stringify(document, null, 2)}\n`]),
  );
}
