import { migrationFacts, readRules, recordPlatformEvent, type Sql } from '@hallpass/database';
import {
  daysLeft,
  dueEndNotice,
  isDigestDue,
  isInLiveUse,
  refusalOf,
  stageEvent,
  stageMark,
  sunsetStage,
  type AppId,
  type KeyNotice,
  type SunsetPlan,
} from '@hallpass/domain';
import { Clock, SERVICE_CONFIG } from '@hallpass/service-kit';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { TokenServiceConfig } from '../config.js';
import { Mailer } from '../mail/mailer.service.js';
import { mailOf } from './key-notices.js';
import { KeyStagesRepository, type KeyedApp } from './key-stages.repository.js';

const POLL_MS = 15_000;

/**
 * Tells an app with live API keys what the sunset plan does to them: once of each stage it comes into; at thresholds before
 * their end, while they are in use; and every week how far it has come. By webhook, by the list of events, and by mail. Of
 * several processes one does so at a time.
 */
@Injectable()
export class KeyStages implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('key stages');
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly stages: KeyStagesRepository,
    private readonly mailer: Mailer,
    @Inject(Clock) private readonly clock: Pick<Clock, 'now'>,
    @Inject(SERVICE_CONFIG) private readonly config: Pick<TokenServiceConfig, 'DOCS_URL'>,
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

  /** Tells the apps what is due at an instant; how many were told something. */
  tell(now: Date): Promise<number> {
    return this.dataSource.transaction(async (tx) =>
      (await this.stages.isOurTurn(tx)) ? this.#tellAll(tx, now) : 0,
    );
  }

  async #tick(): Promise<void> {
    try {
      await this.tell(this.clock.now());
    } catch (error) {
      this.#logger.error({ stack: (error as Error).stack });
    }
  }

  async #tellAll(tx: Sql, now: Date): Promise<number> {
    const { plan } = await readRules(tx);
    let changed = 0;
    for (const app of await this.stages.keyedApps(tx)) {
      const told = await this.#tellOne(tx, app, app.plan ?? plan, now);
      if (!told) continue;
      await this.stages.keep(tx, app.appId, told);
      changed += 1;
    }
    return changed;
  }

  /** What the app has been told afterwards; undefined when nothing was due. */
  async #tellOne(
    tx: Sql,
    { appId, extension, told }: KeyedApp,
    plan: SunsetPlan,
    now: Date,
  ): Promise<KeyedApp['told'] | undefined> {
    const stage = sunsetStage(plan, extension, now);
    const mark = stageMark(stage);
    const isNew = mark !== told.stage;
    if (isNew) {
      const event = stageEvent(stage, told.stage);
      if (event) await this.#send(tx, appId, event);
    }
    const isDigest = stage.stage !== 'open' && stage.stage !== 'refused' && isDigestDue(told.digestAt, now);
    const endsAt = refusalOf(plan, extension);
    const days = stage.stage === 'open' ? undefined : dueEndNotice(endsAt, told.ending, now);
    if (!isNew && !isDigest && days === undefined) return undefined;
    // The first digest comes a week after the first word.
    if (days !== undefined || (isDigest && told.digestAt))
      await this.#tellHowFar(tx, appId, { days, isDigest: isDigest && told.digestAt !== null, endsAt }, now);
    return {
      stage: mark,
      ending: days !== undefined && endsAt ? { days, endsAt } : told.ending,
      digestAt: isDigest ? now : told.digestAt,
    };
  }

  async #tellHowFar(
    tx: Sql,
    appId: AppId,
    due: { days: number | undefined; isDigest: boolean; endsAt: Date | null },
    now: Date,
  ): Promise<void> {
    const [facts] = await migrationFacts(tx, { appId }, now);
    if (!facts || !isInLiveUse(facts.keyUsedAt, now)) return;
    const { districts, districtsOnTokens, keyCalls, tokenCalls } = facts;
    if (due.days !== undefined && due.endsAt) {
      const data = { days: due.days, endsAt: due.endsAt.toISOString(), districts, districtsOnTokens };
      await this.#send(tx, appId, { type: 'key.ending', data });
    }
    if (due.isDigest) {
      const left = daysLeft(due.endsAt, now);
      const data = { keyCalls, tokenCalls, districts, districtsOnTokens, daysLeft: left };
      await this.#send(tx, appId, { type: 'key.digest', data });
    }
  }

  async #send(tx: Sql, appId: AppId, notice: KeyNotice): Promise<void> {
    await recordPlatformEvent(tx, { ...notice, appId, districtId: null });
    const { appName, addresses } = await this.stages.addressees(tx, appId);
    const mail = mailOf(notice, appName, this.config.DOCS_URL);
    await this.mailer.write(tx, { recipients: addresses, ...mail });
  }
}
