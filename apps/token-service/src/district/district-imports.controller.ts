import type { ImportRow } from '@hallpass/database';
import { DomainError, newId, noChanges, type DistrictId, type ImportId } from '@hallpass/domain';
import {
  CurrentUser,
  DistrictAccess,
  IdPipe,
  ImportChangesRequest,
  ImportChangesResponse,
  ListQuery,
  Reads,
  SERVICE_CONFIG,
  actorOf,
  archiveOf,
  limitedArchive,
  toChangesQuery,
  type DistrictPrincipal,
} from '@hallpass/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiConsumes, ApiOkResponse, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { TokenServiceConfig } from '../config.js';
import { Errands } from '../errands/errands.service.js';
import { DistrictImportsRepository } from './district-imports.repository.js';
import { Previews } from './previews.service.js';

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

const Absent = () => ApiResponse({ status: 404, description: 'The district has no import of this id.' });
const NotHeld = () =>
  ApiResponse({
    status: 409,
    description: 'The import does not wait for an answer, or the roster has changed since.',
  });

const Late = () =>
  ApiResponse({ status: 504, description: 'It was taken down and is done later: send nothing twice.' });

/** How the district's roster came in, and what was wrong with it. */
@ApiTags('district')
@Controller('v1/district/imports')
@DistrictAccess()
export class DistrictImportsController {
  constructor(
    private readonly imports: DistrictImportsRepository,
    private readonly errands: Errands,
    private readonly previews: Previews,
    @Inject(SERVICE_CONFIG) private readonly config: Pick<TokenServiceConfig, 'UPLOAD_MAX_MIB'>,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiConsumes('application/zip')
  @ApiOperation({
    summary:
      'Imports a roster: a zip archive of OneRoster 1.1 or Clever CSV files. Answers before it has ended',
  })
  @ApiResponse({ status: 202, type: DistrictImportReport })
  @ApiResponse({ status: 409, description: 'An import of the district is running.' })
  @ApiResponse({ status: 413, description: 'The archive is larger than the platform takes.' })
  @ApiResponse({ status: 415, description: 'The request is no zip archive.' })
  @Late()
  async start(
    @CurrentUser() principal: DistrictPrincipal,
    @Req() request: FastifyRequest,
  ): Promise<DistrictImportReport> {
    const { districtId } = principal;
    const importId = newId<ImportId>();
    const archive = limitedArchive(archiveOf(request), this.config.UPLOAD_MAX_MIB);
    const errand = { kind: 'start-import', districtId, importId } as const;
    await this.errands.run(errand, actorOf(principal, request.id), archive);
    return this.one(principal, importId);
  }

  @Post(':id/changes')
  @Reads()
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Lists the records of a kind that an import created, changed and deleted, with what was before; of a held one, that it would',
    description:
      'By name of a held import, by id of a published one. Of the first import, which created everything, nothing is listed; nor of what is kept no longer (30 days).',
  })
  @ApiOkResponse({ type: ImportChangesResponse })
  @ApiResponse({ status: 400, description: 'The request is not as it should be.' })
  @Absent()
  async changes(
    @CurrentUser() { districtId }: DistrictPrincipal,
    @Param('id', IdPipe) importId: ImportId,
    @Body() request: ImportChangesRequest,
  ): Promise<ImportChangesResponse> {
    await this.#find(districtId, importId);
    return this.previews.changes(toChangesQuery({ districtId, importId }, request));
  }

  @Post(':id/confirm')
  @HttpCode(202)
  @ApiOperation({ summary: 'Publishes a held import after all' })
  @ApiResponse({ status: 202, type: DistrictImportReport })
  @Absent()
  @NotHeld()
  @Late()
  confirm(
    @CurrentUser() principal: DistrictPrincipal,
    @Param('id', IdPipe) id: ImportId,
    @Req() request: FastifyRequest,
  ): Promise<DistrictImportReport> {
    return this.#answerHeld('confirm-import', principal, id, request);
  }

  @Post(':id/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Lets a held import go' })
  @ApiOkResponse({ type: DistrictImportReport })
  @Absent()
  @NotHeld()
  @Late()
  discard(
    @CurrentUser() principal: DistrictPrincipal,
    @Param('id', IdPipe) id: ImportId,
    @Req() request: FastifyRequest,
  ): Promise<DistrictImportReport> {
    return this.#answerHeld('discard-import', principal, id, request);
  }

  @Get()
  @ApiOperation({ summary: 'Lists the district’s imports, the latest first, without their problems' })
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
  @Absent()
  async one(
    @CurrentUser() { districtId }: DistrictPrincipal,
    @Param('id', IdPipe) id: ImportId,
  ): Promise<DistrictImportReport> {
    const found = await this.#find(districtId, id);
    return { ...shown(found), problems: found.problems };
  }

  async #find(districtId: DistrictId, id: ImportId): Promise<ImportRow> {
    const found = await this.imports.one(districtId, id);
    if (!found) throw new DomainError('not-found', 'The district has no import of this id.');
    return found;
  }

  async #answerHeld(
    kind: 'confirm-import' | 'discard-import',
    principal: DistrictPrincipal,
    importId: ImportId,
    { id: requestId }: FastifyRequest,
  ): Promise<DistrictImportReport> {
    const { districtId } = principal;
    await this.one(principal, importId);
    await this.errands.run({ kind, districtId, importId }, actorOf(principal, requestId));
    return this.one(principal, importId);
  }
}
