import type { Actor } from '@hallpass/database';
import type { AppId, ClientSecretId } from '@hallpass/domain';
import {
  ClientSecretResponse,
  ClientSecretsResponse,
  ClientSecretsService,
  GraceRequest,
  IdPipe,
  OperatorAccess,
  RevokedClientSecretResponse,
  RotateSecretRequest,
  RotatedClientSecretResponse,
} from '@hallpass/service-kit';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentActor } from '../current-actor.decorator.js';
import { AppsService } from './apps.service.js';

/** The client secrets of an app, whose life is that of tokens. */
@ApiTags('client-secrets')
@Controller('v1/apps/:appId/client-secrets')
export class ClientSecretsController {
  constructor(
    private readonly secrets: ClientSecretsService,
    private readonly apps: AppsService,
  ) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the client secrets of an app, masked, with where each was used from' })
  @ApiOkResponse({ type: ClientSecretsResponse })
  async list(@Param('appId', IdPipe) appId: AppId): Promise<ClientSecretsResponse> {
    await this.apps.one(appId);
    return this.secrets.list(appId);
  }

  @Post('rotate')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({
    summary: 'Issues a client secret, shown this once, beside the present one, which goes on for its grace',
  })
  @ApiOkResponse({ type: RotatedClientSecretResponse })
  rotate(
    @Param('appId', IdPipe) appId: AppId,
    @Body() request: RotateSecretRequest,
    @CurrentActor() actor: Actor,
  ): Promise<RotatedClientSecretResponse> {
    return this.secrets.rotate(appId, request, actor);
  }

  @Post(':id/grace')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Extends or ends the grace of the older of two live client secrets' })
  @ApiOkResponse({ type: ClientSecretResponse })
  grace(
    @Param('appId', IdPipe) appId: AppId,
    @Param('id', IdPipe) id: ClientSecretId,
    @Body() { graceSeconds }: GraceRequest,
    @CurrentActor() actor: Actor,
  ): Promise<ClientSecretResponse> {
    return this.secrets.changeGrace(appId, id, graceSeconds, actor);
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({
    summary:
      'Ends a client secret at once, and the access tokens given so far; the last one’s successor is shown this once',
  })
  @ApiOkResponse({ type: RevokedClientSecretResponse })
  revoke(
    @Param('appId', IdPipe) appId: AppId,
    @Param('id', IdPipe) id: ClientSecretId,
    @CurrentActor() actor: Actor,
  ): Promise<RevokedClientSecretResponse> {
    return this.secrets.revoke(appId, id, actor);
  }
}
