import { recordUses, type CredentialUse } from '@hallpass/database';
import type { ClientSecretId, Credential } from '@hallpass/domain';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { Clock } from '../clock.js';

const FLUSH_MS = 20_000;
/** Beyond so many, further pairs of address and user agent of a credential are counted together until the next flush. */
const PAIRS_MAX = 10;
const AGENT_LENGTH_MAX = 200;

/** Whose use is counted. Of access tokens it is that of the secret they were given for. */
type Used = Credential | { type: 'client-secret'; id: ClientSecretId };

/**
 * Where credentials are used from, collected in memory and written three times a minute in one statement: no request waits for
 * it. What a process that is killed had not yet written is lost, which is the price.
 */
@Injectable()
export class CredentialUses implements OnModuleDestroy {
  readonly #logger = new Logger('uses');
  readonly #uses = new Map<string, Map<string, CredentialUse>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  count(credential: Used, { ip, headers }: Pick<FastifyRequest, 'ip' | 'headers'>, at: Date): void {
    const now = this.clock.at(at);
    if (credential.type === 'access-token') return;
    let ofCredential = this.#uses.get(credential.id);
    if (!ofCredential) this.#uses.set(credential.id, (ofCredential = new Map()));
    const agent = headers['user-agent'] ?? '';
    let key = `${ip}\0${agent}`;
    let use = ofCredential.get(key);
    if (!use) {
      const isFull = ofCredential.size >= PAIRS_MAX;
      if (isFull) use = ofCredential.get((key = '\0'));
      use ??= {
        type: credential.type,
        id: credential.id,
        address: isFull ? '' : ip,
        userAgent: isFull ? '' : printable(agent),
        firstAt: now,
        lastAt: now,
        uses: 0,
      };
      ofCredential.set(key, use);
      this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
    }
    use.lastAt = now;
    use.uses += 1;
  }

  /** Writes what was counted. When the database does not take it, it is kept for the next time. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uses = [...this.#uses.values()].flatMap((ofCredential) => [...ofCredential.values()]);
    if (uses.length === 0) return;
    this.#uses.clear();
    try {
      await recordUses(this.dataSource, uses);
    } catch (error) {
      this.#logger.warn(`uses were not written: ${error instanceof Error ? error.message : ''}`);
      if (this.#uses.size === 0) for (const use of uses) this.#keep(use);
    }
  }

  async onModuleDestroy(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
  }

  #keep(use: CredentialUse): void {
    let ofCredential = this.#uses.get(use.id);
    if (!ofCredential) this.#uses.set(use.id, (ofCredential = new Map()));
    ofCredential.set(`${use.address}\0${use.userAgent}`, use);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }
}

/** What a stranger sent is shown to people later: no control characters, and no more than a line. */
function printable(agent: string): string {
  return agent.replace(/[^\x20-\x7e]/g, '?').slice(0, AGENT_LENGTH_MAX);
}
