import type { ImportRow } from '@hallpass/database';
import { DomainError, noChanges, type ImportId } from '@hallpass/domain';
import {
  CurrentUser,
  DistrictAccess,
  IdPipe,
  ListQuery,
  type DistrictPrincipal,
} from '@hallpass/service-kit';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { DistrictImportsRepository } from './district-imports.repository.js';

const DATE_OR_NULL = { type: String, format: 'date-time', nullable: true } as const;

class DistrictImportResponse {
  @ApiProperty() id!: string;
  @ApiProperty({ enum: ['running', 'held', 'published', 'unchanged', 'refused', 'failed', 'discarded'] })
  status!: string;
  @ApiProperty({ type: String, format: 'date-time' }) startedAt!: Date;
  @ApiProperty(DATE_OR_NULL) finishedAt!: Date | null;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'By kind: how many records it created, changed, deleted and left as they were',
  })
  kinds!: object;
  @ApiProperty({
    type: [String],
    description: 'Kinds of which so much would go that it waits to be confirmed',
  })
  heldKinds!: readonly string[];
  @ApiProperty({ type: [Object], description: 'How many problems of each sort, by class and code' })
  problemCounts!: readonly object[];
}

class DistrictImportReport extends DistrictImportResponse {
  @ApiProperty({ type: [Object], description: 'Problems by file, line and column, with how to mend them' })
  problems!: readonly object[];
}

class DistrictImportsPage {
  @ApiProperty({ type: [DistrictImportResponse] }) data!: DistrictImportResponse[];
  @ApiProperty({ type: String, nullable: true }) next!: string | null;
}

function shown({ id, status, startedAt, finishedAt, kinds, heldKinds, problemCounts }: ImportRow) {
  return { id, status, startedAt, finishedAt, kinds: { ...noChanges(), ...kinds }, heldKinds, problemCounts };
}

/** How the district's roster came in, and what was wrong with it. */
@ApiTags('district')
@Controller('v1/district/imports')
@DistrictAccess()
export class DistrictImportsController {
  constructor(private readonly imports: DistrictImportsRepository) {}

  @Get()
  @ApiOperation({ summary: 'Lists the district’s imports, without their problems' })
  @ApiOkResponse({ type: DistrictImportsPage })
  @ApiResponse({ status: 400, description: 'The request is not as it should be.' })
  list(
    @CurrentUser() { districtId }: DistrictPrincipal,
    @Query() query: ListQuery,
  ): Promise<DistrictImportsPage> {
    return this.imports.list(districtId, query, shown);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows an import and its report' })
  @ApiOkResponse({ type: DistrictImportReport })
  @ApiResponse({ status: 404, description: 'The district has no import of this id.' })
  async one(
    @CurrentUser() { districtId }: DistrictPrincipal,
    @Param('id', IdPipe) id: ImportId,
  ): Promise<DistrictImportReport> {
    const found = await this.imports.one(districtId, id);
    if (!found) throw new DomainError('not-found', 'The district has no import of this id.');
    return { ...shown(found), problems: found.problems };
  }
}
