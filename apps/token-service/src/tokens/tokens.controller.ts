import type { GrantId, TokenId } from '@hallpass/domain';
import {
  ClientAccess,
  CurrentUser,
  GraceRequest,
  IdPipe,
  RotateRequest,
  actorOf,
  type ClientPrincipal,
} from '@hallpass/service-kit';
import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { TokenTrial } from './token-trial.service.js';
import {
  RevealedTokenResponse,
  RevokedTokenResponse,
  RotatedTokenResponse,
  TokenResponse,
  TokensPage,
  TokensQuery,
  TokenTrialRequest,
  TokenTrialResponse,
} from './tokens.dto.js';
import { TokensService } from './tokens.service.js';

const Malformed = () => ApiResponse({ status: 400, description: 'The request is not as it should be.' });
const Absent = () => ApiResponse({ status: 404, description: 'The app has no token of this id.' });
const Closed = () =>
  ApiResponse({ status: 409, description: 'The token has ended, or a rotation is under way.' });

/** An app's tokens over their life: where each is used from, and its rotation. */
@ApiTags('tokens')
@Controller('v1/tokens')
@ClientAccess()
export class TokensController {
  constructor(
    private readonly tokens: TokensService,
    private readonly trial: TokenTrial,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Lists all tokens of the app, ended ones too, with where they were used from' })
  @ApiOkResponse({ type: TokensPage })
  @Malformed()
  list(
    @CurrentUser() { appId }: ClientPrincipal,
    @Query() { grantId, ...query }: TokensQuery,
  ): Promise<TokensPage> {
    return this.tokens.list({ appId }, query, grantId ? { grantId: grantId as GrantId } : {});
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows a token' })
  @ApiOkResponse({ type: TokenResponse })
  @Absent()
  one(@CurrentUser() { appId }: ClientPrincipal, @Param('id', IdPipe) id: TokenId): Promise<TokenResponse> {
    return this.tokens.one({ appId }, id);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Issues a token beside the present one, which goes on for its grace' })
  @ApiOkResponse({ type: RotatedTokenResponse })
  @Malformed()
  @Absent()
  @Closed()
  rotate(
    @CurrentUser() client: ClientPrincipal,
    @Param('id', IdPipe) id: TokenId,
    @Body() { graceSeconds, start }: RotateRequest,
    @Req() request: FastifyRequest,
  ): Promise<RotatedTokenResponse> {
    return this.tokens.rotate(client, id, { graceSeconds, start }, request);
  }

  @Post(':id/grace')
  @HttpCode(200)
  @ApiOperation({ summary: 'Extends or ends the grace of the older of two live tokens' })
  @ApiOkResponse({ type: TokenResponse })
  @Malformed()
  @Absent()
  @Closed()
  grace(
    @CurrentUser() client: ClientPrincipal,
    @Param('id', IdPipe) id: TokenId,
    @Body() { graceSeconds }: GraceRequest,
    @Req() request: FastifyRequest,
  ): Promise<TokenResponse> {
    return this.tokens.changeGrace(client.appId, id, graceSeconds, actorOf(client, request.id));
  }

  @Post(':id/reveal')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Shows a token to a person who has given the password just now; counts as a reveal',
  })
  @ApiOkResponse({ type: RevealedTokenResponse })
  @ApiResponse({ status: 400, description: 'A server reads tokens at /oauth/tokens.' })
  @ApiResponse({
    status: 403,
    description:
      'The password has to be given again, or the app’s tokens are not shown, or not at this address.',
  })
  @Absent()
  @ApiResponse({ status: 409, description: 'The token has ended, or its secret is kept no longer.' })
  reveal(
    @CurrentUser() client: ClientPrincipal,
    @Param('id', IdPipe) id: TokenId,
    @Req() request: FastifyRequest,
  ): Promise<RevealedTokenResponse> {
    return this.tokens.reveal(client, id, request);
  }

  @Post(':id/test')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary:
      'Reads with the token, as the app would, and shows what came of it; for people who may change things',
  })
  @ApiOkResponse({ type: TokenTrialResponse })
  @Malformed()
  @Absent()
  @ApiResponse({ status: 409, description: 'The token’s secret is kept no longer.' })
  test(
    @CurrentUser() { appId }: ClientPrincipal,
    @Param('id', IdPipe) id: TokenId,
    @Body() { path }: TokenTrialRequest,
  ): Promise<TokenTrialResponse> {
    return this.trial.run(appId, id, path);
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Ends a token at once; where none would be left that lasts, its successor is issued',
  })
  @ApiOkResponse({ type: RevokedTokenResponse })
  @Absent()
  revoke(
    @CurrentUser() client: ClientPrincipal,
    @Param('id', IdPipe) id: TokenId,
    @Req() request: FastifyRequest,
  ): Promise<RevokedTokenResponse> {
    return this.tokens.revoke({ appId: client.appId }, id, actorOf(client, request.id));
  }
}
