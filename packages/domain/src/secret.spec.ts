import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  claimedType,
  equalHashes,
  hashSecret,
  isImportableKey,
  isWellFormedSecret,
  maskSecret,
  newSecret,
  openSecret,
  sealSecret,
  SECRET_PATTERN,
  SECRET_PREFIXES,
  type SecretType,
} from './secret.js';

const types = Object.keys(SECRET_PREFIXES) as SecretType[];
const pepper = Buffer.alloc(32, 3);

describe('newSecret', () => {
  it.each(types)('a %s is well formed, claims its type and matches what a scanner looks for', (type) => {
    const secret = newSecret(type);
    expect(isWellFormedSecret(type, secret)).toBe(true);
    expect(claimedType(secret)).toBe(type);
    expect(secret).toMatch(SECRET_PATTERN);
    expect(encodeURIComponent(secret)).toBe(secret);
  });

  it('is well formed for its own type alone', () => {
    for (const type of types) {
      const secret = newSecret(type);
      expect(types.filter((other) => isWellFormedSecret(other, secret))).toEqual([type]);
    }
  });
});

describe('isWellFormedSecret', () => {
  it('refuses a secret with any one character changed', () => {
    const secret = newSecret('token');
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_';
    for (let at = 0; at < secret.length; at += 1) {
      for (const character of alphabet) {
        if (character === secret[at]) continue;
        const changed = secret.slice(0, at) + character + secret.slice(at + 1);
        if (isWellFormedSecret('token', changed)) throw new Error(`passed with ${character} at ${at}`);
      }
    }
  });

  it('refuses two neighbours swapped, and a character too few or too many', () => {
    const secret = newSecret('token');
    for (let at = 0; at < secret.length - 1; at += 1) {
      if (secret[at] === secret[at + 1]) continue;
      const swapped = `${secret.slice(0, at)}${secret[at + 1]}${secret[at]}${secret.slice(at + 2)}`;
      expect(isWellFormedSecret('token', swapped)).toBe(false);
    }
    expect(isWellFormedSecret('token', secret.slice(0, -1))).toBe(false);
    expect(isWellFormedSecret('token', `${secret}0`)).toBe(false);
  });

  it('refuses any other text without throwing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !isWellFormedSecret('token', text)));
  });
});

describe('maskSecret', () => {
  it.each(types)('shows of a %s its prefix and the end of its checksum, never the body', (type) => {
    const secret = newSecret(type);
    const body = secret.slice(6, -6);
    const masked = maskSecret(secret);
    expect(masked).toBe(`${SECRET_PREFIXES[type]}_…${secret.slice(-4)}`);
    for (let at = 0; at + 5 <= body.length; at += 1) expect(masked).not.toContain(body.slice(at, at + 5));
  });

  it('shows at most a quarter of a key from elsewhere', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-9;-~]{8,128}$/), (key) => {
        fc.pre(claimedType(key) === undefined);
        return maskSecret(key).length - 1 <= key.length / 4;
      }),
    );
  });

  it('shows nothing of a text too short to be a secret', () => {
    expect(maskSecret('abc')).toBe('…');
    expect(maskSecret('')).toBe('…');
  });
});

describe('isImportableKey', () => {
  it.each([
    ['8 characters', 'DEMO_KEY', true],
    ['7 characters', 'DEMOKEY', false],
    ['128 characters', 'k'.repeat(128), true],
    ['129 characters', 'k'.repeat(129), false],
    ['a colon', 'DEMO:KEY1', false],
    ['a space', 'DEMO KEY1', false],
    ['a letter beyond ASCII', 'DEMO_KEÝ1', false],
    ['a line end', 'DEMO_KEY1\n', false],
    ['a claim to be ours', 'hpkey_12345', false],
  ])('%s', (_, key, expected) => {
    expect(isImportableKey(key)).toBe(expected);
  });
});

describe('hashSecret', () => {
  it('is equal for equal secrets under one pepper, and for nothing else', () => {
    const hash = hashSecret(pepper, 'secret');
    expect(equalHashes(hash, hashSecret(pepper, 'secret'))).toBe(true);
    expect(equalHashes(hash, hashSecret(pepper, 'secret '))).toBe(false);
    expect(equalHashes(hash, hashSecret(Buffer.alloc(32, 4), 'secret'))).toBe(false);
    expect(equalHashes(hash, hash.subarray(1))).toBe(false);
  });
});

describe('a sealed secret', () => {
  const key = Buffer.alloc(32, 5);
  const sealed = sealSecret(key, 'the secret', 'token 1');

  it('opens with its key and context', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (secret, context) => {
        expect(openSecret(key, sealSecret(key, secret, context), context)).toBe(secret);
      }),
    );
  });

  it('is another text each time, and holds nothing readable', () => {
    expect(sealSecret(key, 'the secret', 'token 1')).not.toEqual(sealed);
    expect(sealed.includes('secret')).toBe(false);
  });

  it('does not open under another key', () => {
    expect(() => openSecret(Buffer.alloc(32, 6), sealed, 'token 1')).toThrow();
  });

  it('does not open in the place of another row', () => {
    expect(() => openSecret(key, sealed, 'token 2')).toThrow();
  });

  it('does not open with any one bit changed', () => {
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => openSecret(key, changed, 'token 1')).toThrow();
    }
  });

  it('does not open when cut short anywhere', () => {
    for (let length = 0; length < sealed.length; length += 1)
      expect(() => openSecret(key, sealed.subarray(0, length), 'token 1')).toThrow();
  });
});
