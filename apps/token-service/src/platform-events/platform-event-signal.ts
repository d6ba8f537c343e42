import { ChannelListener } from '@hallpass/database';
import { SERVICE_CONFIG } from '@hallpass/service-kit';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { TokenServiceConfig } from '../config.js';

/** Says within this process that a platform event may have been written, by whatever process. */
@Injectable()
export class PlatformEventSignal implements OnModuleInit, OnModuleDestroy {
  readonly #listener: ChannelListener;
  readonly #hearers = new Set<() => void>();
  readonly #end = new AbortController();

  constructor(@Inject(SERVICE_CONFIG) config: TokenServiceConfig) {
    const place = { url: config.DATABASE_URL, service: 'token-service', channel: 'platform_events' } as const;
    this.#listener = new ChannelListener(place, () => {
      for (const hear of this.#hearers) hear();
    });
  }

  async onModuleInit(): Promise<void> {
    await this.#listener.open();
  }

  async onModuleDestroy(): Promise<void> {
    this.#end.abort();
    await this.#listener.close();
  }

  /** Aborted once the process is told to end: whoever waits then waits no longer. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  /** The work is called whenever there may be something new; what is returned ends that. */
  onEvent(work: () => void): () => void {
    this.#hearers.add(work);
    return () => void this.#hearers.delete(work);
  }

  /** Waits until there may be something new, or for so long at the most. */
  next(waitMs: number, until: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const ends = AbortSignal.any([until, this.#end.signal, AbortSignal.timeout(waitMs)]);
      const done = () => {
        forget();
        ends.removeEventListener('abort', done);
        resolve();
      };
      const forget = this.onEvent(done);
      if (ends.aborted) done();
      else ends.addEventListener('abort', done);
    });
  }
}
