import {
  CurrentUser,
  Problem,
  ServerAccess,
  TokenAccess,
  TokenEndpointAccess,
  type ClientPrincipal,
  type JudgedAccess,
} from '@hallpass/service-kit';
import { Body, Controller, Get, Header, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { scopesOf } from '@hallpass/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessTokensService } from './access-tokens.service.js';
import { CodesService } from './codes.service.js';
import { OAuthForm } from './form.js';
import {
  AccessTokenResponse,
  CodeForm,
  IntrospectionResponse,
  TokenForm,
  TokenInfoResponse,
  TokenListResponse,
  TokenReferenceForm,
  type TokenListQuery,
} from './oauth.dto.js';
import { TokenListService } from './token-list.service.js';

const FORM = 'application/x-www-form-urlencoded';
const Malformed = () => ApiResponse({ status: 400, description: 'A parameter is not as it should be.' });

/** What the guard of the token endpoint lets in. Its routes take the request as it is: no pipe looks at every call. */
type ClientRequest = FastifyRequest & { user: ClientPrincipal };

@ApiTags('oauth')
@Controller('oauth')
export class OAuthController {
  constructor(
    private readonly list: TokenListService,
    private readonly accessTokens: AccessTokensService,
    private readonly codes: CodesService,
  ) {}

  @Get('tokens')
  @ServerAccess()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Lists the app’s tokens: one for each district that shares with it now' })
  @ApiQuery({ name: 'owner_type', required: true, schema: { type: 'string', enum: ['district'] } })
  @ApiQuery({ name: 'district', required: false, schema: { type: 'string', pattern: '^[0-9a-f]{24}$' } })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 10_000, default: 10_000 },
  })
  @ApiQuery({
    name: 'starting_after',
    required: false,
    description: 'A district’s id; `next` carries it',
    schema: { type: 'string', pattern: '^[0-9a-f]{24}$' },
  })
  @ApiQuery({
    name: 'updated_since',
    required: false,
    description: 'Only tokens that, or whose grants, have changed since',
    schema: { type: 'string', format: 'date-time' },
  })
  @ApiOkResponse({ type: TokenListResponse })
  @Malformed()
  @ApiResponse({ status: 304, description: 'The caller’s copy (If-None-Match) is the present one.' })
  @ApiResponse({ status: 403, description: 'The app’s tokens are not read from this address.' })
  async tokens(
    @CurrentUser() client: ClientPrincipal,
    @Query() query: TokenListQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenListResponse | undefined> {
    const { etag, body } = await this.list.list(client, query, request);
    reply.header('etag', etag);
    if (!body) reply.status(304);
    return body;
  }

  @Post('token')
  @HttpCode(200)
  @TokenEndpointAccess()
  @Header('cache-control', 'no-store')
  @Header('pragma', 'no-cache')
  @ApiOperation({ summary: 'Gives a token: of a district for client credentials, or for a code (RFC 6749)' })
  @ApiConsumes(FORM)
  @ApiBody({ type: TokenForm })
  @ApiOkResponse({ type: AccessTokenResponse })
  @Malformed()
  token(@Req() request: ClientRequest): Promise<AccessTokenResponse> {
    const client = request.user;
    const form = formOf(request);
    const type = form.require('grant_type');
    if (type === 'client_credentials') return this.accessTokens.issue(client, form, request.ip);
    if (type === 'authorization_code') return this.codes.exchange(client, form, request);
    throw new Problem('grant-type-unsupported', {
      detail: '`grant_type` is client_credentials or authorization_code.',
    });
  }

  @Post('tokens')
  @HttpCode(200)
  @ServerAccess()
  @Header('cache-control', 'no-store')
  @Header('pragma', 'no-cache')
  @ApiOperation({
    summary: 'Gives the token of a district for the code that the app was sent, as Clever does',
  })
  @ApiConsumes(FORM, 'application/json')
  @ApiBody({ type: CodeForm })
  @ApiOkResponse({ type: AccessTokenResponse })
  @Malformed()
  exchange(
    @CurrentUser() client: ClientPrincipal,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<AccessTokenResponse> {
    const form = new OAuthForm(body);
    if (form.require('grant_type') !== 'authorization_code')
      throw new Problem('grant-type-unsupported', {
        detail: '`grant_type` is authorization_code here; client_credentials is for /oauth/token.',
      });
    return this.codes.exchange(client, form, request);
  }

  @Post('introspect')
  @HttpCode(200)
  @TokenEndpointAccess()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Says what one of the app’s tokens is good for now (RFC 7662)' })
  @ApiConsumes(FORM)
  @ApiBody({ type: TokenReferenceForm })
  @ApiOkResponse({ type: IntrospectionResponse })
  @Malformed()
  introspect(@Req() request: ClientRequest): IntrospectionResponse | Promise<IntrospectionResponse> {
    return this.accessTokens.introspect(request.user, formOf(request));
  }

  @Post('revoke')
  @HttpCode(200)
  @TokenEndpointAccess()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary:
      'Ends one of the app’s tokens at once (RFC 7009); a district’s lasting token has a successor at once',
  })
  @ApiConsumes(FORM)
  @ApiBody({ type: TokenReferenceForm })
  @ApiOkResponse({ description: 'It is ended, or never was one of the app’s' })
  @Malformed()
  revoke(@Req() request: ClientRequest): Promise<void> {
    return this.accessTokens.revoke(request.user, formOf(request), request.id);
  }

  @Get('tokeninfo')
  @TokenAccess()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Says what the token that is sent is for' })
  @ApiOkResponse({ type: TokenInfoResponse })
  tokenInfo(@CurrentUser() { app, decision }: JudgedAccess): TokenInfoResponse {
    const scopes = decision.allowed ? decision.scopes.flatMap(({ rule }) => scopesOf(rule.fields)) : [];
    return { client_id: app.clientId, scopes: [...new Set(scopes)] };
  }
}

/** RFC 6749 has parameters in a form: a JSON body would be one way more to smuggle them past somebody. */
function formOf({ headers, body }: ClientRequest): OAuthForm {
  if (headers['content-type']?.startsWith(FORM)) return new OAuthForm(body);
  throw new Problem('request-invalid', { detail: `Send the parameters as ${FORM}, in the body.` });
}
