import { DomainError } from '@hallpass/domain';
import { ClientAccess, CurrentUser, actorOf, type ClientPrincipal } from '@hallpass/service-kit';
import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Errands } from '../errands/errands.service.js';
import { SandboxResponse } from './sandbox.dto.js';
import { SandboxRepository } from './sandbox.repository.js';

/** The district of made-up people in which an app is tried out. */
@ApiTags('sandbox')
@Controller('v1/sandbox')
@ClientAccess()
export class SandboxController {
  constructor(
    private readonly sandboxes: SandboxRepository,
    private readonly errands: Errands,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Shows the app’s sandbox district' })
  @ApiOkResponse({ type: SandboxResponse })
  @ApiResponse({ status: 404, description: 'The app has no sandbox yet.' })
  async one(@CurrentUser() { appId }: ClientPrincipal): Promise<SandboxResponse> {
    const found = await this.sandboxes.one(appId);
    if (!found) throw new DomainError('not-found', 'The app has no sandbox yet: make one by POST.');
    return found;
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Makes a district of made-up people that shares with the app all that it asks for; once',
    description:
      'Its token is where all tokens are. A person who asks for it becomes an owner of the district.',
  })
  @ApiOkResponse({ type: SandboxResponse })
  @ApiResponse({ status: 504, description: 'It was taken down and is done later.' })
  async create(
    @CurrentUser() client: ClientPrincipal,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<SandboxResponse> {
    const { appId } = client;
    await this.errands.run({ kind: 'create-sandbox', appId }, actorOf(client, requestId));
    return this.one(client);
  }
}
