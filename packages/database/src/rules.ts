import {
  DEFAULT_CONCURRENCY_POLICY,
  DEFAULT_RATE_POLICIES,
  LimitTable,
  type Brownout,
  type LimitPolicy,
  type RateOverride,
  type SunsetPlan,
  type SunsetStep,
} from '@hallpass/domain';
import { firstRow, type Sql } from './sql.js';

/** The plan and the limits that every service enforces. */
export interface RulesInForce {
  plan: SunsetPlan;
  /** By name; the defaults where nobody has changed them. */
  policies: ReadonlyMap<string, LimitPolicy>;
  /** The policies with the overrides in force. */
  limits: LimitTable;
  /** How far the demo's clock has been moved. */
  clockOffsetMs: number;
}

type Dated<T> = { [K in keyof T]: T[K] extends Date ? string : T[K] };

/** A plan as JSON has it. */
export interface SunsetPlanJson {
  announcedAt: string | null;
  steps: readonly Dated<SunsetStep>[];
  brownouts: readonly Dated<Brownout>[];
  refusedAt: string | null;
}

interface RulesJson {
  plan: SunsetPlanJson;
}

interface LimitsJson {
  policies: LimitPolicy[];
  overrides: (Omit<RateOverride, 'expiresAt'> & { expiresAt: string | null })[];
}

const dateOrNull = (text: string | null) => (text === null ? null : new Date(text));

export async function readRules(sql: Sql): Promise<RulesInForce> {
  const row = await firstRow<{ rules: RulesJson; limits: LimitsJson; offset: string }>(
    sql,
    'select rules_in_force() rules, limits_in_force() limits, clock_offset() "offset"',
  );
  if (!row) throw new Error('the database has no rules');
  const { plan } = row.rules;
  return {
    plan: toSunsetPlan(plan),
    ...limitsOf(row.limits),
    clockOffsetMs: Number(row.offset),
  };
}

/** The columns of a sunset plan, in a row of that alias, as toSunsetPlan reads them. */
export function sunsetPlanJson(alias: string): string {
  return `jsonb_build_object('announcedAt', ${alias}.announced_at, 'steps', ${alias}.steps,
    'brownouts', ${alias}.brownouts, 'refusedAt', ${alias}.refused_at)`;
}

export function toSunsetPlan({ announcedAt, steps, brownouts, refusedAt }: SunsetPlanJson): SunsetPlan {
  return {
    announcedAt: dateOrNull(announcedAt),
    steps: steps.map(({ from, ...step }) => ({ from: new Date(from), ...step })),
    brownouts: brownouts.map(({ from, until }) => ({ from: new Date(from), until: new Date(until) })),
    refusedAt: dateOrNull(refusedAt),
  };
}

function limitsOf({ policies: changed, overrides }: LimitsJson): Pick<RulesInForce, 'policies' | 'limits'> {
  const all = [...DEFAULT_RATE_POLICIES, DEFAULT_CONCURRENCY_POLICY, ...changed];
  const policies = new Map(all.map((policy) => [policy.name, policy]));
  const dated = overrides.map((each) => ({ ...each, expiresAt: dateOrNull(each.expiresAt) }));
  return { policies, limits: new LimitTable(policies, dated) };
}
