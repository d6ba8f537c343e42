import {
  DEFAULT_RATE_POLICIES,
  type Brownout,
  type RatePolicy,
  type SunsetPlan,
  type SunsetStep,
} from '@hallpass/domain';
import { firstRow, type Sql } from './sql.js';

/** The plan and the policies that every service enforces. */
export interface RulesInForce {
  plan: SunsetPlan;
  /** By name; the defaults where nobody has changed them. */
  policies: ReadonlyMap<string, RatePolicy>;
}

type Dated<T> = { [K in keyof T]: T[K] extends Date ? string : T[K] };

interface RulesJson {
  plan: {
    announcedAt: string | null;
    steps: Dated<SunsetStep>[];
    brownouts: Dated<Brownout>[];
    refusedAt: string | null;
  };
  policies: RatePolicy[];
}

const dateOrNull = (text: string | null) => (text === null ? null : new Date(text));

export async function readRules(sql: Sql): Promise<RulesInForce> {
  const row = await firstRow<{ rules: RulesJson }>(sql, 'select rules_in_force() rules');
  if (!row) throw new Error('the database has no rules');
  const { plan, policies } = row.rules;
  const all = [...DEFAULT_RATE_POLICIES, ...policies];
  return {
    plan: {
      announcedAt: dateOrNull(plan.announcedAt),
      steps: plan.steps.map(({ from, requestsPerMinute }) => ({ from: new Date(from), requestsPerMinute })),
      brownouts: plan.brownouts.map(({ from, until }) => ({ from: new Date(from), until: new Date(until) })),
      refusedAt: dateOrNull(plan.refusedAt),
    },
    policies: new Map(all.map((policy) => [policy.name, policy])),
  };
}
