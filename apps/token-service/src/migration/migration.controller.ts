import {
  ClientAccess,
  CurrentUser,
  FormatQuery,
  MigrationDetailResponse,
  MigrationReading,
  districtMigrationsCsv,
  sendCsv,
  type ClientPrincipal,
} from '@hallpass/service-kit';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

/** How far the app has come from its API key to tokens. */
@ApiTags('migration')
@Controller('v1/migration')
@ClientAccess()
export class MigrationController {
  constructor(private readonly migration: MigrationReading) {}

  @Get()
  @ApiOperation({
    summary: 'Shows who still uses the app’s key, how far its districts have come, and what is next',
  })
  @ApiOkResponse({ type: MigrationDetailResponse })
  @ApiResponse({ status: 400, description: 'The request is not as it should be.' })
  async one(
    @CurrentUser() { appId }: ClientPrincipal,
    @Query() { format }: FormatQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const detail = await this.migration.one(appId);
    return format === 'csv' ? sendCsv(reply, 'migration', districtMigrationsCsv(detail.byDistrict)) : detail;
  }
}
