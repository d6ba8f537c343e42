import type { GrantId } from '@hallpass/domain';
import {
  ClientAccess,
  CurrentUser,
  IdPipe,
  ListQuery,
  actorOf,
  toGrantResponse,
  type ClientPrincipal,
} from '@hallpass/service-kit';
import { Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { GrantResponse, GrantsPage } from './grants.dto.js';
import { GrantsService } from './grants.service.js';

const Malformed = () => ApiResponse({ status: 400, description: 'The request is not as it should be.' });
const Absent = () => ApiResponse({ status: 404, description: 'The app has no grant of this id.' });
const Answered = () => ApiResponse({ status: 409, description: 'The request has been answered before.' });

/** What districts share with the app, and those that ask to. */
@ApiTags('grants')
@Controller('v1/grants')
@ClientAccess()
export class GrantsController {
  constructor(private readonly grants: GrantsService) {}

  @Get()
  @ApiOperation({ summary: 'Lists the app’s grants, those that are asked for too' })
  @ApiOkResponse({ type: GrantsPage })
  @Malformed()
  list(@CurrentUser() { appId }: ClientPrincipal, @Query() query: ListQuery): Promise<GrantsPage> {
    return this.grants.list({ appId }, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows a grant' })
  @ApiOkResponse({ type: GrantResponse })
  @Absent()
  async one(
    @CurrentUser() { appId }: ClientPrincipal,
    @Param('id', IdPipe) id: GrantId,
  ): Promise<GrantResponse> {
    return toGrantResponse(await this.grants.one({ appId }, id));
  }

  @Post(':id/accept')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Says yes to a district that asked; its token is issued as soon as what it chose stands',
  })
  @ApiOkResponse({ type: GrantResponse })
  @Absent()
  @Answered()
  async accept(
    @CurrentUser() client: ClientPrincipal,
    @Param('id', IdPipe) id: GrantId,
    @Req() request: FastifyRequest,
  ): Promise<GrantResponse> {
    return toGrantResponse(await this.grants.accept(client.appId, id, actorOf(client, request.id)));
  }

  @Post(':id/decline')
  @HttpCode(200)
  @ApiOperation({ summary: 'Says no to a district that asked' })
  @ApiOkResponse({ type: GrantResponse })
  @Absent()
  @Answered()
  async decline(
    @CurrentUser() client: ClientPrincipal,
    @Param('id', IdPipe) id: GrantId,
    @Req() request: FastifyRequest,
  ): Promise<GrantResponse> {
    return toGrantResponse(await this.grants.decline(client.appId, id, actorOf(client, request.id)));
  }
}
