import { RatePolicies, readRules, recordAudit, recordAuthorityChange, type Actor } from '@hallpass/database';
import { DomainError, RATE_MODES, ratePolicyFaults, type RateMode, type RatePolicy } from '@hallpass/domain';
import { OperatorAccess } from '@hallpass/service-kit';
import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional } from 'class-validator';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';

class RatePolicyRequest {
  @ApiProperty({ minimum: 1 })
  @IsInt()
  requestsMax!: number;

  @ApiProperty({ minimum: 1, maximum: 86_400 })
  @IsInt()
  windowSeconds!: number;

  @ApiPropertyOptional({ enum: RATE_MODES, default: 'enforce' })
  @IsOptional()
  @IsIn(RATE_MODES)
  mode?: RateMode;
}

/** The named limits. */
@ApiTags('rate-policies')
@Controller('v1/rate-policies')
export class RatePoliciesController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the rate policies in force' })
  async list() {
    const { policies } = await readRules(this.dataSource);
    return { data: [...policies.values()], next: null };
  }

  @Put(':name')
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Changes a rate policy; every service goes by it within a second' })
  async set(
    @Param('name') name: string,
    @Body() request: RatePolicyRequest,
    @CurrentActor() actor: Actor,
  ): Promise<RatePolicy> {
    const before = (await readRules(this.dataSource)).policies.get(name);
    if (!before) throw new DomainError('not-found', 'No rate policy has this name.');
    const policy: RatePolicy = {
      ...before,
      requestsMax: request.requestsMax,
      windowSeconds: request.windowSeconds,
      mode: request.mode ?? 'enforce',
    };
    const faults = ratePolicyFaults(policy);
    if (faults.length > 0) throw new DomainError('policy-faulty', 'The policy was not saved.', faults);
    await this.dataSource.transaction(async (tx) => {
      await tx.upsert(RatePolicies, { ...policy, changedAt: new Date() }, ['name']);
      await recordAudit(tx, actor, {
        action: 'rate-policy.changed',
        subjectType: 'rate-policy',
        subjectId: name,
        before,
        after: policy,
      });
      await recordAuthorityChange(tx, 'rules', name);
    });
    return policy;
  }
}
