import { PLATFORM_EVENT_RETENTION_DAYS } from '@hallpass/domain';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { WebhooksRepository } from '../webhooks/webhooks.repository.js';
import { PlatformEventsRepository } from './platform-events.repository.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * Forgets, hour by hour, the platform events that are older than they are kept, their deliveries, and the secrets that have
 * been rotated away.
 */
@Injectable()
export class EventPruning implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('pruning');
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly events: PlatformEventsRepository,
    private readonly webhooks: WebhooksRepository,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.prune(new Date()), HOUR_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  async prune(now: Date): Promise<void> {
    try {
      const before = new Date(now.getTime() - PLATFORM_EVENT_RETENTION_DAYS * DAY_MS);
      const platformEvents = await this.events.prune(before);
      await this.webhooks.dropEndedSeals(this.dataSource);
      if (platformEvents > 0) this.#logger.log({ platformEvents });
    } catch (error) {
      this.#logger.error({ stack: (error as Error).stack });
    }
  }
}
