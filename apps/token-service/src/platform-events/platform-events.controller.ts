import { ClientAccess, CurrentUser, type ClientPrincipal } from '@hallpass/service-kit';
import { Controller, Get, Header, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { EventsQuery, PlatformEventsResponse } from './platform-events.dto.js';
import { PlatformEventsService } from './platform-events.service.js';

/** What webhooks tell, as a list: whoever missed a webhook has missed nothing. */
@ApiTags('events')
@Controller('v1/events')
export class PlatformEventsController {
  constructor(private readonly events: PlatformEventsService) {}

  @Get()
  @ClientAccess()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Lists what happened to the app’s grants, tokens, keys and rosters, in order' })
  @ApiOkResponse({ type: PlatformEventsResponse })
  @ApiResponse({ status: 400, description: 'A parameter is not as it should be.' })
  @ApiResponse({ status: 410, description: 'Events behind the cursor are no longer kept.' })
  list(
    @CurrentUser() client: ClientPrincipal,
    @Query() query: EventsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlatformEventsResponse> {
    const left = new AbortController();
    reply.raw.once('close', () => left.abort());
    return this.events.list(client.appId, query, left.signal);
  }
}
