import { randomBytes } from 'node:crypto';
import {
  Districts,
  PortalTokens,
  brokenConstraint,
  changeDistrict,
  destroyDistrictKey,
  issuePortalToken,
  recordAudit,
  revokePortalToken,
  type Actor,
  type DistrictRow,
  type InstallationKeys,
  type PortalTokenRow,
} from '@hallpass/database';
import {
  DomainError,
  EXPOSURE_POLICIES,
  newId,
  type DistrictId,
  type ExposurePolicy,
  type Id,
} from '@hallpass/domain';
import {
  AGE_DAYS_MAX,
  AccessLogPage,
  AccessLogQuery,
  ID_MESSAGE,
  ID_PATTERN,
  INSTALLATION_KEYS,
  IdPipe,
  ListQuery,
  OperatorAccess,
  answerAccessLog,
  listPage,
  namedPage,
} from '@hallpass/service-kit';
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  Req,
  Res,
  type StreamableFile,
} from '@nestjs/common';
import {
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiPropertyOptional,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataSource, ILike } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { NameRequest } from '../names.js';

class DistrictsQuery extends ListQuery {
  @ApiPropertyOptional({ maxLength: 100, description: 'A part of the name, in any case' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  search?: string;
}

class CreateDistrictRequest extends NameRequest {
  @ApiPropertyOptional({ description: 'The id that the district has elsewhere, for those who migrate' })
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  id?: string;
}

function shown({ recordKey: _key, ...row }: DistrictRow) {
  return row;
}

function shownToken({ lookup: _hash, pepperVersion: _version, ...row }: PortalTokenRow) {
  return row;
}

class DistrictSettingsRequest {
  @ApiPropertyOptional({
    type: Number,
    nullable: true,
    minimum: 1,
    maximum: AGE_DAYS_MAX,
    description: 'After so many days the tokens that read it are replaced; null: never',
  })
  @IsOptional()
  @ValidateIf((_, value) => value !== null)
  @IsInt()
  @Min(1)
  @Max(AGE_DAYS_MAX)
  tokenMaxAgeDays?: number | null;

  @ApiPropertyOptional({
    enum: EXPOSURE_POLICIES,
    description:
      'What happens to a token that is found exposed: it is replaced at once, or the district is told',
  })
  @IsOptional()
  @IsIn(EXPOSURE_POLICIES)
  exposure?: ExposurePolicy;
}

/** Owners of roster data. */
@ApiTags('districts')
@Controller('v1/districts')
export class DistrictsController {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  @Post()
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Creates a district' })
  async create(@Body() request: CreateDistrictRequest, @CurrentActor() actor: Actor) {
    const id = (request.id ?? newId()) as DistrictId;
    const { name } = request;
    try {
      await this.dataSource.transaction(async (tx) => {
        await tx.insert(Districts, { id, name, recordKey: randomBytes(32) });
        await recordAudit(tx, actor, {
          action: 'district.created',
          subjectType: 'district',
          subjectId: id,
          districtId: id,
          after: { name },
        });
      });
    } catch (error) {
      if (brokenConstraint(error) !== 'districts_pkey') throw error;
      throw new DomainError('id-taken', 'Another district has this id.');
    }
    return this.one(id);
  }

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists districts' })
  list(@Query() { search, ...query }: DistrictsQuery) {
    // A % or _ of a name is itself.
    const named = search && { name: ILike(`%${search.replaceAll(/[\\%_]/g, '\\$&')}%`) };
    return namedPage(this.dataSource.manager, Districts, query, shown, named || {});
  }

  @Patch(':id')
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Changes a district’s settings, leaving what is not named as it is' })
  async change(
    @Param('id', IdPipe) id: DistrictId,
    @Body() request: DistrictSettingsRequest,
    @CurrentActor() actor: Actor,
  ) {
    return shown(await changeDistrict(this.dataSource, id, request, actor));
  }

  @Post(':id/seals/destroy')
  @HttpCode(200)
  @OperatorAccess('administer')
  @ApiOperation({
    summary:
      'Destroys the key of a district and every sealed copy of its tokens: they work, and are shown no more',
  })
  async destroySeals(@Param('id', IdPipe) id: DistrictId, @CurrentActor() actor: Actor) {
    const district = await this.one(id);
    await this.dataSource.transaction(async (tx) => {
      await destroyDistrictKey(tx, id);
      await recordAudit(tx, actor, {
        action: 'district.seals-destroyed',
        subjectType: 'district',
        subjectId: id,
        districtId: id,
      });
    });
    return district;
  }

  @Post(':id/portal-tokens')
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Issues a token by which the district’s people sign in; it is shown this once' })
  issuePortalToken(
    @Param('id', IdPipe) id: DistrictId,
    @Body() { name }: NameRequest,
    @CurrentActor() actor: Actor,
  ) {
    return this.dataSource.transaction((tx) => issuePortalToken(tx, this.keys, id, name, actor));
  }

  @Get(':id/portal-tokens')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the portal tokens of a district, masked' })
  async portalTokens(@Param('id', IdPipe) districtId: DistrictId, @Query() query: ListQuery) {
    await this.one(districtId);
    return listPage(this.dataSource.manager, PortalTokens, query, shownToken, { districtId });
  }

  @Post(':id/portal-tokens/:tokenId/revoke')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Ends a portal token at once' })
  async revokePortalToken(
    @Param('id', IdPipe) districtId: DistrictId,
    @Param('tokenId', IdPipe) tokenId: Id<'portal-token'>,
    @CurrentActor() actor: Actor,
  ) {
    return shownToken(
      await this.dataSource.transaction((tx) => revokePortalToken(tx, districtId, tokenId, actor)),
    );
  }

  @Get(':id/access-log')
  @OperatorAccess('read')
  @ApiOperation({
    summary: 'Says what each app was served of the district: by day, kind and count; as JSON or CSV',
  })
  @ApiOkResponse({
    content: {
      'application/json': { schema: { $ref: getSchemaPath(AccessLogPage) } },
      'text/csv': { schema: { type: 'string' } },
    },
  })
  @ApiExtraModels(AccessLogPage)
  async accessLog(
    @Param('id', IdPipe) id: DistrictId,
    @Query() query: AccessLogQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AccessLogPage | StreamableFile> {
    await this.one(id);
    return answerAccessLog(this.dataSource, id, query, request, reply);
  }

  @Get(':id')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Gives a district' })
  async one(@Param('id', IdPipe) id: DistrictId) {
    const district = await this.dataSource.manager.findOneBy(Districts, { id });
    if (!district) throw new DomainError('not-found', 'No district has this id.');
    return shown(district);
  }
}
