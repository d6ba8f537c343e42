import { GRACE_SECONDS_DEFAULT, GRACE_SECONDS_MAX, GRACE_STARTS, type GraceStart } from '@hallpass/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';

/** How a secret is replaced. */
export class RotateRequest {
  @ApiPropertyOptional({ minimum: 0, maximum: GRACE_SECONDS_MAX, default: GRACE_SECONDS_DEFAULT })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(GRACE_SECONDS_MAX)
  graceSeconds: number = GRACE_SECONDS_DEFAULT;

  @ApiPropertyOptional({
    enum: GRACE_STARTS,
    default: 'at-once',
    description: 'Whether the grace of the present one counts from now, or from the first use of the new one',
  })
  @IsOptional()
  @IsIn(GRACE_STARTS)
  start: GraceStart = 'at-once';
}

/** When the older of two live secrets is to retire. */
export class GraceRequest {
  @ApiProperty({
    minimum: 0,
    maximum: GRACE_SECONDS_MAX,
    description: 'Seconds from now until it retires; 0 ends it at once',
  })
  @IsInt()
  @Min(0)
  @Max(GRACE_SECONDS_MAX)
  graceSeconds!: number;
}
