import { setTimeout as wait } from 'node:timers/promises';
import { ChannelListener, PreviewDesk } from '@hallpass/database';
import { SERVICE_CONFIG } from '@hallpass/service-kit';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AdminConfig } from '../config.js';

/** How often it is looked whether something was missed. */
const LOOK = 5000;

/** Answers what districts ask to see before they share, for the service that may read no roster. */
@Injectable()
export class Previews implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('previews');
  readonly #stop = new AbortController();
  readonly #listener: ChannelListener;
  readonly #desk: PreviewDesk;
  #wake: () => void = () => undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(dataSource: DataSource, @Inject(SERVICE_CONFIG) config: AdminConfig) {
    this.#desk = new PreviewDesk(dataSource);
    const place = { url: config.DATABASE_URL, service: 'admin', channel: 'previews_awaiting' } as const;
    this.#listener = new ChannelListener(place, () => this.#wake());
  }

  async onModuleInit(): Promise<void> {
    await this.#listener.open();
    this.#working = this.#work();
  }

  async onModuleDestroy(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#listener.close();
    await this.#working;
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      try {
        await this.#desk.answerAll();
      } catch (error) {
        if (!signal.aborted) this.#logger.error({ stack: (error as Error).stack });
        await wait(1000, undefined, { signal, ref: false }).catch(() => undefined);
        continue;
      }
      await Promise.race([woken, wait(LOOK, undefined, { signal, ref: false }).catch(() => undefined)]);
    }
  }
}
