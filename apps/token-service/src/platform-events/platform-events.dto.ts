import { PLATFORM_EVENT_TYPES, type PlatformEventType } from '@hallpass/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsISO8601, IsOptional, IsString, Max, Min } from 'class-validator';

/** How long a caller may wait for something new. */
export const WAIT_SECONDS_MAX = 25;

export class EventsQuery {
  /** Where to go on: the `next` of the answer before. */
  @ApiPropertyOptional({ description: 'Where to go on: the `next` of the answer before' })
  @IsOptional()
  @IsString()
  after?: string;

  /** The latest first; `next` then leads on to what happened before. */
  @ApiPropertyOptional({
    enum: ['latest'],
    description: 'The latest first; `next` then leads to what happened before, and nothing is waited for',
  })
  @IsOptional()
  @IsIn(['latest'])
  order?: 'latest';

  /** Leaves out what is older. */
  @ApiPropertyOptional({ format: 'date-time', description: 'Leaves out what happened before' })
  @IsOptional()
  @IsISO8601({ strict: true }, { message: 'since has to be an instant, as 2027-01-31T08:00:00Z' })
  since?: string;

  /** Only these, by commas; all, when left out. */
  @ApiPropertyOptional({
    type: String,
    example: 'grant.approved,token.issued',
    description: 'Only these types, by commas',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsIn(PLATFORM_EVENT_TYPES, {
    each: true,
    message: 'types has to name types of platform events, by commas',
  })
  types: PlatformEventType[] = [];

  @ApiPropertyOptional({ minimum: 1, maximum: 1000, default: 100 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit: number = 100;

  /** Seconds to wait for something new, when there is nothing. */
  @ApiPropertyOptional({
    minimum: 0,
    maximum: WAIT_SECONDS_MAX,
    default: 0,
    description: 'Seconds to wait for something new, when there is nothing',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(WAIT_SECONDS_MAX)
  wait: number = 0;
}

export class PlatformEventEntry {
  @ApiProperty({ description: 'The same by webhook: whoever has it already has had this event' })
  id!: string;

  @ApiProperty({ enum: PLATFORM_EVENT_TYPES })
  type!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ type: String, nullable: true })
  districtId!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Ids, dates and numbers' })
  data!: Record<string, string | number | null>;
}

export class PlatformEventsResponse {
  @ApiProperty({ type: [PlatformEventEntry] })
  data!: PlatformEventEntry[];

  @ApiProperty({ description: 'Pass it as `after`: always given, for there will be more' })
  next!: string;
}
