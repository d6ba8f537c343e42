import { Apps, recordAudit, recordAuthorityChange, type Actor, type Sql } from '@hallpass/database';
import {
  cutsSooner,
  DomainError,
  newId,
  sunsetAfter,
  sunsetPlanFaults,
  type AppId,
  type ProposalId,
  type SunsetChange,
  type SunsetPlan,
} from '@hallpass/domain';
import { Clock } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { SunsetRepository, type KeyedApp, type Proposal } from './sunset.repository.js';

/**
 * Changes the sunset plan, one change at a time. One that would end the keys of apps in live use sooner is written down as a
 * proposal, and made when a second person approves it.
 */
@Injectable()
export class SunsetService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly repository: SunsetRepository,
    private readonly clock: Clock,
  ) {}

  /** The proposal that the change became; null when it has been made. */
  async change(change: SunsetChange, actor: Actor): Promise<Proposal | null> {
    if (change.type !== 'extension' && change.plan) requireSound(change.plan);
    return this.dataSource.transaction(async (tx) => {
      const { plan, revision } = await this.repository.plan(tx, 'locked');
      if (change.type !== 'plan') await this.#requireSubject(tx, change);
      const cut = await this.cutBy(tx, change, plan, this.clock.now());
      if (cut.length === 0) {
        await this.#make(tx, change, actor);
        return null;
      }
      const id = newId<ProposalId>();
      await this.repository.propose(tx, {
        id,
        change,
        revision,
        appIds: cut.map((app) => app.id),
        proposedBy: actor.id,
      });
      await recordAudit(tx, actor, {
        action: 'sunset-plan.proposed',
        subjectType: 'proposal',
        subjectId: id,
        after: { ...change, appIds: cut.map((app) => app.id) },
      });
      return this.#one(tx, id);
    });
  }

  /** The apps whose keys a change would end sooner although they are in live use. */
  async cutBy(sql: Sql, change: SunsetChange, plan: SunsetPlan, now: Date): Promise<KeyedApp[]> {
    const apps = await this.repository.keyedApps(sql, change.type === 'plan' ? null : change.appId);
    return apps.filter((app) => {
      const sunset = sunsetAfter(change, plan, app);
      return sunset !== undefined && cutsSooner({ ...sunset, keyUsedAt: app.keyUsedAt }, now);
    });
  }

  approve(id: ProposalId, actor: Actor): Promise<Proposal> {
    return this.dataSource.transaction(async (tx) => {
      const { revision } = await this.repository.plan(tx, 'locked');
      const proposal = await this.#waiting(tx, id);
      if (proposal.proposedBy === actor.id)
        throw new DomainError(
          'second-person-needed',
          'You proposed this change; another operator has to approve it.',
        );
      if (proposal.revision !== revision)
        throw new DomainError(
          'proposal-outdated',
          'Decline it, look at the plan as it is now, and propose it again.',
        );
      await this.repository.decide(tx, id, 'approved', actor.id);
      await recordAudit(tx, actor, {
        action: 'sunset-plan.approved',
        subjectType: 'proposal',
        subjectId: id,
        after: { proposedBy: proposal.proposedBy, appIds: proposal.apps.map((app) => app.id) },
      });
      await this.#make(tx, proposal.change, actor);
      return this.#one(tx, id);
    });
  }

  decline(id: ProposalId, actor: Actor): Promise<Proposal> {
    return this.dataSource.transaction(async (tx) => {
      await this.repository.plan(tx, 'locked');
      await this.#waiting(tx, id);
      await this.repository.decide(tx, id, 'declined', actor.id);
      await recordAudit(tx, actor, {
        action: 'sunset-plan.declined',
        subjectType: 'proposal',
        subjectId: id,
      });
      return this.#one(tx, id);
    });
  }

  async #make(tx: Sql, change: SunsetChange, actor: Actor): Promise<void> {
    const before = await this.#standing(tx, change);
    await this.repository.write(tx, change, actor.id);
    await recordAudit(tx, actor, { ...subjectOf(change), ...(before ? { before } : {}), ...afterOf(change) });
    if (change.type === 'plan') await recordAuthorityChange(tx, 'rules', 'sunset-plan');
    else await recordAuthorityChange(tx, 'app', change.appId);
  }

  async #standing(tx: Sql, change: SunsetChange): Promise<object | undefined> {
    switch (change.type) {
      case 'plan':
        return (await this.repository.plan(tx)).plan;
      case 'app-plan':
        return (await this.repository.appPlans(tx, change.appId))[0];
      case 'extension':
        return (await this.repository.extensions(tx, change.appId))[0];
    }
  }

  async #requireSubject(tx: EntityManager, change: Exclude<SunsetChange, { type: 'plan' }>): Promise<void> {
    if (!(await tx.existsBy(Apps, { id: change.appId })))
      throw new DomainError('not-found', 'No app has this id.');
    const isWithdrawal = change.type === 'extension' ? !change.extension : !change.plan;
    if (!isWithdrawal || (await this.#standing(tx, change))) return;
    const what = change.type === 'extension' ? 'extension' : 'plan of its own';
    throw new DomainError('not-found', `The app has no ${what}.`);
  }

  async #waiting(tx: Sql, id: ProposalId): Promise<Proposal> {
    const proposal = await this.#one(tx, id);
    if (proposal.status !== 'waiting')
      throw new DomainError(
        'proposal-decided',
        `It was ${proposal.status} on ${proposal.decidedAt?.toISOString()}.`,
      );
    return proposal;
  }

  async #one(sql: Sql, id: ProposalId): Promise<Proposal> {
    const [proposal] = await this.repository.proposals(sql, { id });
    if (!proposal) throw new DomainError('not-found', 'No proposal has this id.');
    return proposal;
  }
}

/** Refuses a plan that contradicts itself. */
export function requireSound(plan: SunsetPlan): void {
  const faults = sunsetPlanFaults(plan);
  if (faults.length > 0)
    throw new DomainError(
      'plan-faulty',
      'The plan was not saved; `faults` says what contradicts what.',
      faults,
    );
}

function subjectOf(change: SunsetChange): { action: string; subjectType: string; subjectId: string | AppId } {
  if (change.type === 'plan')
    return { action: 'sunset-plan.changed', subjectType: 'sunset-plan', subjectId: 'sunset-plan' };
  const subject = { subjectType: 'app', subjectId: change.appId };
  if (change.type === 'extension')
    return {
      action: change.extension ? 'sunset-plan.extended' : 'sunset-plan.extension-withdrawn',
      ...subject,
    };
  return { action: change.plan ? 'sunset-plan.app-plan-set' : 'sunset-plan.app-plan-withdrawn', ...subject };
}

function afterOf(change: SunsetChange): { after?: object } {
  if (change.type === 'extension') return change.extension ? { after: change.extension } : {};
  if (change.type === 'plan') return { after: change.plan };
  return change.plan ? { after: { plan: change.plan, reason: change.reason } } : {};
}
