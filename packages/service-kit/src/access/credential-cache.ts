import { hash, randomBytes } from 'node:crypto';
import type { AuthorityChange } from './authority-watch.js';

/** This process's own: keys of its caches mean nothing elsewhere, and tell nothing of the secrets that they stand for. */
const SALT = randomBytes(32).toString('base64');

/** The key under which a secret's record is cached. A fifth of the cost of the keyed hash that the database is asked with. */
export function cacheKeyOf(secret: string): string {
  return hash('sha256', SALT + secret, 'base64');
}

/** A record is asked for anew after this long, whatever was heard. */
const FRESH_MS = 30_000;
const ENTRIES_MAX = 100_000;

interface Entry<Record> {
  record: Record;
  storedAt: number;
}

/**
 * Credentials by a hash of this process's own, with what they depend on. It holds records and never decisions, and only of credentials that
 * exist: what is unknown is kept out by the limit on failed sign-ins. A record whose reading began before some change was
 * told is not kept, for it may be older than the change.
 */
export class CredentialCache<Record extends object> {
  readonly #entries = new Map<string, Entry<Record>>();
  /** Which entries to drop when a subject changes. */
  readonly #dependents = new Map<string, Set<string>>();
  readonly #loading = new Map<string, Promise<Record | undefined>>();
  #generation = 0;
  #hits = 0;
  #misses = 0;

  /** What a record depends on, as `type:id`: when one of them changes, it is dropped. */
  constructor(private readonly subjectsOf: (record: Record) => readonly string[]) {}

  /** The record, from the cache or by one reading that all who ask at the same time share. */
  get(
    key: string,
    load: () => Promise<Record | undefined>,
    nowMs: number,
  ): Record | undefined | Promise<Record | undefined> {
    const entry = this.#entries.get(key);
    if (entry && nowMs - entry.storedAt < FRESH_MS) {
      this.#hits += 1;
      return entry.record;
    }
    this.#misses += 1;
    const loading = this.#loading.get(key);
    if (loading) return loading;
    const generation = this.#generation;
    const started = load()
      .then((record) => {
        if (record && generation === this.#generation) this.#keep(key, record, nowMs);
        return record;
      })
      .finally(() => {
        if (this.#loading.get(key) === started) this.#loading.delete(key);
      });
    this.#loading.set(key, started);
    return started;
  }

  forget({ type, id }: AuthorityChange): void {
    this.#generation += 1;
    // A reading begun before the change may not serve those who ask after it.
    this.#loading.clear();
    for (const key of this.#dependents.get(`${type}:${id}`) ?? []) this.#drop(key);
  }

  clear(): void {
    this.#generation += 1;
    this.#loading.clear();
    this.#entries.clear();
    this.#dependents.clear();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many records it holds, and how often one was there and was not. */
  state(): { size: number; hits: number; misses: number } {
    return { size: this.size, hits: this.#hits, misses: this.#misses };
  }

  #keep(key: string, record: Record, nowMs: number): void {
    this.#drop(key);
    if (this.#entries.size >= ENTRIES_MAX) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#drop(oldest);
    }
    this.#entries.set(key, { record, storedAt: nowMs });
    for (const subject of this.subjectsOf(record)) {
      let keys = this.#dependents.get(subject);
      if (!keys) this.#dependents.set(subject, (keys = new Set()));
      keys.add(key);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    for (const subject of this.subjectsOf(entry.record)) {
      const keys = this.#dependents.get(subject);
      keys?.delete(key);
      if (keys?.size === 0) this.#dependents.delete(subject);
    }
  }
}
