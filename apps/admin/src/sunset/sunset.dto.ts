import { RATE_MODES, type RateMode, type SunsetPlan } from '@hallpass/domain';
import { ID_MESSAGE, ID_PATTERN } from '@hallpass/service-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsDate,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
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

  @ApiPropertyOptional({
    enum: RATE_MODES,
    default: 'enforce',
    description: 'In shadow nobody is slowed: what the step would refuse is counted',
  })
  @IsOptional()
  @IsIn(RATE_MODES)
  mode?: RateMode;
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

/** A plan to try on the recorded use of keys, for all apps or for one. */
export class RehearsalRequest extends SunsetPlanRequest {
  @ApiPropertyOptional({
    description: 'The app that the plan is for; absent: all that have none of their own',
  })
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  appId?: string;
}

/** An app's own plan, in the place of the one for all. */
export class AppPlanRequest extends SunsetPlanRequest {
  @ApiProperty({ minLength: 3, maxLength: 1000 })
  @IsString()
  @Length(3, 1000)
  reason!: string;
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
    steps: (steps ?? []).map(({ from, requestsPerMinute, mode }) => ({
      from,
      requestsPerMinute,
      mode: mode ?? 'enforce',
    })),
    brownouts: (brownouts ?? []).map(({ from, until }) => ({ from, until })),
    refusedAt: refusedAt ?? null,
  };
}

const DATE = { type: String, format: 'date-time' } as const;
const DATE_OR_NULL = { ...DATE, nullable: true } as const;

export class SunsetStepResponse {
  @ApiProperty(DATE) from!: Date;
  @ApiProperty() requestsPerMinute!: number;
  @ApiProperty({ enum: RATE_MODES }) mode!: RateMode;
}

export class TimeRangeResponse {
  @ApiProperty(DATE) from!: Date;
  @ApiProperty(DATE) until!: Date;
}

export class SunsetPlanDates {
  @ApiProperty(DATE_OR_NULL) announcedAt!: Date | null;
  @ApiProperty({ type: [SunsetStepResponse] }) steps!: readonly SunsetStepResponse[];
  @ApiProperty({ type: [TimeRangeResponse] }) brownouts!: readonly TimeRangeResponse[];
  @ApiProperty(DATE_OR_NULL) refusedAt!: Date | null;
}

export class ExtensionResponse {
  @ApiProperty() appId!: string;
  @ApiProperty(DATE) until!: Date;
  @ApiProperty() reason!: string;
  @ApiProperty({ description: 'The operator who gave it' }) approvedBy!: string;
  @ApiProperty(DATE) createdAt!: Date;
}

export class AppPlanResponse {
  @ApiProperty() appId!: string;
  @ApiProperty({ type: SunsetPlanDates }) plan!: SunsetPlanDates;
  @ApiProperty() reason!: string;
}

export class NamedAppResponse {
  @ApiProperty() id!: string;
  @ApiProperty() name!: string;
}

export class SunsetChangeResponse {
  @ApiProperty({ enum: ['plan', 'app-plan', 'extension'] }) type!: string;
  @ApiPropertyOptional({ description: 'The app that the change is for; absent of the plan for all' })
  appId?: string;
  @ApiPropertyOptional({ type: SunsetPlanDates, nullable: true }) plan?: SunsetPlanDates | null;
  @ApiPropertyOptional({ type: String, nullable: true }) reason?: string | null;
  @ApiPropertyOptional({ type: Object, nullable: true }) extension?: object | null;
}

export class ProposalResponse {
  @ApiProperty() id!: string;
  @ApiProperty({ type: SunsetChangeResponse }) change!: SunsetChangeResponse;
  @ApiProperty({ type: [NamedAppResponse], description: 'Apps in live use whose keys it would end sooner' })
  apps!: NamedAppResponse[];
  @ApiProperty({ enum: ['waiting', 'approved', 'declined'] }) status!: string;
  @ApiProperty() proposedBy!: string;
  @ApiProperty(DATE) proposedAt!: Date;
  @ApiProperty({ type: String, nullable: true }) decidedBy!: string | null;
  @ApiProperty(DATE_OR_NULL) decidedAt!: Date | null;
}

export class ProposalsPage {
  @ApiProperty({ type: [ProposalResponse] }) data!: ProposalResponse[];
  @ApiProperty({ type: String, nullable: true }) next!: string | null;
}

export class ProposedResponse {
  @ApiProperty({ type: ProposalResponse }) proposal!: ProposalResponse;
}

export class SunsetPlanResponse extends SunsetPlanDates {
  @ApiProperty({ type: [AppPlanResponse], description: 'Apps with a plan of their own' })
  appPlans!: AppPlanResponse[];
  @ApiProperty({ type: [ExtensionResponse] }) extensions!: ExtensionResponse[];
  @ApiProperty({ type: [ProposalResponse], description: 'Changes that wait for a second person' })
  proposals!: ProposalResponse[];
}

export class RefusedAppResponse extends NamedAppResponse {
  @ApiProperty() callsRefused!: number;
}

export class MomentResponse extends TimeRangeResponse {
  @ApiProperty({ enum: ['tried', 'slowed', 'brownout', 'refused'] }) stage!: string;
  @ApiProperty({ type: Number, nullable: true }) requestsPerMinute!: number | null;
  @ApiProperty({ type: TimeRangeResponse, description: 'The recorded hours that it was tried on' })
  week!: TimeRangeResponse;
  @ApiProperty() callsRefused!: number;
  @ApiProperty({ type: [RefusedAppResponse] }) apps!: RefusedAppResponse[];
}

export class RehearsalResponse {
  @ApiProperty({ type: TimeRangeResponse }) recorded!: TimeRangeResponse;
  @ApiProperty({ type: [MomentResponse] }) moments!: MomentResponse[];
  @ApiProperty({ description: 'Apps whose key is in live use' }) inUse!: number;
  @ApiProperty({ type: [NamedAppResponse], description: 'Those of them that have never used a token' })
  neverUsedToken!: NamedAppResponse[];
  @ApiProperty({
    type: [NamedAppResponse],
    description: 'Apps in live use whose keys would end sooner than now; such a plan needs a second person',
  })
  cut!: NamedAppResponse[];
}
