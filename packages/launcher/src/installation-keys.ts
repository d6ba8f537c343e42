import { createHmac, randomBytes } from 'node:crypto';
import { parseKeyring } from '@hallpass/database';
import { join } from 'node:path';
import { type Service, SERVICES } from './config.js';
import { LaunchError } from './launch-error.js';
import { readIfThere, writePrivate } from './private-file.js';

/** Keyrings, at first of one key each. Without them no token can be looked up or shown again. */
export interface InstallationKeys {
  pepper: string;
  masterKey: string;
}

/** The keys of this installation, made on the first start. */
export async function openKeys(folder: string): Promise<InstallationKeys> {
  const file = join(folder, 'keys.json');
  const text = await readIfThere(file);
  if (text !== undefined) return parse(text, file);
  const keys = { pepper: randomBytes(32).toString('base64'), masterKey: randomBytes(32).toString('base64') };
  await writePrivate(file, `${JSON.stringify(keys, null, 2)}\n`);
  return keys;
}

/** What each service signs in to the database with: it follows from the master key, so that nothing more is kept. */
export function servicePasswords({ masterKey }: InstallationKeys): Record<Service, string> {
  const passwordOf = (service: Service): string =>
    createHmac('sha256', masterKey).update(`database login of ${service}`).digest('base64url');
  return Object.fromEntries(SERVICES.map((service) => [service, passwordOf(service)])) as Record<
    Service,
    string
  >;
}

function parse(text: string, file: string): InstallationKeys {
  try {
    const { pepper, masterKey } = JSON.parse(text) as Partial<InstallationKeys>;
    if (isKey(pepper) && isKey(masterKey)) return { pepper, masterKey };
  } catch {
    // Falls through to the same sentence.
  }
  throw new LaunchError(
    `${file} is damaged. Put back a copy; without these keys every token has to be issued anew.`,
  );
}

function isKey(text: string | undefined): text is string {
  try {
    return text !== undefined && parseKeyring(text).versions.size > 0;
  } catch {
    return false;
  }
}
