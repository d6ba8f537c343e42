import type { AppId } from '@hallpass/domain';
import { CurrentUser, IdPipe, MemberAccess, actorOf, type MemberPrincipal } from '@hallpass/service-kit';
import { Body, Controller, Get, Param, Patch, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { PartnerAppRequest, PartnerAppResponse, PartnerAppsResponse } from './partner-apps.dto.js';
import { PartnerApps } from './partner-apps.service.js';

const Malformed = () => ApiResponse({ status: 400, description: 'The request is not as it should be.' });

/** A partner's apps, for its people. */
@ApiTags('apps')
@Controller('v1/apps')
@MemberAccess()
export class PartnerAppsController {
  constructor(private readonly apps: PartnerApps) {}

  @Get()
  @ApiOperation({ summary: 'Lists the partner’s apps with their settings' })
  @ApiOkResponse({ type: PartnerAppsResponse })
  @Malformed()
  list(@CurrentUser() member: MemberPrincipal): Promise<PartnerAppsResponse> {
    return this.apps.list(member);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes what the partner itself sets of an app' })
  @ApiOkResponse({ type: PartnerAppResponse })
  @Malformed()
  @ApiResponse({ status: 422, description: 'A field is not known, or a key cannot be used.' })
  change(
    @CurrentUser() member: MemberPrincipal,
    @Param('id', IdPipe) id: AppId,
    @Body() request: PartnerAppRequest,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<PartnerAppResponse> {
    return this.apps.change(member, id, request, actorOf(member, requestId));
  }
}
