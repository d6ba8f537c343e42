import {
  Tokens,
  changeTokenGrace,
  revokeToken,
  rotateToken,
  usesOf,
  type Actor,
  type InstallationKeys,
  type TokenRow,
} from '@hallpass/database';
import { DomainError, maskSecret, secretState, type TokenId } from '@hallpass/domain';
import {
  GraceRequest,
  INSTALLATION_KEYS,
  IdPipe,
  LATEST_FIRST,
  OperatorAccess,
  RotateRequest,
  listPage,
} from '@hallpass/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource, type FindOptionsWhere } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { GrantListQuery } from './grants.controller.js';

function shown({ lookup: _hash, pepperVersion: _version, noticeDays: _notice, ...row }: TokenRow) {
  return { ...row, state: secretState(row, new Date()) };
}

/** Tokens as staff may see and end them: masked, and never themselves. */
@ApiTags('tokens')
@Controller('v1/tokens')
export class TokensController {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists tokens, of an app or a district where one is named, masked' })
  list(@Query() query: GrantListQuery) {
    const { appId, districtId } = query;
    const where = {
      ...(appId ? { appId } : {}),
      ...(districtId ? { districtId } : {}),
    } as FindOptionsWhere<TokenRow>;
    return listPage(this.dataSource.manager, Tokens, query, shown, { order: LATEST_FIRST, where });
  }

  @Get(':id')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Shows a token, with where it was used from' })
  async one(@Param('id', IdPipe) id: TokenId) {
    const token = await this.dataSource.manager.findOneBy(Tokens, { id });
    if (!token) throw new DomainError('not-found', 'No token has this id.');
    return { ...shown(token), uses: await usesOf(this.dataSource, [id]) };
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Issues a token beside the present one; the app fetches it from /oauth/tokens' })
  async rotate(
    @Param('id', IdPipe) tokenId: TokenId,
    @Body() { graceSeconds, start }: RotateRequest,
    @CurrentActor() actor: Actor,
  ) {
    const command = { tokenId, graceSeconds, start };
    const { token, ...rotated } = await rotateToken(this.dataSource, this.keys, command, actor);
    return { ...rotated, masked: maskSecret(token) };
  }

  @Post(':id/grace')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Extends or ends the grace of the older of two live tokens' })
  async grace(
    @Param('id', IdPipe) tokenId: TokenId,
    @Body() { graceSeconds }: GraceRequest,
    @CurrentActor() actor: Actor,
  ) {
    await changeTokenGrace(this.dataSource, { tokenId, graceSeconds }, actor);
    return this.one(tokenId);
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({
    summary: 'Ends a token at once; where none would be left that lasts, its successor is issued',
  })
  async revoke(@Param('id', IdPipe) tokenId: TokenId, @CurrentActor() actor: Actor) {
    const { successor } = await revokeToken(this.dataSource, this.keys, { tokenId, reason: 'asked' }, actor);
    return { ...(await this.one(tokenId)), successorId: successor?.tokenId ?? null };
  }
}
