import { hkdfSync } from 'node:crypto';
import type { AppId, DistrictId } from '@hallpass/domain';
import type { Sql } from './sql.js';

/** The secrets of an installation, which live outside the database. */
export interface InstallationKeys {
  /** Keys the hashes by which secrets are looked up. */
  pepper: Buffer;
  /** Wraps what is sealed; every district is sealed under a key of its own that follows from it. */
  masterKey: Buffer;
}

/** Reads the two keys as 32 bytes of base64 each; throws naming the one that is not. */
export function parseKeys(texts: { pepper: string; masterKey: string }): InstallationKeys {
  return { pepper: parseKey('pepper', texts.pepper), masterKey: parseKey('master key', texts.masterKey) };
}

function parseKey(name: string, text: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32) throw new Error(`the ${name} has to be 32 bytes of base64, not ${key.length}`);
  return key;
}

/** The key under which a district's tokens are sealed. */
export function districtSealKey(keys: InstallationKeys, districtId: DistrictId): Buffer {
  return Buffer.from(hkdfSync('sha256', keys.masterKey, districtId, 'hallpass district seal', 32));
}

/** The key under which the signing secrets of an app's webhooks are sealed. */
export function webhookSealKey(_sql: Sql, keys: InstallationKeys, appId: AppId): Promise<Buffer> {
  return Promise.resolve(Buffer.from(hkdfSync('sha256', keys.masterKey, appId, 'hallpass webhook seal', 32)));
}
