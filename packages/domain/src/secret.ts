import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The secrets that Hallpass issues, each with the prefix that tells people, logs and secret scanners what it is.
 * Shape: prefix, `_`, 43 base62 characters (256 bits), 6 base62 characters of CRC-32 over all that stands before.
 * Only `[A-Za-z0-9_]`: HTTP Basic needs no escaping, and a double click selects the whole.
 */
export const SECRET_PREFIXES = {
  token: 'hptok',
  apiKey: 'hpkey',
  clientSecret: 'hpsec',
  operatorToken: 'hpops',
  accessToken: 'hpacc',
  portalToken: 'hpdst',
  invitation: 'hpinv',
  authorizationCode: 'hpcod',
  session: 'hpses',
  personLink: 'hplnk',
  viewing: 'hpvie',
} as const;
export type SecretType = keyof typeof SECRET_PREFIXES;

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BODY_LENGTH = 43;
const CHECKSUM_LENGTH = 6;

/** What a scanner looks for; every secret of ours matches, and hardly anything else does. */
export const SECRET_PATTERN = /\bhp(?:tok|key|sec|ops|acc|dst|inv|cod|ses|lnk|vie)_[0-9A-Za-z]{49}\b/;

/** A fresh secret of the given type. Shown once by whoever issues it; only its keyed hash is kept for look-up. */
export function newSecret(type: SecretType): string {
  const text = `${SECRET_PREFIXES[type]}_${randomBody()}`;
  return text + checksum(text);
}

/** The greatest byte that is taken, so that every character is as likely as any other. */
const BYTE_MAX = Math.floor(256 / ALPHABET.length) * ALPHABET.length - 1;

function randomBody(): string {
  let body = '';
  while (body.length < BODY_LENGTH) {
    for (const byte of randomBytes(BODY_LENGTH + 8)) {
      if (byte <= BYTE_MAX && body.length < BODY_LENGTH) body += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return body;
}

/** True when the text has the prefix, length and checksum of that type: what can be refused before any look-up. */
export function isWellFormedSecret(type: SecretType, text: string): boolean {
  const prefixLength = SECRET_PREFIXES[type].length + 1;
  if (text.length !== prefixLength + BODY_LENGTH + CHECKSUM_LENGTH) return false;
  if (!text.startsWith(`${SECRET_PREFIXES[type]}_`)) return false;
  return checksum(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH);
}

/** The type that a secret's prefix claims, checksum unseen; undefined for a stranger's (an imported key has no prefix). */
export function claimedType(text: string): SecretType | undefined {
  const prefix = text.slice(0, 6);
  return (Object.keys(SECRET_PREFIXES) as SecretType[]).find(
    (type) => prefix === `${SECRET_PREFIXES[type]}_`,
  );
}

function checksum(text: string): string {
  let rest = crc32(text);
  let out = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i += 1) {
    out = ALPHABET.charAt(rest % 62) + out;
    rest = Math.floor(rest / 62);
  }
  return out;
}

/** A secret as people may see it anywhere: its prefix and last four characters, or a quarter of a short key's. */
export function maskSecret(text: string): string {
  const type = claimedType(text);
  const shown = Math.min(4, Math.floor(text.length / 4));
  return `${type ? `${SECRET_PREFIXES[type]}_` : ''}…${text.slice(text.length - shown)}`;
}

/**
 * A key of another system that an operator may bring along: 8 to 128 visible ASCII characters without a colon (HTTP Basic
 * cuts there), and none that claims to be a secret of ours.
 */
export function isImportableKey(text: string): boolean {
  return /^[!-9;-~]{8,128}$/.test(text) && claimedType(text) === undefined;
}

/** The look-up key of a secret: HMAC-SHA-256 under a pepper that is not in the database. */
export function hashSecret(pepper: Buffer, secret: string): Buffer {
  return createHmac('sha256', pepper).update(secret).digest();
}

/** Equality of two hashes in constant time. */
export function equalHashes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEAL_VERSION = 1;

/**
 * A secret sealed with AES-256-GCM so that its owner can be shown it again: version byte, nonce, ciphertext, tag. The
 * context (which row it belongs to) is authenticated: a sealed secret moved to another row does not open.
 */
export function sealSecret(key: Buffer, secret: string, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.from([SEAL_VERSION]), nonce, sealed, cipher.getAuthTag()]);
}

/** Opens what sealSecret made; throws when the key, the context or any bit differs. */
export function openSecret(key: Buffer, sealed: Buffer, context: string): string {
  if (sealed[0] !== SEAL_VERSION) throw new Error('unknown seal version');
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const body = sealed.subarray(1 + NONCE_BYTES, -TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return decipher.update(body, undefined, 'utf8') + decipher.final('utf8');
}
