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
  policies: RatePolicy[];
}

const dateOrNull = (text: string | null) => (text === null ? null : new Date(text));

export async function readRules(sql: Sql): Promise<RulesInForce> {
  const row = await firstRow<{ rules: RulesJson; offset: string }>(
    sql,
    'select rules_in_force() rules, clock_offset() "offset"',
  );
  if (!row) throw new Error('the database has no rules');
  const { plan, policies } = row.rules;
  const all = [...DEFAULT_RATE_POLICIES, ...policies];
  return {
    plan: toSunsetPlan(plan),
    policies: new Map(all.map((policy) => [policy.name, policy])),
    clockOffsetMs: Number(row.offset),
  };
}

export function toSunsetPlan({ announcedAt, steps, brownouts, refusedAt }: SunsetPlanJson): SunsetPlan {
  return {
    announcedAt: dateOrNull(announcedAt),
    steps: steps.map(({ from, ...step }) => ({ from: new Date(from), ...step })),
    brownouts: brownouts.map(({ from, until }) => ({ from: new Date(from), until: new Date(until) })),
    refusedAt: dateOrNull(refusedAt),
  };
}
