import { keepTokens, type InstallationKeys } from '@hallpass/database';
import { INSTALLATION_KEYS } from '@hallpass/service-kit';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

const ROUND_MS = 60_000;
/** Who read secrets is kept as long as a school year and the summer; where credentials were used from, for a season. */
const REVEALS_DAYS = 400;
const USES_DAYS = 100;

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
    await this.dataSource.query('select keep_day_partitions(now())');
    this.#next();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** One round as of an instant. */
  async keep(now: Date): Promise<void> {
    await this.dataSource.query('select keep_day_partitions($1)', [now]);
    await keepTokens(this.dataSource, this.keys, now);
    await this.dataSource.query('delete from token_reveals where at < $1::timestamptz - make_interval(days => $2)', [
      now,
      REVEALS_DAYS,
    ]);
    await this.dataSource.query(
      'delete from credential_uses where last_at < $1::timestamptz - make_interval(days => $2)',
      [now, USES_DAYS],
    );
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
