import { USER_ROLES, type UserRole } from '@hallpass/domain';
import * as kit from '@hallpass/service-kit';
import { Controller, Get, Inject, Module, Param, Query } from '@nestjs/common';
import { IsIn, IsInt, Min } from 'class-validator';
import { HeadcountRepository } from './headcount.repository.js';

/** What configures the service beyond what configures every one; each field is an environment variable. */
export class HeadcountConfig extends kit.ServiceConfig {
  override PORT: number = 4010;

  /** A smaller headcount is not told: so few people might be known by it. */
  @IsInt() @Min(1) HEADCOUNT_LEAST: number = 5;
}

class HeadcountQuery {
  @IsIn(USER_ROLES) role: UserRole = 'student';
}

/** How many people of a role a district shares with the caller. */
@kit.RosterAccess('page')
@Controller('districts/:id/headcount')
export class HeadcountController {
  constructor(
    private readonly headcounts: HeadcountRepository,
    @Inject(kit.SERVICE_CONFIG) private readonly config: HeadcountConfig,
  ) {}

  @Get()
  async headcount(
    @Param('id', kit.IdPipe) id: string,
    @Query() { role }: HeadcountQuery,
    @kit.CurrentAccess() access: kit.VerifiedAccess,
  ) {
    const scope = access.decision.scopes.find(({ districtId }) => districtId === id);
    if (!scope) throw new kit.Problem('not-found');
    const count = await this.headcounts.count(scope, role);
    return { data: { district: id, role, count: count < this.config.HEADCOUNT_LEAST ? null : count } };
  }
}

@Module({ controllers: [HeadcountController], providers: [HeadcountRepository] })
class HeadcountModule {}

/** The service, not yet listening; its calls are counted in the usage of apps. */
export function headcountService(config: HeadcountConfig): kit.ServiceOptions {
  const module = { module: HeadcountModule, imports: [kit.ServiceKitModule.for('data-api', config)] };
  return { module, config, configure: kit.countUsage };
}
