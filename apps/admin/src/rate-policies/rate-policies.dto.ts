import { RATE_MODES, type AppId, type DistrictId, type LimitNumbers, type RateMode } from '@hallpass/domain';
import { ID_MESSAGE, ID_PATTERN, ListQuery } from '@hallpass/service-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDate, IsIn, IsInt, IsOptional, IsString, Length, Matches } from 'class-validator';

export class RatePolicyRequest {
  @ApiProperty({ minimum: 1 })
  @IsInt()
  requestsMax!: number;

  /** Of a limit on requests in flight it is left out. */
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 86_400, nullable: true })
  @IsOptional()
  @IsInt()
  windowSeconds?: number | null;

  /** Units that may come at once; as many as `requestsMax` when it is left out. */
  @ApiPropertyOptional({ type: Number, minimum: 1, nullable: true })
  @IsOptional()
  @IsInt()
  burst?: number | null;

  @ApiPropertyOptional({ enum: RATE_MODES, default: 'enforce' })
  @IsOptional()
  @IsIn(RATE_MODES)
  mode?: RateMode;
}

export function numbersOf({ requestsMax, windowSeconds, burst, mode }: RatePolicyRequest): LimitNumbers {
  return {
    requestsMax,
    windowSeconds: windowSeconds ?? null,
    mode: mode ?? 'enforce',
    ...(burst === undefined || burst === null ? {} : { burst }),
  };
}

/** Whom an override is for: an app, a district, or an app in a district. */
export class RateOverrideRequest extends RatePolicyRequest {
  @ApiProperty()
  @IsString()
  @Length(1, 100)
  policy!: string;

  @ApiPropertyOptional({ type: String, nullable: true })
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  appId?: AppId | null;

  @ApiPropertyOptional({ type: String, nullable: true })
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  districtId?: DistrictId | null;

  @ApiProperty({ minLength: 3, maxLength: 1000 })
  @IsString()
  @Length(3, 1000)
  reason!: string;

  /** From then on the policy itself is in force again; never, when it is left out. */
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  expiresAt?: Date | null;
}

export class RateOverrideListQuery extends ListQuery {
  @ApiPropertyOptional()
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  appId?: AppId;

  @ApiPropertyOptional()
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  districtId?: DistrictId;
}
