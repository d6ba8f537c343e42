import { Imports } from '@hallpass/database';
import { IMPORT_STATUSES, type ImportStatus } from '@hallpass/domain';
import { LATEST_BEGUN_FIRST, ListQuery, OperatorAccess, listPage } from '@hallpass/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { DataSource } from 'typeorm';
import { districtNames } from '../subject-names.js';
import { toListed } from './imports.controller.js';

class AllImportsQuery extends ListQuery {
  @ApiPropertyOptional({ enum: IMPORT_STATUSES, description: 'Only those that stand so' })
  @IsOptional()
  @IsIn(IMPORT_STATUSES)
  status?: ImportStatus;
}

/** Imports of all districts. */
@ApiTags('imports')
@Controller('v1/imports')
export class AllImportsController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the imports of all districts, the latest first, without their problems' })
  async list(@Query() { status, ...query }: AllImportsQuery) {
    const { manager } = this.dataSource;
    const where = status ? { status } : {};
    const { data, next } = await listPage(manager, Imports, query, toListed, {
      order: LATEST_BEGUN_FIRST,
      where,
    });
    const names = await districtNames(
      manager,
      data.map(({ districtId }) => districtId),
    );
    return { data: data.map((each) => ({ ...each, districtName: names.get(each.districtId) })), next };
  }
}
