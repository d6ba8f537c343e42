import {
  ATTEMPT_ERRORS,
  DELIVERY_STATUSES,
  PLATFORM_EVENT_TYPES,
  SECRET_OVERLAP_HOURS,
  SECRET_OVERLAP_HOURS_MAX,
  type DeliveryId,
  type DeliveryStatus,
  type PlatformEventType,
} from '@hallpass/domain';
import { ID_PATTERN } from '@hallpass/service-kit';
import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';

/** It may be left out, and may not be null. */
const MayBeLeftOut = () => ValidateIf((_, value) => value !== undefined);

const CHOOSABLE_TYPES = PLATFORM_EVENT_TYPES.filter((type) => type !== 'webhook.test');

export class CreateWebhookRequest {
  @ApiProperty({ maxLength: 2048, example: 'https://example.com/hallpass' })
  @IsString()
  @MaxLength(2048)
  url!: string;

  @ApiPropertyOptional({
    enum: CHOOSABLE_TYPES,
    isArray: true,
    description: 'Which events it is told of; all, when there are none',
  })
  @MayBeLeftOut()
  @IsArray()
  @ArrayUnique()
  @IsIn(CHOOSABLE_TYPES, { each: true, message: 'types has to name types of platform events' })
  types?: PlatformEventType[];

  @ApiPropertyOptional({ maxLength: 200 })
  @MayBeLeftOut()
  @IsString()
  @MaxLength(200)
  description?: string;
}

export class ChangeWebhookRequest extends PartialType(CreateWebhookRequest, { skipNullProperties: false }) {
  @ApiPropertyOptional({
    description: 'A webhook that is disabled is told of nothing; what is due to it waits',
  })
  @MayBeLeftOut()
  @IsBoolean()
  isEnabled?: boolean;
}

export class WebhookResponse {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  url!: string;

  @ApiProperty({ enum: CHOOSABLE_TYPES, isArray: true })
  types!: string[];

  @ApiProperty()
  description!: string;

  @ApiProperty()
  isEnabled!: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When its receiver answered 410, and it was disabled',
  })
  goneAt!: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  changedAt!: string;
}

export class CreatedWebhookResponse extends WebhookResponse {
  @ApiProperty({ description: 'Signs what is sent to it. Shown this once' })
  secret!: string;
}

export class WebhookListResponse {
  @ApiProperty({ type: [WebhookResponse] })
  data!: WebhookResponse[];
}

export class RotateSecretRequest {
  @ApiPropertyOptional({
    minimum: 0,
    maximum: SECRET_OVERLAP_HOURS_MAX,
    default: SECRET_OVERLAP_HOURS,
    description: 'For how many hours the secret before it signs as well',
  })
  @MayBeLeftOut()
  @IsInt()
  @Min(0)
  @Max(SECRET_OVERLAP_HOURS_MAX)
  overlapHours: number = SECRET_OVERLAP_HOURS;
}

export class RotatedSecretResponse {
  @ApiProperty({ description: 'The new secret. Shown this once' })
  secret!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until when the secret before it signs as well',
  })
  previousEndsAt!: string | null;
}

export class DeliveryAttempt {
  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ type: Number, nullable: true })
  httpStatus!: number | null;

  @ApiProperty({ enum: ATTEMPT_ERRORS, type: String, nullable: true })
  error!: string | null;

  @ApiProperty()
  milliseconds!: number;
}

export class DeliveryResponse {
  @ApiProperty()
  id!: string;

  @ApiProperty({ enum: DELIVERY_STATUSES })
  status!: string;

  @ApiProperty()
  eventId!: string;

  @ApiProperty({ enum: PLATFORM_EVENT_TYPES })
  eventType!: string;

  @ApiProperty({ format: 'date-time' })
  eventAt!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it is tried next, while it is pending',
  })
  dueAt!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  endedAt!: string | null;

  @ApiProperty({ type: [DeliveryAttempt] })
  attempts!: DeliveryAttempt[];
}

export class DeliveryListResponse {
  @ApiProperty({ type: [DeliveryResponse] })
  data!: DeliveryResponse[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Pass it as `startingAfter` for the page that follows; null on the last',
  })
  next!: string | null;
}

export class DeliveryListQuery {
  @ApiPropertyOptional({ enum: DELIVERY_STATUSES })
  @IsOptional()
  @IsIn(DELIVERY_STATUSES)
  status?: DeliveryStatus;

  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  /** The `next` of the page before. */
  @ApiPropertyOptional()
  @IsOptional()
  @Matches(ID_PATTERN, { message: 'startingAfter is taken from `next`' })
  startingAfter?: DeliveryId;
}

export class ReplayRequest {
  @ApiProperty({
    format: 'date-time',
    description: 'All dead deliveries of events since then are tried anew',
  })
  @IsISO8601({ strict: true }, { message: 'since has to be an instant, as 2027-01-31T08:00:00Z' })
  since!: string;
}

export class ReplayResponse {
  @ApiProperty({ description: 'How many deliveries have begun anew' })
  replayed!: number;
}
