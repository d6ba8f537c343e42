import { Apps, changeApp, type AppRow } from '@hallpass/database';
import { DomainError, parseFieldRequest, requireFields, type AppId, type PartnerId } from '@hallpass/domain';
import {
  CurrentUser,
  IdPipe,
  MemberAccess,
  Problem,
  actorOf,
  requirePublicKeys,
  type MemberPrincipal,
} from '@hallpass/service-kit';
import { Body, Controller, Get, Param, Patch, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { PartnerAppRequest, PartnerAppResponse, PartnerAppsResponse } from './partner-apps.dto.js';

const Malformed = () => ApiResponse({ status: 400, description: 'The request is not as it should be.' });

/** A partner's apps, for its people. */
@ApiTags('apps')
@Controller('v1/apps')
@MemberAccess()
export class PartnerAppsController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @ApiOperation({ summary: 'Lists the partner’s apps with their settings' })
  @ApiOkResponse({ type: PartnerAppsResponse })
  @Malformed()
  async list(@CurrentUser() member: MemberPrincipal): Promise<PartnerAppsResponse> {
    const where = { partnerId: partnerOf(member) };
    const apps = await this.dataSource.manager.find(Apps, { where, order: { name: 'ASC' } });
    return { data: apps.map(shown) };
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes what the partner itself sets of an app' })
  @ApiOkResponse({ type: PartnerAppResponse })
  @Malformed()
  @ApiResponse({ status: 422, description: 'A field is not known, or a key cannot be used.' })
  async change(
    @CurrentUser() member: MemberPrincipal,
    @Param('id', IdPipe) id: AppId,
    @Body() request: PartnerAppRequest,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<PartnerAppResponse> {
    const app = await this.dataSource.manager.findOneBy(Apps, { id, partnerId: partnerOf(member) });
    if (!app) throw new DomainError('not-found', 'The partner has no app of this id.');
    const { purpose, redirectUris, requestedFields, requiredFields, publicKeys } = request;
    const requested = requestedFields ? parseFieldRequest(requestedFields) : app.requestedFields;
    const required = requiredFields ? fieldsIn(requiredFields) : app.requiredFields;
    requireFields(required, requested);
    const settings = {
      ...(purpose === undefined ? {} : { purpose }),
      ...(redirectUris === undefined ? {} : { redirectUris }),
      ...(publicKeys === undefined ? {} : { publicKeys: await requirePublicKeys(publicKeys) }),
      requestedFields: requested,
      requiredFields: required,
    };
    return shown(await changeApp(this.dataSource, id, settings, actorOf(member, requestId)));
  }
}

function fieldsIn(kinds: Record<string, unknown>) {
  return Object.keys(kinds).length === 0 ? {} : parseFieldRequest(kinds);
}

function partnerOf({ scope }: MemberPrincipal): PartnerId {
  if (scope.type === 'partner') return scope.id;
  throw new Problem('request-invalid', { detail: 'Say for which partner you act: Hallpass-Partner.' });
}

function shown({ partnerId: _partner, ...app }: AppRow): PartnerAppResponse {
  return app;
}
