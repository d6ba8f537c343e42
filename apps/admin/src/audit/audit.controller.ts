import { ACTOR_TYPES } from '@hallpass/database';
import { ID_MESSAGE, ID_PATTERN, OperatorAccess } from '@hallpass/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDate, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { AuditRepository } from './audit.repository.js';

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

  @ApiPropertyOptional({ enum: ACTOR_TYPES, description: 'Only what such actors did' })
  @IsOptional()
  @IsIn(ACTOR_TYPES)
  actorType?: string;

  @ApiPropertyOptional({ description: 'Only what this actor did' })
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  actorId?: string;

  @ApiPropertyOptional({
    maxLength: 60,
    description: 'Only this action, or those that begin so: `grant.` finds all that happens to grants',
  })
  @IsOptional()
  @Matches(/^[a-z.-]{1,60}$/, { message: 'action is of small letters, dots and hyphens: grant.approved' })
  action?: string;

  @ApiPropertyOptional({ maxLength: 60, description: 'Only what happened to subjects of this type' })
  @IsOptional()
  @Matches(/^[a-z-]{1,60}$/, { message: 'subjectType is of small letters and hyphens: api-key' })
  subjectType?: string;

  @ApiPropertyOptional({ description: 'Only what happened to this subject' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  subjectId?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Only from then on' })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  from?: Date;

  @ApiPropertyOptional({ format: 'date-time', description: 'Only before then' })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  until?: Date;
}

const TEXT_OR_NULL = { type: String, nullable: true } as const;

class AuditEntryResponse {
  @ApiProperty() id!: number;
  @ApiProperty({ format: 'date-time' }) at!: Date;
  @ApiProperty({ enum: ACTOR_TYPES }) actorType!: string;
  @ApiProperty(TEXT_OR_NULL) actorId!: string | null;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'What the actor is called now' }) actorName!: string | null;
  @ApiProperty() action!: string;
  @ApiProperty() subjectType!: string;
  @ApiProperty() subjectId!: string;
  @ApiProperty(TEXT_OR_NULL) districtId!: string | null;
  @ApiProperty({ type: Object, nullable: true }) before!: object | null;
  @ApiProperty({ type: Object, nullable: true }) after!: object | null;
  @ApiProperty(TEXT_OR_NULL) requestId!: string | null;
}

class AuditPage {
  @ApiProperty({ type: [AuditEntryResponse] }) data!: AuditEntryResponse[];
  @ApiProperty(TEXT_OR_NULL) next!: string | null;
}

/** What was changed by whom. */
@ApiTags('audit')
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly repository: AuditRepository) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the audit log, newest first' })
  @ApiOkResponse({ type: AuditPage })
  async list(@Query() { limit, startingAfter, ...filter }: AuditQuery): Promise<AuditPage> {
    const found = await this.repository.list(filter, { before: startingAfter, limit: limit + 1 });
    const data = found.slice(0, limit);
    const last = data.at(-1);
    return { data, next: found.length > limit && last ? String(last.id) : null };
  }
}
