import type { AppId } from '@hallpass/domain';
import {
  FormatQuery,
  IdPipe,
  MigrationDetailResponse,
  MigrationReading,
  MigrationResponse,
  OperatorAccess,
  SheetQuery,
  districtMigrationsCsv,
  migrationsCsv,
  sendCsv,
} from '@hallpass/service-kit';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

class MigrationsPage {
  @ApiProperty({ type: [MigrationResponse] }) data!: MigrationResponse[];
  @ApiProperty({ type: String, nullable: true }) next!: string | null;
}

/** How far apps have come from their API keys to tokens. */
@ApiTags('migration')
@Controller('v1/migration')
export class MigrationController {
  constructor(private readonly migration: MigrationReading) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({
    summary: 'Lists the apps that have or had an API key: their use of it, and how far they have come',
  })
  @ApiOkResponse({ type: MigrationsPage })
  async list(@Query() query: SheetQuery, @Res({ passthrough: true }) reply: FastifyReply) {
    const page = await this.migration.list(query);
    return query.format === 'csv' ? sendCsv(reply, 'migration', migrationsCsv(page.data)) : page;
  }

  @Get(':appId')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Shows one app: days, routes, places and districts' })
  @ApiOkResponse({ type: MigrationDetailResponse })
  async one(
    @Param('appId', IdPipe) appId: AppId,
    @Query() { format }: FormatQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const detail = await this.migration.one(appId);
    return format === 'csv' ? sendCsv(reply, 'migration', districtMigrationsCsv(detail.byDistrict)) : detail;
  }
}
