import {
  DomainError,
  isInLiveUse,
  momentsOf,
  refusedCalls,
  sunsetAfter,
  type AppId,
  type AppSunset,
  type PlanMoment,
  type SunsetChange,
  type SunsetPlan,
  type TimeRange,
} from '@hallpass/domain';
import { Clock } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SunsetRepository, type KeyedApp } from './sunset.repository.js';
import { requireSound, SunsetService } from './sunset.service.js';

/** The minutes of so many apps are held in memory together: at most some hundred thousand rows a day. */
const APPS_AT_ONCE = 100;

interface NamedApp {
  id: AppId;
  name: string;
}

/** What a moment of a plan would have done in the busiest of the weeks on which it was tried. */
export interface RehearsedMoment extends Omit<PlanMoment, 'weeks'> {
  /** The hours whose use was taken. */
  week: TimeRange;
  callsRefused: number;
  /** Who would have been refused calls, the most first. */
  apps: (NamedApp & { callsRefused: number })[];
}

export interface Rehearsal {
  /** From when to when the use of keys is known. */
  recorded: TimeRange;
  moments: RehearsedMoment[];
  /** Apps whose key is in live use. */
  inUse: number;
  /** Those of them that have never used a token. */
  neverUsedToken: NamedApp[];
  /** Whose keys would end sooner than now although they are in live use: while there are any, a second person is needed. */
  cut: NamedApp[];
}

/** Tries a plan on the recorded use of keys, before it is saved. */
@Injectable()
export class RehearsalService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly repository: SunsetRepository,
    private readonly sunset: SunsetService,
    private readonly clock: Clock,
  ) {}

  /** Tries a plan for all, or one for an app alone. */
  async rehearse(plan: SunsetPlan, appId: AppId | null): Promise<Rehearsal> {
    requireSound(plan);
    const now = this.clock.now();
    const { plan: standing } = await this.repository.plan(this.dataSource);
    const change: SunsetChange =
      appId === null ? { type: 'plan', plan } : { type: 'app-plan', appId, plan, reason: null };
    const apps = await this.repository.keyedApps(this.dataSource, appId);
    if (appId !== null && apps.length === 0)
      throw new DomainError('not-found', 'No app of this id has a live key.');
    const sunsets = new Map<AppId, AppSunset>();
    for (const app of apps) {
      const after = sunsetAfter(change, standing, app)?.after;
      if (after) sunsets.set(app.id, after);
    }
    const recorded = await this.repository.recordedUse(this.dataSource, now);
    const names = new Map(apps.map(({ id, name }) => [id, name]));
    const moments: RehearsedMoment[] = [];
    for (const moment of momentsOf(plan, recorded, now))
      moments.push(await this.#busiest(moment, sunsets, names));
    const inUse = apps.filter(({ keyUsedAt }) => isInLiveUse(keyUsedAt, now));
    return {
      recorded,
      moments,
      inUse: inUse.length,
      neverUsedToken: inUse.filter(({ tokenUsedAt }) => tokenUsedAt === null).map(named),
      cut: (await this.sunset.cutBy(this.dataSource, change, standing, now)).map(named),
    };
  }

  async #busiest(
    { weeks, ...moment }: PlanMoment,
    sunsets: ReadonlyMap<AppId, AppSunset>,
    names: ReadonlyMap<AppId, string>,
  ): Promise<RehearsedMoment> {
    let busiest: RehearsedMoment | undefined;
    for (const week of weeks) {
      const apps: RehearsedMoment['apps'] = [];
      const ids = [...sunsets.keys()];
      for (let at = 0; at < ids.length; at += APPS_AT_ONCE) {
        const some = await this.repository.keyMinutes(
          this.dataSource,
          week,
          ids.slice(at, at + APPS_AT_ONCE),
        );
        for (const [id, minutes] of some) {
          const { plan, extension } = sunsets.get(id) as AppSunset;
          const callsRefused = refusedCalls(plan, extension, { weeks, ...moment }, week, minutes);
          if (callsRefused > 0) apps.push({ id, name: names.get(id) ?? id, callsRefused });
        }
      }
      apps.sort((a, b) => b.callsRefused - a.callsRefused);
      const callsRefused = apps.reduce((sum, each) => sum + each.callsRefused, 0);
      if (!busiest || callsRefused > busiest.callsRefused) busiest = { ...moment, week, callsRefused, apps };
    }
    if (!busiest) throw new Error('a moment has at least one week');
    return busiest;
  }
}

function named({ id, name }: KeyedApp): NamedApp {
  return { id, name };
}
