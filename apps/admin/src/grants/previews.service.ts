import { PreviewDesk } from '@hallpass/database';
import { SERVICE_CONFIG } from '@hallpass/service-kit';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AdminConfig } from '../config.js';
import { WokenWork } from '../woken-work.js';

/** Answers what districts ask to see before they share, for the service that may read no roster. */
@Injectable()
export class Previews implements OnModuleInit, OnModuleDestroy {
  readonly #work: WokenWork;

  constructor(dataSource: DataSource, @Inject(SERVICE_CONFIG) config: AdminConfig) {
    const desk = new PreviewDesk(dataSource, (error) => this.#work.log(error));
    const place = { url: config.DATABASE_URL, channel: 'previews_awaiting' };
    this.#work = new WokenWork(place, () => desk.answerAll(), { isAtOnce: true });
  }

  onModuleInit(): Promise<void> {
    return this.#work.open();
  }

  onModuleDestroy(): Promise<void> {
    return this.#work.close();
  }
}
