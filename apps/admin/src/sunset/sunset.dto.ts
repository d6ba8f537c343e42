import type { SunsetPlan } from '@hallpass/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsDate,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Min,
  ValidateNested,
} from 'class-validator';

export class SunsetStepRequest {
  @ApiProperty({ format: 'date-time' })
  @Type(() => Date)
  @IsDate()
  from!: Date;

  @ApiProperty({ minimum: 1 })
  @IsInt()
  @Min(1)
  requestsPerMinute!: number;
}

export class BrownoutRequest {
  @ApiProperty({ format: 'date-time' })
  @Type(() => Date)
  @IsDate()
  from!: Date;

  @ApiProperty({ format: 'date-time' })
  @Type(() => Date)
  @IsDate()
  until!: Date;
}

/** The whole plan; a date that is left out or null never comes. */
export class SunsetPlanRequest {
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  announcedAt?: Date | null;

  @ApiPropertyOptional({ type: [SunsetStepRequest] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => SunsetStepRequest)
  steps?: SunsetStepRequest[];

  @ApiPropertyOptional({ type: [BrownoutRequest] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @ValidateNested({ each: true })
  @Type(() => BrownoutRequest)
  brownouts?: BrownoutRequest[];

  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  refusedAt?: Date | null;
}

export class ExtensionRequest {
  @ApiProperty({ format: 'date-time' })
  @Type(() => Date)
  @IsDate()
  until!: Date;

  @ApiProperty({ minLength: 3, maxLength: 1000 })
  @IsString()
  @Length(3, 1000)
  reason!: string;
}

export function toSunsetPlan({ announcedAt, steps, brownouts, refusedAt }: SunsetPlanRequest): SunsetPlan {
  return {
    announcedAt: announcedAt ?? null,
    steps: steps ?? [],
    brownouts: brownouts ?? [],
    refusedAt: refusedAt ?? null,
  };
}
