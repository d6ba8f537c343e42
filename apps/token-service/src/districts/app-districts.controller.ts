import { DomainError, isUsedLately } from '@hallpass/domain';
import { ClientAccess, CurrentUser, type ClientPrincipal } from '@hallpass/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AppDistrictsPage, AppDistrictsQuery } from './app-districts.dto.js';
import { AppDistrictsRepository } from './app-districts.repository.js';

/** The districts of an app at a glance. */
@ApiTags('grants')
@Controller('v1/districts')
@ClientAccess()
export class AppDistrictsController {
  constructor(private readonly districts: AppDistrictsRepository) {}

  @Get()
  @ApiOperation({ summary: 'Lists the app’s districts by name, with how each fares and its newest token' })
  @ApiOkResponse({ type: AppDistrictsPage })
  @ApiResponse({ status: 400, description: 'The request is not as it should be.' })
  async list(
    @CurrentUser() { appId }: ClientPrincipal,
    @Query() { search, grantId, state, limit, startingAfter }: AppDistrictsQuery,
  ): Promise<AppDistrictsPage> {
    const now = new Date();
    const all = await this.districts.find(appId, { search, grantId }, now);
    const counts: AppDistrictsPage['counts'] = {};
    for (const each of all) counts[each.state] = (counts[each.state] ?? 0) + 1;
    const wanted = state ? all.filter((each) => each.state === state) : all;
    const before = startingAfter ? wanted.findIndex((each) => each.grantId === startingAfter) : -1;
    if (startingAfter && before < 0)
      throw new DomainError('cursor-invalid', 'The list has changed since: begin with its first page.');
    const data = wanted.slice(before + 1, before + 1 + limit);
    return {
      data,
      next: before + 1 + limit < wanted.length ? (data.at(-1)?.grantId ?? null) : null,
      counts,
      usedLately: all.filter(({ lastUsedAt }) => isUsedLately(lastUsedAt, now)).length,
    };
  }
}
