import { Imports, importChanges, type Actor, type ImportRow } from '@hallpass/database';
import { noChanges, type DistrictId, type ImportId } from '@hallpass/domain';
import {
  IdPipe,
  ImportChangesRequest,
  ImportChangesResponse,
  ListQuery,
  OperatorAccess,
  archiveOf,
  latestPage,
  toChangesQuery,
} from '@hallpass/service-kit';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { ImportsService } from './imports.service.js';

function shown({ contentHash: _hash, baseSeq: _seq, startedBy: _by, ...row }: ImportRow) {
  return { ...row, kinds: { ...noChanges(), ...row.kinds } };
}

/** Imports of a district's roster, and what came of them. */
@ApiTags('imports')
@Controller('v1/districts/:id/imports')
export class ImportsController {
  constructor(
    private readonly imports: ImportsService,
    private readonly dataSource: DataSource,
  ) {}

  @Post()
  @HttpCode(202)
  @OperatorAccess('operate')
  @ApiConsumes('application/zip')
  @ApiOperation({
    summary:
      'Imports a roster: a zip archive of OneRoster 1.1 or Clever CSV files. Answers before it has ended',
  })
  async start(
    @Param('id', IdPipe) id: DistrictId,
    @Req() request: FastifyRequest,
    @CurrentActor() actor: Actor,
  ) {
    return shown(await this.imports.start(id, archiveOf(request), actor));
  }

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the district’s imports, the latest first, without their problems' })
  list(@Param('id', IdPipe) districtId: DistrictId, @Query() query: ListQuery) {
    return latestPage(
      this.dataSource.manager,
      Imports,
      query,
      (row) => {
        const { problems: _left, ...rest } = shown(row);
        return rest;
      },
      { districtId },
    );
  }

  @Get(':importId')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Gives an import and its report' })
  async one(@Param('id', IdPipe) id: DistrictId, @Param('importId', IdPipe) importId: ImportId) {
    return shown(await this.imports.one(id, importId));
  }

  @Post(':importId/changes')
  @HttpCode(200)
  @OperatorAccess('read')
  @ApiOperation({
    summary:
      'Lists the records of a kind that an import created, changed and deleted; of a held one, that it would',
  })
  @ApiOkResponse({ type: ImportChangesResponse })
  async changes(
    @Param('id', IdPipe) districtId: DistrictId,
    @Param('importId', IdPipe) importId: ImportId,
    @Body() request: ImportChangesRequest,
  ): Promise<ImportChangesResponse> {
    await this.imports.one(districtId, importId);
    return importChanges(this.dataSource, toChangesQuery({ districtId, importId }, request));
  }

  @Post(':importId/confirm')
  @HttpCode(202)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Publishes a held import after all' })
  async confirm(
    @Param('id', IdPipe) id: DistrictId,
    @Param('importId', IdPipe) importId: ImportId,
    @CurrentActor() actor: Actor,
  ) {
    return shown(await this.imports.confirm(id, importId, actor));
  }

  @Post(':importId/discard')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Lets a held import go' })
  async discard(
    @Param('id', IdPipe) id: DistrictId,
    @Param('importId', IdPipe) importId: ImportId,
    @CurrentActor() actor: Actor,
  ) {
    return shown(await this.imports.discard(id, importId, actor));
  }
}
