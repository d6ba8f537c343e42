import { setTimeout as wait } from 'node:timers/promises';
import { finishNarrowings } from '@hallpass/database';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** How long after a failure it is tried again, in ms. */
const PAUSE = 30_000;

/** Takes up, when the service starts, the changes of grants that it was stopped in; until then those grants answer 503. */
@Injectable()
export class NarrowingRecovery implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('grants');
  readonly #stop = new AbortController();

  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    void this.#recover();
  }

  onModuleDestroy(): void {
    this.#stop.abort();
  }

  async #recover(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        return await finishNarrowings(this.dataSource);
      } catch (error) {
        if (signal.aborted) return;
        this.#logger.error({ stack: (error as Error).stack });
        await wait(PAUSE, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }
}
