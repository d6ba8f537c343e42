import { Tokens, type TokenRow } from '@hallpass/database';
import { OperatorAccess } from '@hallpass/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource, type FindOptionsWhere } from 'typeorm';
import { listPage } from '@hallpass/service-kit';
import { GrantListQuery } from './grants.controller.js';

/** Tokens as staff may see them: masked, and never themselves. */
@ApiTags('tokens')
@Controller('v1/tokens')
export class TokensController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists tokens, of an app or a district where one is named, masked' })
  list(@Query() query: GrantListQuery) {
    const { appId, districtId } = query;
    const where = {
      ...(appId ? { appId } : {}),
      ...(districtId ? { districtId } : {}),
    } as FindOptionsWhere<TokenRow>;
    return listPage(
      this.dataSource.manager,
      Tokens,
      query,
      ({ lookup: _hash, ...row }) => ({ ...row, status: row.revokedAt ? 'revoked' : 'active' }),
      where,
    );
  }
}
