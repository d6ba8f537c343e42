import { Grants, acceptRequest, lockGrant, moveGrant } from '@hallpass/database';
import { DomainError, type AppId, type GrantId } from '@hallpass/domain';
import {
  ClientAccess,
  CurrentUser,
  IdPipe,
  ListQuery,
  listPage,
  toGrantResponse,
  type ClientPrincipal,
} from '@hallpass/service-kit';
import { Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DataSource, type EntityManager } from 'typeorm';
import { actorOf } from '../oauth/reveals.js';
import { GrantSettlement } from './grant-settlement.js';
import { GrantResponse, GrantsPage } from './grants.dto.js';

const Malformed = () => ApiResponse({ status: 400, description: 'The request is not as it should be.' });
const Absent = () => ApiResponse({ status: 404, description: 'The app has no grant of this id.' });
const Answered = () => ApiResponse({ status: 409, description: 'The request has been answered before.' });

/** What districts share with the app, and those that ask to. */
@ApiTags('grants')
@Controller('v1/grants')
@ClientAccess()
export class GrantsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settlement: GrantSettlement,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Lists the app’s grants, those that are asked for too' })
  @ApiOkResponse({ type: GrantsPage })
  @Malformed()
  list(@CurrentUser() { appId }: ClientPrincipal, @Query() query: ListQuery): Promise<GrantsPage> {
    return listPage(this.dataSource.manager, Grants, query, toGrantResponse, { appId });
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows a grant' })
  @ApiOkResponse({ type: GrantResponse })
  @Absent()
  async one(
    @CurrentUser() { appId }: ClientPrincipal,
    @Param('id', IdPipe) id: GrantId,
  ): Promise<GrantResponse> {
    return toGrantResponse(await grantOf(this.dataSource.manager, appId, id));
  }

  @Post(':id/accept')
  @HttpCode(200)
  @ApiOperation({ summary: 'Says yes to a district that asked; its token is issued as soon as what it chose stands' })
  @ApiOkResponse({ type: GrantResponse })
  @Absent()
  @Answered()
  async accept(
    @CurrentUser() { appId }: ClientPrincipal,
    @Param('id', IdPipe) id: GrantId,
    @Req() request: FastifyRequest,
  ): Promise<GrantResponse> {
    await this.dataSource.transaction(async (tx) => {
      const grant = await lockGrant(tx, await grantOf(tx, appId, id));
      await acceptRequest(tx, grant, actorOf(appId, request.id));
    });
    return toGrantResponse(await this.settlement.settled(id));
  }

  @Post(':id/decline')
  @HttpCode(200)
  @ApiOperation({ summary: 'Says no to a district that asked' })
  @ApiOkResponse({ type: GrantResponse })
  @Absent()
  @Answered()
  async decline(
    @CurrentUser() { appId }: ClientPrincipal,
    @Param('id', IdPipe) id: GrantId,
    @Req() request: FastifyRequest,
  ): Promise<GrantResponse> {
    const grant = await grantOf(this.dataSource.manager, appId, id);
    if (grant.status !== 'requested')
      throw new DomainError('request-answered', `This request was answered before: the grant is ${grant.status}.`);
    return toGrantResponse(await moveGrant(this.dataSource, id, 'revoke', actorOf(appId, request.id)));
  }
}

async function grantOf(tx: EntityManager, appId: AppId, id: GrantId) {
  const grant = await tx.findOneBy(Grants, { id, appId });
  if (!grant) throw new DomainError('not-found', 'No grant has this id.');
  return grant;
}
