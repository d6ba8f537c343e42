import { Invitations, invite, withdrawInvitation, type InstallationKeys } from '@hallpass/database';
import type { DistrictId, InvitationId } from '@hallpass/domain';
import {
  ClientAccess,
  CurrentUser,
  INSTALLATION_KEYS,
  IdPipe,
  ListQuery,
  SERVICE_CONFIG,
  listPage,
  type ClientPrincipal,
} from '@hallpass/service-kit';
import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import type { TokenServiceConfig } from '../config.js';
import { actorOf } from '../oauth/reveals.js';
import {
  InvitationsPage,
  InviteRequest,
  MadeInvitationResponse,
  toInvitationResponse,
} from './invitations.dto.js';

const Malformed = () => ApiResponse({ status: 400, description: 'The request is not as it should be.' });
const Absent = () => ApiResponse({ status: 404, description: 'There is nothing of this id.' });

/** How an app comes to a district: by a link that the district's administrator opens. */
@ApiTags('invitations')
@Controller('v1/invitations')
@ClientAccess()
export class InvitationsController {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
    @Inject(SERVICE_CONFIG) private readonly config: TokenServiceConfig,
  ) {}

  @Post()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Invites a district; the link is shown this once' })
  @ApiCreatedResponse({ type: MadeInvitationResponse })
  @Malformed()
  @Absent()
  async invite(
    @CurrentUser() { appId }: ClientPrincipal,
    @Body() { districtId, note = '', days }: InviteRequest,
    @Req() request: FastifyRequest,
  ): Promise<MadeInvitationResponse> {
    const { invitation, code } = await invite(
      this.dataSource,
      this.keys,
      {
        appId,
        districtId: (districtId ?? null) as DistrictId | null,
        note,
        ...(days === undefined ? {} : { days }),
      },
      actorOf(appId, request.id),
    );
    const url = `${this.config.PORTAL_URL.replace(/\/$/, '')}/invitations#${code}`;
    return { ...toInvitationResponse(invitation), code, url };
  }

  @Get()
  @ApiOperation({ summary: 'Lists the app’s invitations' })
  @ApiOkResponse({ type: InvitationsPage })
  @Malformed()
  list(@CurrentUser() { appId }: ClientPrincipal, @Query() query: ListQuery): Promise<InvitationsPage> {
    return listPage(this.dataSource.manager, Invitations, query, toInvitationResponse, { appId });
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes an open invitation back' })
  @ApiNoContentResponse()
  @Absent()
  @ApiResponse({ status: 409, description: 'It is no longer open.' })
  withdraw(
    @CurrentUser() { appId }: ClientPrincipal,
    @Param('id', IdPipe) id: InvitationId,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return withdrawInvitation(this.dataSource, { appId, id }, actorOf(appId, request.id));
  }
}
