import { ApiKeys, type Actor, type ApiKeyRow } from '@hallpass/database';
import type { ApiKeyId, AppId } from '@hallpass/domain';
import { IdPipe, ListQuery, OperatorAccess, listPage } from '@hallpass/service-kit';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { ApiKeysService } from './api-keys.service.js';

class ImportKeyRequest {
  @ApiProperty({ description: 'The key as the other system issued it', minLength: 8, maxLength: 128 })
  @IsString()
  key!: string;
}

/** A key as it may be shown: never itself. */
function shown({ id, appId, masked, origin, createdAt, revokedAt }: ApiKeyRow) {
  return { id, appId, masked, origin, status: revokedAt ? 'revoked' : 'active', createdAt, revokedAt };
}

/** Legacy API keys, one app's each. */
@ApiTags('api-keys')
@Controller('v1/apps/:appId/api-keys')
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly dataSource: DataSource,
  ) {}

  @Post()
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Issues an API key, shown this once' })
  issue(@Param('appId', IdPipe) appId: AppId, @CurrentActor() actor: Actor) {
    return this.keys.issue(appId, actor);
  }

  @Post('import')
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Takes over a key of another system' })
  import(
    @Param('appId', IdPipe) appId: AppId,
    @Body() { key }: ImportKeyRequest,
    @CurrentActor() actor: Actor,
  ) {
    return this.keys.import(appId, key, actor);
  }

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the app’s keys, masked' })
  list(@Param('appId', IdPipe) appId: AppId, @Query() query: ListQuery) {
    return listPage(this.dataSource.manager, ApiKeys, query, shown, { appId });
  }

  @Post(':keyId/revoke')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Revokes a key at once' })
  async revoke(
    @Param('appId', IdPipe) appId: AppId,
    @Param('keyId', IdPipe) keyId: ApiKeyId,
    @CurrentActor() actor: Actor,
  ) {
    return shown(await this.keys.revoke(appId, keyId, actor));
  }
}
