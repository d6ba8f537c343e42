import type { CredentialRecord } from '@hallpass/database';
import { describe, expect, it } from '@jest/globals';
import type { AuthorityChange } from '../src/access/authority-watch.js';
import { CredentialCache } from '../src/access/credential-cache.js';
import { pick, randomFrom } from './random.js';

interface Shape {
  type?: 'token' | 'api-key';
  id?: string;
  app?: string;
  grants?: string[];
}

/** What the cache looks at in a record. */
function recordOf({ type = 'token', id = 't', app = 'a', grants = ['g'] }: Shape = {}): CredentialRecord {
  return {
    credential: { type, id },
    app: { id: app },
    grants: grants.map((grant) => ({ id: grant })),
  } as never;
}

/** A reading that ends when the test says so. */
function slowReading() {
  let finish!: (record: CredentialRecord | undefined) => void;
  let fail!: (error: Error) => void;
  let calls = 0;
  const reading = new Promise<CredentialRecord | undefined>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const load = () => {
    calls += 1;
    return reading;
  };
  return { load, finish, fail, calls: () => calls };
}

const newCache = () =>
  new CredentialCache<CredentialRecord>(({ credential, app, grants }) => [
    `${credential.type}:${credential.id}`,
    `app:${app.id}`,
    ...grants.map(({ id }) => `grant:${id}`),
  ]);

const neverLoad = () => Promise.reject(new Error('it is asked of the database'));

describe('the credential cache', () => {
  it('makes one reading for all who ask at the same time, and none for those who ask after', async () => {
    const cache = newCache();
    const { load, finish, calls } = slowReading();
    const answers = Promise.all([cache.get('k', load, 0), cache.get('k', load, 0), cache.get('k', load, 0)]);
    const record = recordOf();
    finish(record);
    expect(await answers).toEqual([record, record, record]);
    expect(calls()).toBe(1);
    expect(cache.get('k', neverLoad, 29_999)).toBe(record);
  });

  it('asks anew after 30 seconds, counted from when the reading was asked for', async () => {
    const cache = newCache();
    await cache.get('k', () => Promise.resolve(recordOf()), 1000);
    const fresh = recordOf();
    expect(cache.get('k', neverLoad, 30_999)).not.toBe(fresh);
    expect(await cache.get('k', () => Promise.resolve(fresh), 31_000)).toBe(fresh);
  });

  it('keeps neither what does not exist nor a failure', async () => {
    const cache = newCache();
    expect(await cache.get('k', () => Promise.resolve(undefined), 0)).toBeUndefined();
    await expect(Promise.resolve(cache.get('k', neverLoad, 0))).rejects.toThrow('it is asked');
    expect(cache.size).toBe(0);
    const record = recordOf();
    expect(await cache.get('k', () => Promise.resolve(record), 0)).toBe(record);
  });

  it('neither keeps a reading that began before a change, nor serves it to those who ask after the change', async () => {
    const cache = newCache();
    const [old, now] = [slowReading(), slowReading()];
    const before = cache.get('k', old.load, 0);
    cache.forget({ type: 'grant', id: 'g' });
    const after = cache.get('k', now.load, 0);
    const [stale, current] = [recordOf(), recordOf()];
    old.finish(stale);
    expect(await before).toBe(stale);
    expect(cache.size).toBe(0);
    const joined = cache.get('k', neverLoad, 0);
    now.finish(current);
    expect(await after).toBe(current);
    expect(await joined).toBe(current);
    expect(cache.get('k', neverLoad, 0)).toBe(current);
  });

  it.each<AuthorityChange>([
    { type: 'token', id: 't1' },
    { type: 'app', id: 'a1' },
    { type: 'grant', id: 'g1' },
    { type: 'grant', id: 'g2' },
  ])('forgets a credential when its $type $id changes, and no other', async (change) => {
    const cache = newCache();
    const other = recordOf({ id: 't2', app: 'a2', grants: ['g3'] });
    const own = recordOf({ id: 't1', app: 'a1', grants: ['g1', 'g2'] });
    await cache.get('own', () => Promise.resolve(own), 0);
    await cache.get('other', () => Promise.resolve(other), 0);
    cache.forget(change);
    expect(cache.get('other', neverLoad, 0)).toBe(other);
    await expect(Promise.resolve(cache.get('own', neverLoad, 0))).rejects.toThrow();
  });

  it('tells an API key from a token of the same id', async () => {
    const cache = newCache();
    const key = recordOf({ type: 'api-key', id: 'same' });
    await cache.get('k', () => Promise.resolve(key), 0);
    cache.forget({ type: 'token', id: 'same' });
    expect(cache.get('k', neverLoad, 0)).toBe(key);
    cache.forget({ type: 'api-key', id: 'same' });
    expect(cache.size).toBe(0);
  });

  it('holds 100,000 credentials at the most, and lets the oldest go', async () => {
    const cache = newCache();
    for (let i = 0; i <= 100_000; i += 1)
      await cache.get(`k${i}`, () => Promise.resolve(recordOf({ id: `t${i}` })), 0);
    expect(cache.size).toBe(100_000);
    await expect(Promise.resolve(cache.get('k0', neverLoad, 0))).rejects.toThrow();
    expect(cache.get('k1', neverLoad, 0)).toBeDefined();
  });

  it('after a change is told no one who asks gets what was read before it, however readings and changes interleave', async () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = randomFrom(seed);
      const cache = newCache();
      const subjects: AuthorityChange[] = ['a1', 'a2'].map((id) => ({ type: 'app', id }));
      /** By app, how many changes were told. */
      const told = new Map<string, number>();
      const open: (() => void)[] = [];
      const asked: Promise<void>[] = [];
      for (let step = 0; step < 60; step += 1) {
        const subject = pick(random, subjects);
        const act = random();
        if (act < 0.5) {
          const asOf = told.get(subject.id) ?? 0;
          // The record bears how many changes had been told when its reading began.
          const load = () => {
            const record = { ...recordOf({ app: subject.id }), asOf: told.get(subject.id) ?? 0 };
            return new Promise<CredentialRecord>((resolve) => open.push(() => resolve(record)));
          };
          const answer = cache.get(`key of ${subject.id}`, load, 0);
          asked.push(
            Promise.resolve(answer).then((record) => {
              expect([seed, (record as unknown as { asOf: number }).asOf >= asOf]).toEqual([seed, true]);
            }),
          );
        } else if (act < 0.7) {
          told.set(subject.id, (told.get(subject.id) ?? 0) + 1);
          cache.forget(subject);
        } else if (open.length > 0) {
          open.splice(Math.floor(random() * open.length), 1)[0]!();
          // Lets what hangs on the reading run.
          await new Promise(setImmediate);
        }
      }
      for (const finish of open) finish();
      await Promise.all(asked);
    }
  });
});
