import type { AppId, ClientSecretId } from '@hallpass/domain';
import {
  ClientSecretResponse,
  ClientSecretsResponse,
  ClientSecretsService,
  CurrentUser,
  GraceRequest,
  IdPipe,
  MemberAccess,
  RevokedClientSecretResponse,
  RotateSecretRequest,
  RotatedClientSecretResponse,
  actorOf,
  requireFresh,
  type MemberPrincipal,
} from '@hallpass/service-kit';
import { Body, Controller, Get, Header, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { PartnerApps } from './partner-apps.service.js';

const Malformed = () => ApiResponse({ status: 400, description: 'The request is not as it should be.' });
const Closed = () =>
  ApiResponse({ status: 409, description: 'The secret has ended, or a rotation is under way.' });

/**
 * The client secrets of a partner's app, for its people. An app's server cannot change its own: a secret that leaked would
 * keep itself alive.
 */
@ApiTags('apps')
@Controller('v1/apps/:appId/client-secrets')
@MemberAccess()
export class AppSecretsController {
  constructor(
    private readonly secrets: ClientSecretsService,
    private readonly apps: PartnerApps,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Lists the app’s client secrets, masked, with where each was used from' })
  @ApiOkResponse({ type: ClientSecretsResponse })
  @Malformed()
  async list(
    @CurrentUser() member: MemberPrincipal,
    @Param('appId', IdPipe) appId: AppId,
  ): Promise<ClientSecretsResponse> {
    await this.apps.require(member, appId);
    return this.secrets.list(appId);
  }

  @Post('rotate')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary:
      'Issues a client secret, shown this once, beside the present one; after the password has been given just now',
  })
  @ApiOkResponse({ type: RotatedClientSecretResponse })
  @Malformed()
  @Closed()
  async rotate(
    @CurrentUser() member: MemberPrincipal,
    @Param('appId', IdPipe) appId: AppId,
    @Body() request: RotateSecretRequest,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<RotatedClientSecretResponse> {
    await this.apps.require(member, appId);
    requireFresh(member.person.isFresh);
    return this.secrets.rotate(appId, request, actorOf(member, requestId));
  }

  @Post(':id/grace')
  @HttpCode(200)
  @ApiOperation({ summary: 'Extends or ends the grace of the older of two live client secrets' })
  @ApiOkResponse({ type: ClientSecretResponse })
  @Malformed()
  @Closed()
  async grace(
    @CurrentUser() member: MemberPrincipal,
    @Param('appId', IdPipe) appId: AppId,
    @Param('id', IdPipe) id: ClientSecretId,
    @Body() { graceSeconds }: GraceRequest,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<ClientSecretResponse> {
    await this.apps.require(member, appId);
    return this.secrets.changeGrace(appId, id, graceSeconds, actorOf(member, requestId));
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary:
      'Ends a client secret at once, and the access tokens given so far; the last one’s successor is shown this once',
  })
  @ApiOkResponse({ type: RevokedClientSecretResponse })
  @Malformed()
  async revoke(
    @CurrentUser() member: MemberPrincipal,
    @Param('appId', IdPipe) appId: AppId,
    @Param('id', IdPipe) id: ClientSecretId,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<RevokedClientSecretResponse> {
    await this.apps.require(member, appId);
    requireFresh(member.person.isFresh);
    return this.secrets.revoke(appId, id, actorOf(member, requestId));
  }
}
