import { finishAwaiting, finishNarrowings, type InstallationKeys } from '@hallpass/database';
import { INSTALLATION_KEYS, SERVICE_CONFIG } from '@hallpass/service-kit';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AdminConfig } from '../config.js';
import { WokenWork } from '../woken-work.js';

/** How long after a failure the changes of before are tried again, in ms. */
const PAUSE = 30_000;

/**
 * Makes what grants show, for services that may read no roster: it takes up, when it starts, the changes that it was stopped in,
 * and from then on whatever was agreed to elsewhere, as soon as it is told.
 */
@Injectable()
export class GrantPublication implements OnModuleInit, OnModuleDestroy {
  readonly #work: WokenWork;
  // Taken up until it has succeeded once; what is new does not wait for it.
  #isRecovered = false;
  #triedAt = -Infinity;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
    @Inject(SERVICE_CONFIG) config: AdminConfig,
  ) {
    const place = { url: config.DATABASE_URL, channel: 'grants_awaiting' };
    this.#work = new WokenWork(place, () => this.#turn());
  }

  onModuleInit(): Promise<void> {
    return this.#work.open();
  }

  onModuleDestroy(): Promise<void> {
    return this.#work.close();
  }

  async #turn(): Promise<void> {
    await this.#attempt(() => finishAwaiting(this.dataSource, this.keys));
    if (this.#isRecovered || performance.now() - this.#triedAt < PAUSE) return;
    this.#triedAt = performance.now();
    this.#isRecovered = await this.#attempt(() => finishNarrowings(this.dataSource));
  }

  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#work.log(error);
      return false;
    }
  }
}
