import type { Sql } from '@hallpass/database';
import type { DataSource } from 'typeorm';

const FRESH_MS = 5000;
const PATIENCE_MS = 1000;

/** A reading of the database that many may ask for, and that loads it as one who asks every few seconds. */
export class Sampled<T> {
  #value: T | undefined;
  #readAt = -Infinity;
  #reading: Promise<void> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly read: (sql: Sql) => Promise<T>,
  ) {}

  /** What was read in the last seconds; undefined when it could not be, or not in time. */
  async get(): Promise<T | undefined> {
    if (performance.now() - this.#readAt > FRESH_MS) {
      // One that still waits is not joined by another.
      this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
      await Promise.race([this.#reading, patience()]);
    }
    return performance.now() - this.#readAt > FRESH_MS ? undefined : this.#value;
  }

  async #read(): Promise<void> {
    const value = await this.dataSource
      .transaction(async (tx) => {
        await tx.query(`set local statement_timeout = ${PATIENCE_MS}`);
        return this.read(tx);
      })
      .catch(() => undefined);
    // A failure counts as a reading too: who could not answer is not asked again at once.
    [this.#value, this.#readAt] = [value, performance.now()];
  }
}

function patience(): Promise<void> {
  return new Promise((done) => setTimeout(done, PATIENCE_MS).unref());
}
