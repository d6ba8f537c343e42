import { createFirstOperator, parseKeyring } from '@hallpass/database';
import { join } from 'node:path';
import type { InstallationKeys } from './installation-keys.js';
import { readIfThere, writePrivate } from './private-file.js';

export const OPERATOR_TOKEN_FILE = 'operator-token';

/** The first operator's token, issued with a new database and kept; issued anew when its file is gone. */
export async function openOperatorToken(
  folder: string,
  databaseUrl: string,
  { pepper }: InstallationKeys,
  isNewDatabase: boolean,
): Promise<string> {
  const file = join(folder, OPERATOR_TOKEN_FILE);
  const kept = isNewDatabase ? undefined : await readIfThere(file);
  if (kept !== undefined) return kept;
  const { token } = await createFirstOperator(databaseUrl, { peppers: parseKeyring(pepper) });
  await writePrivate(file, token);
  return token;
}
