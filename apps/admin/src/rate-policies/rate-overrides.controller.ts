import {
  Apps,
  Districts,
  RateOverrides,
  firstRow,
  readRules,
  recordAudit,
  recordAuthorityChange,
  type Actor,
  type RateOverrideRow,
} from '@hallpass/database';
import { DomainError, newId, rateOverrideFaults, type Id, type RateOverride } from '@hallpass/domain';
import { IdPipe, LATEST_FIRST, OperatorAccess, listPage } from '@hallpass/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource, type FindOptionsWhere } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { withNames } from '../subject-names.js';
import { RateOverrideListQuery, RateOverrideRequest, numbersOf } from './rate-policies.dto.js';

/** Other limits for single apps and districts. */
@ApiTags('rate-policies')
@Controller('v1/rate-overrides')
export class RateOverridesController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({
    summary: 'Lists overrides, of an app or a district where one is named, with what these are called',
  })
  async list(@Query() query: RateOverrideListQuery) {
    const { appId, districtId } = query;
    const where: FindOptionsWhere<RateOverrideRow> = {
      ...(appId ? { appId } : {}),
      ...(districtId ? { districtId } : {}),
    };
    const { manager } = this.dataSource;
    const { data, next } = await listPage(manager, RateOverrides, query, (row) => row, {
      order: LATEST_FIRST,
      where,
    });
    return { data: await withNames(manager, data), next };
  }

  @Put()
  @OperatorAccess('operate')
  @ApiOperation({
    summary: 'Sets the override of a policy for an app, a district, or the two; it replaces the one before',
  })
  async set(@Body() request: RateOverrideRequest, @CurrentActor() actor: Actor) {
    const { policy: name, reason } = request;
    const appId = request.appId ?? null;
    const districtId = request.districtId ?? null;
    const policy = (await readRules(this.dataSource)).policies.get(name);
    if (!policy) throw new DomainError('not-found', 'No rate policy has this name.');
    if (appId && !(await this.dataSource.manager.existsBy(Apps, { id: appId })))
      throw new DomainError('not-found', 'No app has this id.');
    if (districtId && !(await this.dataSource.manager.existsBy(Districts, { id: districtId })))
      throw new DomainError('not-found', 'No district has this id.');
    const expiresAt = request.expiresAt ?? null;
    const numbers = numbersOf(request);
    const override: RateOverride = { policy: name, appId, districtId, ...numbers, reason, expiresAt };
    const faults = rateOverrideFaults(policy, override, new Date());
    if (faults.length > 0) throw new DomainError('policy-faulty', 'The override was not saved.', faults);
    const { requestsMax, windowSeconds, burst = null, mode } = numbers;
    const place = [newId(), name, appId, districtId];
    const values = [...place, requestsMax, windowSeconds, burst, mode, reason, expiresAt, actor.id];
    return this.dataSource.transaction(async (tx) => {
      const kept = await firstRow<{ id: Id<'rate-override'> }>(
        tx,
        `insert into rate_overrides (id, policy, app_id, district_id, requests_max, window_seconds, burst, mode,
           reason, expires_at, approved_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (policy, app_id, district_id) do update set requests_max = excluded.requests_max,
           window_seconds = excluded.window_seconds, burst = excluded.burst, mode = excluded.mode,
           reason = excluded.reason, expires_at = excluded.expires_at, approved_by = excluded.approved_by,
           created_at = now()
         returning id`,
        values,
      );
      const { id } = kept as { id: Id<'rate-override'> };
      await recordAudit(tx, actor, {
        action: 'rate-override.set',
        subjectType: 'rate-override',
        subjectId: id,
        ...(districtId ? { districtId } : {}),
        after: override,
      });
      await recordAuthorityChange(tx, 'rules', name);
      return { id, ...override };
    });
  }

  @Delete(':id')
  @HttpCode(204)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Removes an override: what is less specific is in force again' })
  async remove(@Param('id', IdPipe) id: Id<'rate-override'>, @CurrentActor() actor: Actor): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      const before = await tx.findOneBy(RateOverrides, { id });
      const { affected } = await tx.delete(RateOverrides, { id });
      if (!before || affected === 0) throw new DomainError('not-found', 'No override has this id.');
      await recordAudit(tx, actor, {
        action: 'rate-override.removed',
        subjectType: 'rate-override',
        subjectId: id,
        ...(before.districtId ? { districtId: before.districtId } : {}),
        before,
      });
      await recordAuthorityChange(tx, 'rules', before.policy);
    });
  }
}
