import { poolOf, readRules, type AuthoritySubject, type RulesInForce, type Sql } from '@hallpass/database';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { DataSource } from 'typeorm';

/** The safety net beneath NOTIFY: a revocation reaches every process within this time and a query's. */
export const POLL_MS = 500;
/** A view older than this is not used: what a poll leaves of the second within which a revocation has to bite. */
const VIEW_MS = 1000;
/** A database that has not answered a look by now is taken to be away. */
const LOOK_MS = 2000;

export interface AuthorityChange {
  type: AuthoritySubject;
  id: string;
}

/**
 * Keeps a process's view of who may do what no older than half a second: it listens for changes and polls for those it did
 * not hear of, both on a connection of its own, so that busy requests cannot keep it waiting. While a poll fails or hangs,
 * `isCurrent` is false: nothing cached may be used, and everything is asked anew.
 */
@Injectable()
export class AuthorityWatch implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('authority');
  readonly #forgetters: ((change: AuthorityChange) => void)[] = [];
  #mark: string | null = null;
  /** When the last look that succeeded began, on the monotonic clock. */
  #seenAt = -Infinity;
  #isAway = false;
  #rules: RulesInForce | undefined;
  #timer: NodeJS.Timeout | undefined;
  #client: PoolClient | undefined;
  #looking: Promise<void> = Promise.resolve();
  #nextLook: Promise<void> | undefined;
  #isStopped = false;

  constructor(private readonly dataSource: DataSource) {}

  async onModuleInit(): Promise<void> {
    await this.look();
    if (!this.isCurrent) throw new Error('the database does not answer');
  }

  /** Afterwards no connection is held, so that the pool can end. */
  async onApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#drop();
    await this.#looking;
  }

  get isCurrent(): boolean {
    return performance.now() - this.#seenAt < VIEW_MS;
  }

  /** Since the last look that succeeded began; infinite when the last one failed. */
  get ageSeconds(): number {
    return (performance.now() - this.#seenAt) / 1000;
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

  /** A look that begins after this call. However many ask while one is under way, one more serves them all. */
  look(): Promise<void> {
    this.#nextLook ??= this.#looking.then(() => {
      this.#nextLook = undefined;
      this.#looking = this.#look();
      return this.#looking;
    });
    return this.#nextLook;
  }

  async #look(): Promise<void> {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    const begunAt = performance.now();
    try {
      await this.#readChanges(await this.#connect());
      this.#seenAt = begunAt;
      if (this.#isAway) this.#logger.log('changes of authority are seen again');
      this.#isAway = false;
    } catch (error) {
      this.#drop();
      this.#seenAt = -Infinity;
      if (!this.#isAway && !this.#isStopped)
        this.#logger.error(
          `changes of authority cannot be seen: ${error instanceof Error ? error.message : ''}`,
        );
      this.#isAway = true;
    }
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.look(), POLL_MS).unref();
  }

  async #readChanges(client: PoolClient): Promise<void> {
    const query = {
      text: 'select authority_changes_since($1) answer',
      values: [this.#mark],
      query_timeout: LOOK_MS,
    };
    const { rows } = await client.query<{ answer: { next: string; changes: [AuthoritySubject, string][] } }>(
      query,
    );
    if (!rows[0]) throw new Error('no answer');
    const { next, changes } = rows[0].answer;
    for (const [type, id] of changes) for (const forget of this.#forgetters) forget({ type, id });
    if (!this.#rules || changes.some(([type]) => type === 'rules'))
      this.#rules = await readRules(sqlOf(client));
    // Only now: what a look could not finish, the next one is told again.
    this.#mark = next;
  }

  /** The connection that listens; a new one when the last has gone. */
  async #connect(): Promise<PoolClient> {
    if (this.#client) return this.#client;
    const client = await poolOf(this.dataSource).connect();
    this.#client = client;
    client.on('notification', () => void this.look());
    client.on('error', () => {
      if (this.#client === client) this.#drop();
    });
    if (this.#isStopped) throw new Error('stopped');
    const listen = { text: 'listen authority_changes', query_timeout: LOOK_MS };
    await client.query(listen);
    return client;
  }

  #drop(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.release(true);
  }
}

function sqlOf(client: PoolClient): Sql {
  return {
    async query(text, values) {
      const query = { text, values: values ?? [], query_timeout: LOOK_MS };
      return (await client.query<Record<string, unknown>>(query)).rows;
    },
  };
}
