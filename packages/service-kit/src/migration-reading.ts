import {
  callsByDay,
  districtMigrations,
  keyPlaces,
  keyRoutes,
  migrationFacts,
  readRules,
} from '@hallpass/database';
import { DomainError, isInLiveUse, LIVE_USE_DAYS, type AppId } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from './clock.js';
import type { ListPage, ListQuery } from './list-page.js';
import {
  toMigrationResponse,
  type MigrationDetailResponse,
  type MigrationResponse,
} from './migration-response.js';

/** How many days of calls are shown of an app. */
const DAYS = 30;

/** Reads how far apps have come from their API keys to tokens; for the services that may read the directory. */
@Injectable()
export class MigrationReading {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** The apps that have or had a key. */
  async list({ limit, startingAfter }: ListQuery): Promise<ListPage<MigrationResponse>> {
    const now = this.clock.now();
    const { plan } = await readRules(this.dataSource);
    const found = await migrationFacts(this.dataSource, { startingAfter, limit: limit + 1 }, now);
    const page = found.slice(0, limit);
    return {
      data: page.map((facts) => toMigrationResponse(facts, plan, now)),
      next: found.length > limit ? (page.at(-1)?.appId ?? null) : null,
    };
  }

  /** One app, with what its state rests on. */
  async one(appId: AppId): Promise<MigrationDetailResponse> {
    const now = this.clock.now();
    const { plan } = await readRules(this.dataSource);
    const [facts] = await migrationFacts(this.dataSource, { appId }, now);
    if (!facts) throw new DomainError('not-found', 'No app has this id.');
    const [days, routes, places, byDistrict] = await Promise.all([
      callsByDay(this.dataSource, appId, DAYS, now),
      keyRoutes(this.dataSource, appId, LIVE_USE_DAYS, now),
      keyPlaces(this.dataSource, appId),
      districtMigrations(this.dataSource, appId, now),
    ]);
    return {
      ...toMigrationResponse(facts, plan, now),
      days,
      keyRoutes: routes,
      keyPlaces: places,
      byDistrict: byDistrict.map((each) => ({ ...each, isOnTokens: isInLiveUse(each.tokenUsedAt, now) })),
    };
  }
}
