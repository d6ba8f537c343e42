import { Apps, readRules, recordAudit, recordAuthorityChange, rows, type Actor } from '@hallpass/database';
import { DomainError, sunsetPlanFaults, type AppId, type SunsetPlan } from '@hallpass/domain';
import { IdPipe, OperatorAccess } from '@hallpass/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { ExtensionRequest, SunsetPlanRequest, toSunsetPlan } from './sunset.dto.js';

/** How API keys are retired, and who has more time. */
@ApiTags('sunset-plan')
@Controller('v1/sunset-plan')
export class SunsetController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Gives the plan and its extensions' })
  async show() {
    const { plan } = await readRules(this.dataSource);
    const extensions = await rows<{ appId: AppId; until: Date; reason: string }>(
      this.dataSource,
      'select app_id "appId", until, reason from sunset_extensions order by app_id',
    );
    return { ...plan, extensions };
  }

  @Put()
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Replaces the plan; every service goes by it within a second' })
  async set(@Body() request: SunsetPlanRequest, @CurrentActor() actor: Actor) {
    const plan = toSunsetPlan(request);
    const faults = sunsetPlanFaults(plan);
    if (faults.length > 0)
      throw new DomainError(
        'plan-faulty',
        'The plan was not saved; `faults` says what contradicts what.',
        faults,
      );
    const before = await readRules(this.dataSource);
    await this.dataSource.transaction(async (tx) => {
      await tx.query(
        `update sunset_plan set announced_at = $1, steps = $2, brownouts = $3, refused_at = $4, changed_at = now()`,
        [plan.announcedAt, JSON.stringify(plan.steps), JSON.stringify(plan.brownouts), plan.refusedAt],
      );
      await recordAudit(tx, actor, {
        action: 'sunset-plan.changed',
        subjectType: 'sunset-plan',
        subjectId: 'sunset-plan',
        before: before.plan satisfies SunsetPlan,
        after: plan,
      });
      await recordAuthorityChange(tx, 'rules', 'sunset-plan');
    });
    return this.show();
  }

  @Put('extensions/:appId')
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Gives an app more time' })
  async extend(
    @Param('appId', IdPipe) appId: AppId,
    @Body() request: ExtensionRequest,
    @CurrentActor() actor: Actor,
  ) {
    if (!(await this.dataSource.manager.existsBy(Apps, { id: appId })))
      throw new DomainError('not-found', 'No app has this id.');
    const { until, reason } = request;
    await this.dataSource.transaction(async (tx) => {
      await tx.query(
        `insert into sunset_extensions (app_id, until, reason, approved_by) values ($1, $2, $3, $4)
         on conflict (app_id) do update set until = excluded.until, reason = excluded.reason,
           approved_by = excluded.approved_by, created_at = now()`,
        [appId, until, reason, actor.id],
      );
      await recordAudit(tx, actor, {
        action: 'sunset-plan.extended',
        subjectType: 'app',
        subjectId: appId,
        after: { until, reason },
      });
      await recordAuthorityChange(tx, 'app', appId);
    });
    return { appId, until, reason };
  }

  @Delete('extensions/:appId')
  @HttpCode(204)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Takes an app’s extension back' })
  async withdraw(@Param('appId', IdPipe) appId: AppId, @CurrentActor() actor: Actor): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      const gone = await rows(tx, 'delete from sunset_extensions where app_id = $1 returning app_id', [
        appId,
      ]);
      if (gone.length === 0) throw new DomainError('not-found', 'The app has no extension.');
      await recordAudit(tx, actor, {
        action: 'sunset-plan.extension-withdrawn',
        subjectType: 'app',
        subjectId: appId,
      });
      await recordAuthorityChange(tx, 'app', appId);
    });
  }
}
