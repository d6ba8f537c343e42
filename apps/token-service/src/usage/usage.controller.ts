import type { LimitPolicy } from '@hallpass/domain';
import {
  AuthorityWatch,
  ClientAccess,
  Clock,
  CurrentUser,
  type ClientPrincipal,
} from '@hallpass/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { UsageRepository } from './usage.repository.js';

class UsageQuery {
  @ApiPropertyOptional({
    minimum: 1,
    maximum: 400,
    default: 30,
    description: 'How many days back, today included',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(400)
  days: number = 30;
}

class UsageDay {
  @ApiProperty({ format: 'date' }) day!: string;
  @ApiProperty() calls!: number;
  @ApiProperty({ description: 'Answered 429' }) limited!: number;
  @ApiProperty({ description: 'Answered with another error' }) failed!: number;
  @ApiProperty() records!: number;
}

class UsageRoute {
  @ApiProperty({ description: 'Method and pattern' }) route!: string;
  @ApiProperty() calls!: number;
  @ApiProperty() limited!: number;
  @ApiProperty() failed!: number;
}

class LimitInForce {
  @ApiProperty() name!: string;
  @ApiProperty({ description: 'Who is counted' }) subject!: string;
  @ApiProperty() requestsMax!: number;
  @ApiProperty({ type: Number, nullable: true, description: 'Null of a limit on requests in flight' })
  windowSeconds!: number | null;
  @ApiProperty({ enum: ['enforce', 'shadow'] }) mode!: string;
}

class UsageResponse {
  @ApiProperty({ type: [UsageDay], description: 'In UTC, the earliest first' }) days!: UsageDay[];
  @ApiProperty({ type: [UsageRoute], description: 'The most called first' }) routes!: UsageRoute[];
  @ApiProperty({ type: [LimitInForce] }) limits!: LimitInForce[];
}

/** What the app does with the data API, and how much of it is let in. */
@ApiTags('usage')
@Controller('v1/usage')
@ClientAccess()
export class UsageController {
  constructor(
    private readonly repository: UsageRepository,
    private readonly watch: AuthorityWatch,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Shows the app’s calls by day and by route, and the limits in force for it' })
  @ApiOkResponse({ type: UsageResponse })
  @ApiResponse({ status: 400, description: 'The request is not as it should be.' })
  async usage(
    @CurrentUser() { appId }: ClientPrincipal,
    @Query() { days }: UsageQuery,
  ): Promise<UsageResponse> {
    const now = this.clock.now();
    const [byDay, routes] = await Promise.all([
      this.repository.byDay(appId, days, now),
      this.repository.byRoute(appId, days, now),
    ]);
    const { token, app, district, concurrency } = this.watch.rules.limits.reading(appId, undefined, now);
    return { days: byDay, routes, limits: [token, app, district, concurrency].map(shown) };
  }
}

function shown({ name, subject, requestsMax, windowSeconds, mode }: LimitPolicy): LimitInForce {
  return { name, subject, requestsMax, windowSeconds, mode };
}
