import { AuditLog } from '@hallpass/database';
import { OperatorAccess } from '@hallpass/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { DataSource, LessThan } from 'typeorm';

class AuditQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 1000, default: 100 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit: number = 100;

  @ApiPropertyOptional({ description: 'The `next` of the page before' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  startingAfter?: number;

  @ApiPropertyOptional({ description: 'Only what happened to this subject' })
  @IsOptional()
  @IsString()
  subjectId?: string;
}

/** What was changed by whom. */
@ApiTags('audit')
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the audit log, newest first' })
  async list(@Query() { limit, startingAfter, subjectId }: AuditQuery) {
    const found = await this.dataSource.manager.find(AuditLog, {
      where: {
        ...(startingAfter === undefined ? {} : { id: LessThan(startingAfter) }),
        ...(subjectId === undefined ? {} : { subjectId }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    const data = found.slice(0, limit);
    const last = data.at(-1);
    return { data, next: found.length > limit && last ? String(last.id) : null };
  }
}
