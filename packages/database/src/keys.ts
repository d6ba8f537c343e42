import { hashSecret } from '@hallpass/domain';

/** One secret of an installation in all its versions that are in use. New work is done under the primary one. */
export interface Keyring {
  primary: number;
  /** 32 bytes each, by version. */
  versions: ReadonlyMap<number, Buffer>;
}

/** The secrets of an installation, which live outside the database. */
export interface InstallationKeys {
  /** Keys the hashes by which secrets are looked up. */
  peppers: Keyring;
  /** Wraps the keys under which districts' and apps' secrets are sealed; a service that seals nothing has none. */
  masterKeys: Keyring;
}

const ENTRY = /^(?:(\d{1,6}):)?([A-Za-z0-9+/]{43}=)$/;

/**
 * Reads a keyring: 32 bytes of base64, or several with their versions, `2:base64,1:base64`, the primary one first. A key without
 * a version is version 1. Throws a sentence that says how to write it, and never the text.
 */
export function parseKeyring(text: string): Keyring {
  const entries = text
    .trim()
    .split(/[\s,]+/)
    .map((entry) => ENTRY.exec(entry));
  const versions = new Map<number, Buffer>();
  for (const entry of entries) {
    const version = Number(entry?.[1] ?? 1);
    if (!entry?.[2] || version < 1 || versions.has(version))
      throw new Error(
        'has to be 32 bytes of base64 (openssl rand -base64 32), or several as 2:base64,1:base64, the primary one first',
      );
    versions.set(version, Buffer.from(entry[2], 'base64'));
  }
  const [primary] = versions.keys();
  if (primary === undefined) throw new Error('holds no key');
  return { primary, versions };
}

/** A keyring as text, as parseKeyring reads it. */
export function keyringText({ primary, versions }: Keyring): string {
  const others = [...versions.keys()].filter((version) => version !== primary);
  return [primary, ...others]
    .map((version) => `${version}:${versions.get(version)?.toString('base64')}`)
    .join(',');
}

/** A ring of one key. */
export function singleKey(key: Buffer): Keyring {
  return { primary: 1, versions: new Map([[1, key]]) };
}

/** A ring with nothing in it, for a service that has no business with such keys. */
export const NO_KEYS: Keyring = { primary: 0, versions: new Map() };

/** The key of a version, or the error that tells the operator what is missing. */
export function keyOf({ versions }: Keyring, version: number): Buffer {
  const key = versions.get(version);
  if (!key) throw new Error(`version ${version} of a key of this installation is needed, and not configured`);
  return key;
}

/** How a new secret is looked up from now on. */
export function lookupOf(
  { peppers }: Pick<InstallationKeys, 'peppers'>,
  secret: string,
): { lookup: Buffer; pepperVersion: number } {
  return { lookup: hashSecret(keyOf(peppers, peppers.primary), secret), pepperVersion: peppers.primary };
}

/** Every hash under which a secret may be found, that of the primary pepper first. */
export function lookupsOf({ peppers }: Pick<InstallationKeys, 'peppers'>, secret: string): Buffer[] {
  const others = [...peppers.versions].filter(([version]) => version !== peppers.primary);
  return [keyOf(peppers, peppers.primary), ...others.map(([, key]) => key)].map((pepper) =>
    hashSecret(pepper, secret),
  );
}
