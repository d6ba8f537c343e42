import { readRules, recordPlatformEvent, type Sql } from '@hallpass/database';
import { stageEvent, stageMark, sunsetStage } from '@hallpass/domain';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KeyStagesRepository } from './key-stages.repository.js';

const POLL_MS = 15_000;

/**
 * Tells an app with live API keys, once, when the sunset plan has moved them into another stage. Of several processes one
 * does so at a time, and by the database's clock, so that no two see the plan at different instants.
 */
@Injectable()
export class KeyStages implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('key stages');
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly stages: KeyStagesRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#telling = this.#tick();
    }, POLL_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#telling;
  }

  /** Tells the apps whose stage has changed; how many that were. */
  tell(): Promise<number> {
    return this.dataSource.transaction(async (tx) =>
      (await this.stages.isOurTurn(tx)) ? this.#tellAll(tx) : 0,
    );
  }

  async #tick(): Promise<void> {
    try {
      await this.tell();
    } catch (error) {
      this.#logger.error({ stack: (error as Error).stack });
    }
  }

  async #tellAll(tx: Sql): Promise<number> {
    const { plan } = await readRules(tx);
    const now = await this.stages.now(tx);
    let changed = 0;
    for (const { appId, mark, extendedUntil, reason } of await this.stages.keyedApps(tx)) {
      const extension = extendedUntil && { until: extendedUntil, reason: reason ?? '' };
      const stage = sunsetStage(plan, extension, now);
      if (stageMark(stage) === mark) continue;
      await this.stages.mark(tx, appId, stageMark(stage));
      const event = stageEvent(stage);
      if (event) await recordPlatformEvent(tx, { ...event, appId, districtId: null });
      changed += 1;
    }
    return changed;
  }
}
