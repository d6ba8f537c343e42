import { forgetOldUses, keepDayPartitions, keepTokens, type InstallationKeys } from '@hallpass/database';
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
    await keepDayPartitions(this.dataSource, new Date());
    this.#next();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** One round as of an instant. */
  async keep(now: Date): Promise<void> {
    await keepDayPartitions(this.dataSource, now);
    await keepTokens(this.dataSource, this.keys, now);
    await forgetOldUses(this.dataSource, now);
  }

  #next(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#round = this.keep(new Date())
        .catch((error: unknown) => this.#logger.error({ stack: (error as Error).stack }))
        .finally(() => this.#next());
    }, ROUND_MS).unref();
  }
}
