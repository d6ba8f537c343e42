import type { GrantId, TokenId } from '@hallpass/domain';
import {
  AccessLogPage,
  AccessLogQuery,
  ChangeGrantRequest,
  CurrentUser,
  DistrictAccess,
  IdPipe,
  ListQuery,
  Reads,
  actorOf,
  toGrantResponse,
  type DistrictPrincipal,
} from '@hallpass/service-kit';
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Req,
  Res,
  type StreamableFile,
} from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GrantResponse, GrantsPage } from '../grants/grants.dto.js';
import { GrantsService } from '../grants/grants.service.js';
import { RevokedTokenResponse, TokensPage } from '../tokens/tokens.dto.js';
import { TokensService } from '../tokens/tokens.service.js';
import {
  AcceptInvitationRequest,
  AskAppRequest,
  DistrictResponse,
  FindAppsQuery,
  InvitationCode,
  InvitationWithApp,
  InvitationsWithApps,
  ListedAppsPage,
} from './district.dto.js';
import { DistrictService } from './district.service.js';
import { PreviewPageResponse, PreviewRequestBody, PreviewResponse, RecordsRequest } from './preview.dto.js';
import { Previews } from './previews.service.js';

const Malformed = () => ApiResponse({ status: 400, description: 'The request is not as it should be.' });
const Absent = () => ApiResponse({ status: 404, description: 'The district has nothing of this id.' });
const Closed = () => ApiResponse({ status: 409, description: 'Its present state does not allow this.' });
const Refused = () => ApiResponse({ status: 422, description: 'The choice cannot be shared as it is.' });

/** What a district's people do: find apps, say what is shared with whom, and end it. */
@ApiTags('district')
@Controller('v1/district')
@DistrictAccess()
export class DistrictController {
  constructor(
    private readonly districts: DistrictService,
    private readonly ownGrants: GrantsService,
    private readonly tokens: TokensService,
    private readonly previews: Previews,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Shows the district itself' })
  @ApiOkResponse({ type: DistrictResponse })
  district(@CurrentUser() { districtId }: DistrictPrincipal): Promise<DistrictResponse> {
    return this.districts.district(districtId);
  }

  @Get('apps')
  @ApiOperation({
    summary: 'Finds apps, and those of the district’s own grants, with what each asks for and why',
  })
  @ApiOkResponse({ type: ListedAppsPage })
  @Malformed()
  apps(
    @CurrentUser() { districtId }: DistrictPrincipal,
    @Query() query: FindAppsQuery,
  ): Promise<ListedAppsPage> {
    return this.districts.findApps(districtId, query);
  }

  @Get('invitations')
  @ApiOperation({ summary: 'Lists the open invitations that name the district' })
  @ApiOkResponse({ type: InvitationsWithApps })
  async invitations(@CurrentUser() { districtId }: DistrictPrincipal): Promise<InvitationsWithApps> {
    return { data: await this.districts.invitations(districtId) };
  }

  @Post('invitations/look-up')
  @Reads()
  @HttpCode(200)
  @ApiOperation({ summary: 'Shows the invitation of a link, by its code' })
  @ApiOkResponse({ type: InvitationWithApp })
  @Malformed()
  @Absent()
  @Closed()
  lookUp(
    @CurrentUser() { districtId }: DistrictPrincipal,
    @Body() { code }: InvitationCode,
  ): Promise<InvitationWithApp> {
    return this.districts.lookUp(districtId, code);
  }

  @Post('invitations/accept')
  @ApiOperation({
    summary: 'Accepts an invitation with what is to be shared; the app’s token is issued with it',
  })
  @ApiCreatedResponse({ type: GrantResponse })
  @Malformed()
  @Absent()
  @Closed()
  @Refused()
  async accept(
    @CurrentUser() caller: DistrictPrincipal,
    @Body() request: AcceptInvitationRequest,
    @Req() { id }: FastifyRequest,
  ): Promise<GrantResponse> {
    return toGrantResponse(await this.districts.accept(caller.districtId, request, actorOf(caller, id)));
  }

  @Post('records')
  @Reads()
  @HttpCode(200)
  @ApiOperation({ summary: 'Shows the district’s own records of a kind, by name' })
  @ApiOkResponse({ type: PreviewPageResponse })
  @Malformed()
  records(
    @CurrentUser() { districtId }: DistrictPrincipal,
    @Body() request: RecordsRequest,
  ): Promise<PreviewPageResponse> {
    return this.previews.records(districtId, request);
  }

  @Post('preview')
  @Reads()
  @HttpCode(200)
  @ApiOperation({ summary: 'Shows what a choice would share, before it shares anything' })
  @ApiOkResponse({ type: PreviewResponse })
  @Malformed()
  @Absent()
  @Refused()
  preview(
    @CurrentUser() { districtId }: DistrictPrincipal,
    @Body() request: PreviewRequestBody,
  ): Promise<PreviewResponse> {
    return this.previews.preview(districtId, request);
  }

  @Get('grants')
  @ApiOperation({ summary: 'Lists what the district shares, with which app' })
  @ApiOkResponse({ type: GrantsPage })
  @Malformed()
  grants(@CurrentUser() { districtId }: DistrictPrincipal, @Query() query: ListQuery): Promise<GrantsPage> {
    return this.ownGrants.list({ districtId }, query);
  }

  @Post('grants')
  @ApiOperation({
    summary: 'Asks an app that was found; one that takes districts at once has its token at once',
  })
  @ApiCreatedResponse({ type: GrantResponse })
  @Malformed()
  @Absent()
  @Closed()
  @Refused()
  async ask(
    @CurrentUser() caller: DistrictPrincipal,
    @Body() request: AskAppRequest,
    @Req() { id }: FastifyRequest,
  ): Promise<GrantResponse> {
    return toGrantResponse(await this.districts.ask(caller.districtId, request, actorOf(caller, id)));
  }

  @Get('grants/:id')
  @ApiOperation({ summary: 'Shows a grant' })
  @ApiOkResponse({ type: GrantResponse })
  @Absent()
  async grant(
    @CurrentUser() { districtId }: DistrictPrincipal,
    @Param('id', IdPipe) id: GrantId,
  ): Promise<GrantResponse> {
    return toGrantResponse(await this.ownGrants.one({ districtId }, id));
  }

  @Patch('grants/:id')
  @ApiOperation({ summary: 'Changes what is shared, leaving what is not named as it is' })
  @ApiOkResponse({ type: GrantResponse })
  @Malformed()
  @Absent()
  @Closed()
  @Refused()
  async change(
    @CurrentUser() caller: DistrictPrincipal,
    @Param('id', IdPipe) grantId: GrantId,
    @Body() request: ChangeGrantRequest,
    @Req() { id }: FastifyRequest,
  ): Promise<GrantResponse> {
    const actor = actorOf(caller, id);
    return toGrantResponse(await this.districts.change(caller.districtId, grantId, request, actor));
  }

  @Post('grants/:id/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Pauses a grant: its tokens are refused until it is resumed' })
  @ApiOkResponse({ type: GrantResponse })
  @Absent()
  @Closed()
  async pause(
    @CurrentUser() caller: DistrictPrincipal,
    @Param('id', IdPipe) grantId: GrantId,
    @Req() { id }: FastifyRequest,
  ): Promise<GrantResponse> {
    return toGrantResponse(
      await this.districts.move(caller.districtId, grantId, 'pause', actorOf(caller, id)),
    );
  }

  @Post('grants/:id/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Resumes a paused grant' })
  @ApiOkResponse({ type: GrantResponse })
  @Absent()
  @Closed()
  async resume(
    @CurrentUser() caller: DistrictPrincipal,
    @Param('id', IdPipe) grantId: GrantId,
    @Req() { id }: FastifyRequest,
  ): Promise<GrantResponse> {
    return toGrantResponse(
      await this.districts.move(caller.districtId, grantId, 'resume', actorOf(caller, id)),
    );
  }

  @Post('grants/:id/revoke')
  @HttpCode(200)
  @ApiOperation({ summary: 'Revokes a grant for good; its tokens are refused at once' })
  @ApiOkResponse({ type: GrantResponse })
  @Absent()
  @Closed()
  async revoke(
    @CurrentUser() caller: DistrictPrincipal,
    @Param('id', IdPipe) grantId: GrantId,
    @Req() { id }: FastifyRequest,
  ): Promise<GrantResponse> {
    return toGrantResponse(
      await this.districts.move(caller.districtId, grantId, 'revoke', actorOf(caller, id)),
    );
  }

  @Get('grants/:id/tokens')
  @ApiOperation({ summary: 'Lists the tokens of a grant, masked, with where each is used from' })
  @ApiOkResponse({ type: TokensPage })
  @Malformed()
  @Absent()
  async grantTokens(
    @CurrentUser() { districtId }: DistrictPrincipal,
    @Param('id', IdPipe) grantId: GrantId,
    @Query() query: ListQuery,
  ): Promise<TokensPage> {
    await this.ownGrants.one({ districtId }, grantId);
    return this.tokens.list({ districtId }, query, { grantId });
  }

  @Get('access-log')
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
  @Malformed()
  accessLog(
    @CurrentUser() { districtId }: DistrictPrincipal,
    @Query() query: AccessLogQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AccessLogPage | StreamableFile> {
    return this.districts.accessLog(districtId, query, request, reply);
  }

  @Post('tokens/:id/revoke')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends a token that has leaked; the app finds its successor at /oauth/tokens' })
  @ApiOkResponse({ type: RevokedTokenResponse })
  @Absent()
  revokeToken(
    @CurrentUser() caller: DistrictPrincipal,
    @Param('id', IdPipe) tokenId: TokenId,
    @Req() { id }: FastifyRequest,
  ): Promise<RevokedTokenResponse> {
    return this.tokens.revoke({ districtId: caller.districtId }, tokenId, actorOf(caller, id));
  }
}
