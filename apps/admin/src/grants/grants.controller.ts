import {
  Grants,
  approveGrant,
  explainRecord,
  moveGrant,
  narrowGrant,
  type Actor,
  type GrantRow,
  type InstallationKeys,
} from '@hallpass/database';
import {
  DomainError,
  RECORD_KINDS,
  type AppId,
  type DistrictId,
  type GrantId,
  type RecordId,
  type RecordKind,
} from '@hallpass/domain';
import {
  ChangeGrantRequest,
  ID_MESSAGE,
  ID_PATTERN,
  INSTALLATION_KEYS,
  IdPipe,
  LATEST_FIRST,
  ListQuery,
  OperatorAccess,
  listPage,
  toFields,
  toGrantResponse,
  toSelection,
  toSharingChange,
  toTerm,
} from '@hallpass/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { DataSource, type FindOptionsWhere } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { withNames } from '../subject-names.js';
import { ApproveGrantRequest } from './grants.dto.js';

export class GrantListQuery extends ListQuery {
  @ApiPropertyOptional()
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  appId?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  districtId?: string;
}

export class ExplainQuery {
  @ApiProperty({ enum: RECORD_KINDS })
  @IsIn(RECORD_KINDS)
  kind!: RecordKind;

  @ApiProperty()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  recordId!: string;
}

/** What districts share with apps. */
@ApiTags('grants')
@Controller('v1/grants')
export class GrantsController {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  @Post()
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Approves an app in a district, and issues the token of this grant' })
  async approve(@Body() request: ApproveGrantRequest, @CurrentActor() actor: Actor) {
    const { grant, token, tokenId } = await approveGrant(
      this.dataSource,
      this.keys,
      {
        appId: request.appId as AppId,
        districtId: request.districtId as DistrictId,
        selection: toSelection(request) ?? { type: 'everything' },
        hiddenFields: toFields(request.hideFields ?? []),
        ...toTerm(request),
      },
      actor,
    );
    return { ...toGrantResponse(grant), token, tokenId };
  }

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists grants, of an app or a district where one is named' })
  list(@Query() query: GrantListQuery) {
    const { appId, districtId } = query;
    const where = {
      ...(appId ? { appId } : {}),
      ...(districtId ? { districtId } : {}),
    } as FindOptionsWhere<GrantRow>;
    return this.#page(query, where);
  }

  @Get(':id')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Gives a grant' })
  async one(@Param('id', IdPipe) id: GrantId) {
    const grant = await this.dataSource.manager.findOneBy(Grants, { id });
    if (!grant) throw new DomainError('not-found', 'No grant has this id.');
    const [named] = await withNames(this.dataSource.manager, [toGrantResponse(grant)]);
    return named;
  }

  @Get(':id/explain')
  @OperatorAccess('read')
  @ApiOperation({
    summary:
      'Says why the app of a grant does or does not see a record: shared, not shared by which rule, deleted, never seen',
  })
  explain(@Param('id', IdPipe) id: GrantId, @Query() { kind, recordId }: ExplainQuery) {
    return explainRecord(this.dataSource, id, kind, recordId as RecordId, new Date());
  }

  @Patch(':id')
  @OperatorAccess('operate')
  @ApiOperation({
    summary: 'Changes what a grant shares, leaving what is not named as it is; the token stays the same',
  })
  async narrow(
    @Param('id', IdPipe) id: GrantId,
    @Body() request: ChangeGrantRequest,
    @CurrentActor() actor: Actor,
  ) {
    return toGrantResponse(await narrowGrant(this.dataSource, id, toSharingChange(request), actor));
  }

  @Post(':id/pause')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Pauses a grant: its token is refused until it is resumed' })
  async pause(@Param('id', IdPipe) id: GrantId, @CurrentActor() actor: Actor) {
    return toGrantResponse(await moveGrant(this.dataSource, id, 'pause', actor));
  }

  @Post(':id/resume')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Resumes a paused grant' })
  async resume(@Param('id', IdPipe) id: GrantId, @CurrentActor() actor: Actor) {
    return toGrantResponse(await moveGrant(this.dataSource, id, 'resume', actor));
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Revokes a grant for good; its token is refused at once' })
  async revoke(@Param('id', IdPipe) id: GrantId, @CurrentActor() actor: Actor) {
    return toGrantResponse(await moveGrant(this.dataSource, id, 'revoke', actor));
  }

  async #page(query: ListQuery, where: FindOptionsWhere<GrantRow>) {
    const { data, next } = await listPage(this.dataSource.manager, Grants, query, toGrantResponse, {
      order: LATEST_FIRST,
      where,
    });
    return { data: await withNames(this.dataSource.manager, data), next };
  }
}
