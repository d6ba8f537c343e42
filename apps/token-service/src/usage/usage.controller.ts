import { rows } from '@hallpass/database';
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
import { DataSource } from 'typeorm';

const ROUTES_MAX = 100;

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
    private readonly dataSource: DataSource,
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
    const today = `($3::timestamptz at time zone 'UTC')::date`;
    const sums = `coalesce(sum(calls), 0)::int calls,
      coalesce(sum(calls) filter (where status = 429), 0)::int limited,
      coalesce(sum(calls) filter (where status >= 400 and status <> 429), 0)::int failed`;
    const [byDay, routes] = await Promise.all([
      rows<UsageDay>(
        this.dataSource,
        `select each::date::text "day", ${sums}, coalesce(sum(records), 0)::int records
         from generate_series(${today} - ($2::int - 1), ${today}, '1 day') each
         left join usage_days u on u.app_id = $1 and u.day = each::date
         group by each order by each`,
        [appId, days, now],
      ),
      rows<UsageRoute>(
        this.dataSource,
        `select route, ${sums} from usage_days where app_id = $1 and day > ${today} - $2::int
         group by route order by 2 desc, route limit ${ROUTES_MAX}`,
        [appId, days, now],
      ),
    ]);
    const { token, app, district, concurrency } = this.watch.rules.limits.reading(appId, undefined, now);
    return { days: byDay, routes, limits: [token, app, district, concurrency].map(shown) };
  }
}

function shown({ name, subject, requestsMax, windowSeconds, mode }: LimitPolicy): LimitInForce {
  return { name, subject, requestsMax, windowSeconds, mode };
}
