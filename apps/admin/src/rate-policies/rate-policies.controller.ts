import { RatePolicies, readRules, recordAudit, recordAuthorityChange, type Actor } from '@hallpass/database';
import {
  DomainError,
  RATE_PRESETS,
  isRate,
  numbersFaults,
  withNumbers,
  type LimitPolicy,
} from '@hallpass/domain';
import { OperatorAccess } from '@hallpass/service-kit';
import { Body, Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource, type EntityManager } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { RatePolicyRequest, numbersOf } from './rate-policies.dto.js';

/** The named limits. */
@ApiTags('rate-policies')
@Controller('v1')
export class RatePoliciesController {
  constructor(private readonly dataSource: DataSource) {}

  @Get('rate-policies')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the rate policies in force' })
  async list() {
    const { policies } = await readRules(this.dataSource);
    return { data: [...policies.values()], next: null };
  }

  @Put('rate-policies/:name')
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Changes a rate policy; every service goes by it within a second' })
  async set(
    @Param('name') name: string,
    @Body() request: RatePolicyRequest,
    @CurrentActor() actor: Actor,
  ): Promise<LimitPolicy> {
    const before = (await readRules(this.dataSource)).policies.get(name);
    if (!before) throw new DomainError('not-found', 'No rate policy has this name.');
    const numbers = numbersOf(request);
    const faults = numbersFaults(before, numbers);
    if (faults.length > 0) throw new DomainError('policy-faulty', 'The policy was not saved.', faults);
    const policy = withNumbers(before, numbers);
    await this.dataSource.transaction((tx) => change(tx, before, policy, actor));
    return policy;
  }

  @Get('rate-presets')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists sets of policies to begin with' })
  presets() {
    const data = Object.entries(RATE_PRESETS).map(([name, policies]) => ({ name, policies }));
    return { data, next: null };
  }

  @Post('rate-presets/:name/apply')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Changes all policies that a preset names, and leaves the others as they are' })
  async apply(@Param('name') name: string, @CurrentActor() actor: Actor) {
    const preset = Object.entries(RATE_PRESETS).find(([each]) => each === name)?.[1];
    if (!preset) throw new DomainError('not-found', 'No preset has this name.');
    const { policies } = await readRules(this.dataSource);
    await this.dataSource.transaction(async (tx) => {
      for (const policy of preset) await change(tx, policies.get(policy.name), policy, actor);
    });
    return { data: preset, next: null };
  }
}

async function change(
  tx: EntityManager,
  before: LimitPolicy | undefined,
  after: LimitPolicy,
  actor: Actor,
): Promise<void> {
  const burst = isRate(after) ? (after.burst ?? null) : null;
  await tx.upsert(RatePolicies, { ...after, burst, changedAt: new Date() }, ['name']);
  await recordAudit(tx, actor, {
    action: 'rate-policy.changed',
    subjectType: 'rate-policy',
    subjectId: after.name,
    before,
    after,
  });
  await recordAuthorityChange(tx, 'rules', after.name);
}
