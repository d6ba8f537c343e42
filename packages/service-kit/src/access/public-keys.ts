import type { PublicJwk } from '@hallpass/database';
import { DomainError, type Fault } from '@hallpass/domain';
import { importJWK } from 'jose';
import { ASSERTION_ALGORITHMS } from './client-access.js';

const KEYS_MAX = 5;
/** Members of a JWK that make it a private or a symmetric key. */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const RSA_BITS_MIN = 2048;

/** Refuses what is no public key that an app's assertions can be verified with, and names every fault. */
export async function requirePublicKeys(keys: readonly Record<string, unknown>[]): Promise<PublicJwk[]> {
  const faults: Fault[] = [];
  if (keys.length > KEYS_MAX) faults.push({ field: 'publicKeys', message: `at most ${KEYS_MAX} keys` });
  for (const [i, key] of keys.entries()) {
    for (const message of await faultsOf(key)) faults.push({ field: `publicKeys[${i}]`, message });
  }
  const ids = keys.map(({ kid }) => kid);
  if (new Set(ids).size < ids.length)
    faults.push({ field: 'publicKeys', message: 'each has a kid of its own' });
  if (faults.length > 0)
    throw new DomainError('public-key-unusable', 'The public keys were not saved.', faults);
  return keys as PublicJwk[];
}

async function faultsOf(key: Record<string, unknown>): Promise<string[]> {
  if (SECRET_MEMBERS.some((member) => member in key))
    return [
      'this is a private key: send the public one alone, and use another pair, for this one has been sent',
    ];
  if (Object.values(key).some((value) => typeof value !== 'string'))
    return ['every member is text (kty, kid, alg, and those of the key)'];
  const { kid, alg } = key as Record<string, string | undefined>;
  if (!kid || kid.length > 200) return ['kid is missing: the name by which assertions refer to the key'];
  if (!alg || !ASSERTION_ALGORITHMS.includes(alg))
    return [`alg is one of ${ASSERTION_ALGORITHMS.join(', ')}`];
  try {
    const imported = await importJWK(key as unknown as PublicJwk, alg);
    const { modulusLength } = ('algorithm' in imported ? imported.algorithm : {}) as {
      modulusLength?: number;
    };
    return modulusLength !== undefined && modulusLength < RSA_BITS_MIN
      ? [`an RSA key has at least ${RSA_BITS_MIN} bits`]
      : [];
  } catch {
    return ['it cannot be read as a key of its alg'];
  }
}
