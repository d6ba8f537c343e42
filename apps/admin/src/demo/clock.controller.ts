import { recordAudit, recordAuthorityChange, type Actor } from '@hallpass/database';
import { OperatorAccess } from '@hallpass/service-kit';
import { Body, Controller, Put } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsDate } from 'class-validator';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';

class ClockRequest {
  /** What the clock shall show now. */
  @Type(() => Date)
  @IsDate()
  now!: Date;
}

/** The demo's clock; with MOVABLE_CLOCK alone. */
@Controller('v1/demo/clock')
export class DemoClockController {
  constructor(private readonly dataSource: DataSource) {}

  @Put()
  @OperatorAccess('operate')
  async move(@Body() { now }: ClockRequest, @CurrentActor() actor: Actor): Promise<{ now: Date }> {
    await this.dataSource.transaction(async (tx) => {
      await tx.query('update movable_clock set offset_ms = $1', [now.getTime() - Date.now()]);
      await recordAudit(tx, actor, {
        action: 'demo-clock.moved',
        subjectType: 'demo-clock',
        subjectId: 'demo-clock',
        after: { now },
      });
      await recordAuthorityChange(tx, 'rules', 'demo-clock');
    });
    return { now };
  }
}
