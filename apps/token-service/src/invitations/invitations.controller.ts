import type { InvitationId } from '@hallpass/domain';
import {
  ClientAccess,
  CurrentUser,
  IdPipe,
  ListQuery,
  actorOf,
  type ClientPrincipal,
} from '@hallpass/service-kit';
import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { InvitationsPage, InviteRequest, MadeInvitationResponse } from './invitations.dto.js';
import { InvitationsService } from './invitations.service.js';

const Malformed = () => ApiResponse({ status: 400, description: 'The request is not as it should be.' });
const Absent = () => ApiResponse({ status: 404, description: 'There is nothing of this id.' });

/** How an app comes to a district: by a link that the district's administrator opens. */
@ApiTags('invitations')
@Controller('v1/invitations')
@ClientAccess()
export class InvitationsController {
  constructor(private readonly invitations: InvitationsService) {}

  @Post()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Invites a district; the link is shown this once' })
  @ApiCreatedResponse({ type: MadeInvitationResponse })
  @Malformed()
  @Absent()
  invite(
    @CurrentUser() client: ClientPrincipal,
    @Body() body: InviteRequest,
    @Req() request: FastifyRequest,
  ): Promise<MadeInvitationResponse> {
    return this.invitations.invite(client.appId, body, actorOf(client, request.id));
  }

  @Get()
  @ApiOperation({ summary: 'Lists the app’s invitations' })
  @ApiOkResponse({ type: InvitationsPage })
  @Malformed()
  list(@CurrentUser() { appId }: ClientPrincipal, @Query() query: ListQuery): Promise<InvitationsPage> {
    return this.invitations.list(appId, query);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes an open invitation back' })
  @ApiNoContentResponse()
  @Absent()
  @ApiResponse({ status: 409, description: 'It is no longer open.' })
  withdraw(
    @CurrentUser() client: ClientPrincipal,
    @Param('id', IdPipe) id: InvitationId,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.invitations.withdraw(client.appId, id, actorOf(client, request.id));
  }
}
