import { setTimeout as wait } from 'node:timers/promises';
import { ChannelListener, finishAwaiting, finishNarrowings, type InstallationKeys } from '@hallpass/database';
import { INSTALLATION_KEYS, SERVICE_CONFIG } from '@hallpass/service-kit';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AdminConfig } from '../config.js';

/** How long after a failure the changes of before are tried again, in ms. */
const PAUSE = 30_000;
/** How often it is looked whether something was missed. */
const LOOK = 5000;

/**
 * Makes what grants show, for services that may read no roster: it takes up, when it starts, the changes that it was stopped in,
 * and from then on whatever was agreed to elsewhere, as soon as it is told.
 */
@Injectable()
export class GrantPublication implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('grants');
  readonly #stop = new AbortController();
  readonly #listener: ChannelListener;
  #wake: () => void = () => undefined;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
    @Inject(SERVICE_CONFIG) config: AdminConfig,
  ) {
    const place = { url: config.DATABASE_URL, service: 'admin', channel: 'grants_awaiting' } as const;
    this.#listener = new ChannelListener(place, () => this.#wake());
  }

  async onModuleInit(): Promise<void> {
    await this.#listener.open();
    void this.#work();
  }

  async onModuleDestroy(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#listener.close();
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    // Taken up until it has succeeded once; what is new does not wait for it.
    let isRecovered = false;
    let triedAt = -Infinity;
    while (!signal.aborted) {
      // Asked for before it is looked: what comes in between is not missed.
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await this.#attempt(() => finishAwaiting(this.dataSource, this.keys));
      if (!isRecovered && performance.now() - triedAt >= PAUSE) {
        triedAt = performance.now();
        isRecovered = await this.#attempt(() => finishNarrowings(this.dataSource));
      }
      await Promise.race([woken, wait(LOOK, undefined, { signal, ref: false }).catch(() => undefined)]);
    }
  }

  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#logger.error({ stack: stackOf(error) });
      return false;
    }
  }
}

/** Of several failures that of the first. */
function stackOf(error: unknown): string | undefined {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.stack : undefined;
}
