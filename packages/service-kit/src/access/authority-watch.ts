import { poolOf, readRules, type AuthoritySubject, type RulesInForce } from '@hallpass/database';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { DataSource } from 'typeorm';

/** The safety net beneath NOTIFY: a revocation reaches every process within this time and a query's. */
export const POLL_MS = 500;

export interface AuthorityChange {
  type: AuthoritySubject;
  id: string;
}

/**
 * Keeps a process's view of who may do what no older than half a second: it listens for changes and polls for those it did
 * not hear of. While a poll fails, `isCurrent` is false: nothing cached may be used, and everything is asked anew.
 */
@Injectable()
export class AuthorityWatch implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('authority');
  readonly #forgetters: ((change: AuthorityChange) => void)[] = [];
  #mark: string | null = null;
  #isCurrent = false;
  #rules: RulesInForce | undefined;
  #timer: NodeJS.Timeout | undefined;
  #listener: PoolClient | undefined;
  #polling: Promise<void> | undefined;
  #isStopped = false;

  constructor(private readonly dataSource: DataSource) {}

  async onModuleInit(): Promise<void> {
    await this.#poll();
    if (!this.#isCurrent) throw new Error('the database does not answer');
  }

  onApplicationShutdown(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#listener?.release(true);
  }

  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  /** The plan and the policies, as of the last poll. */
  get rules(): RulesInForce {
    if (!this.#rules) throw new Error('the rules have not been read yet');
    return this.#rules;
  }

  /** The work is called for each change, before anything that came after it is cached. */
  onChange(forget: (change: AuthorityChange) => void): void {
    this.#forgetters.push(forget);
  }

  /** Looks for changes now, or joins a look that is under way; for a test, and for NOTIFY. */
  async look(): Promise<void> {
    await this.#polling;
    await this.#poll();
  }

  async #poll(): Promise<void> {
    clearTimeout(this.#timer);
    this.#polling = this.#pollOnce().finally(() => {
      this.#polling = undefined;
      if (!this.#isStopped) this.#timer = setTimeout(() => void this.#poll(), POLL_MS).unref();
    });
    await this.#polling;
  }

  async #pollOnce(): Promise<void> {
    try {
      await this.#listen();
      const { next, changes } = await this.#changes();
      const isFirst = this.#mark === null;
      this.#mark = next;
      for (const change of changes) for (const forget of this.#forgetters) forget(change);
      if (isFirst || changes.some(({ type }) => type === 'rules'))
        this.#rules = await readRules(this.dataSource);
      if (!this.#isCurrent && !isFirst) this.#logger.log('changes of authority are seen again');
      this.#isCurrent = true;
    } catch (error) {
      if (this.#isStopped) return;
      if (this.#isCurrent)
        this.#logger.error(
          `changes of authority cannot be seen: ${error instanceof Error ? error.message : ''}`,
        );
      this.#isCurrent = false;
    }
  }

  async #changes(): Promise<{ next: string; changes: AuthorityChange[] }> {
    const [row] = await this.dataSource.query<
      { answer: { next: string; changes: [AuthoritySubject, string][] } }[]
    >('select authority_changes_since($1) answer', [this.#mark]);
    if (!row) throw new Error('no answer');
    const { next, changes } = row.answer;
    return { next, changes: changes.map(([type, id]) => ({ type, id })) };
  }

  async #listen(): Promise<void> {
    if (this.#listener) return;
    const client = await poolOf(this.dataSource).connect();
    client.on('notification', () => void this.look());
    client.on('error', () => {
      this.#listener = undefined;
      client.release(true);
    });
    this.#listener = client;
    await client.query('listen authority_changes');
  }
}
