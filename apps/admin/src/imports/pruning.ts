import { pruneHistory } from '@hallpass/database';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

const HOUR_MS = 3_600_000;

/** Forgets, hour by hour, the pictures and events that are older than they are kept. */
@Injectable()
export class Pruning implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('pruning');
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.prune(), HOUR_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  async prune(): Promise<void> {
    try {
      const versions = await pruneHistory(this.dataSource, new Date());
      if (versions > 0) this.#logger.log({ versions });
    } catch (error) {
      this.#logger.error({ stack: (error as Error).stack });
    }
  }
}
