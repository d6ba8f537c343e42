import {
  forgetOldSessions,
  forgetOldUses,
  keepDayPartitions,
  keepTokens,
  replaceDerivedKeys,
  resealTokens,
  type InstallationKeys,
} from '@hallpass/database';
import { INSTALLATION_KEYS } from '@hallpass/service-kit';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

const ROUND_MS = 60_000;
/** What time brings about by itself: partitions come and go, tokens near their expiry are succeeded and announced. */
@Injectable()
export class Housekeeping implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('housekeeping');
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async onModuleInit(): Promise<void> {
    // A week of partitions is there already; that today's could not be made is no reason not to start.
    await this.#attempt(() => keepDayPartitions(this.dataSource, new Date()));
    await this.#attempt(() => replaceDerivedKeys(this.dataSource, this.keys, resealTokens));
    this.#next();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** One round as of an instant. What fails is tried again in the next, and keeps nothing else from being done. */
  async keep(now: Date): Promise<void> {
    await this.#attempt(() => keepDayPartitions(this.dataSource, now));
    await this.#attempt(() => forgetOldUses(this.dataSource, now));
    await this.#attempt(() => forgetOldSessions(this.dataSource, now));
    await this.#attempt(() => keepTokens(this.dataSource, this.keys, now));
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
      this.#logger.error({ stack: first instanceof Error ? first.stack : undefined });
    }
  }

  #next(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#round = this.keep(new Date()).finally(() => this.#next());
    }, ROUND_MS).unref();
  }
}
