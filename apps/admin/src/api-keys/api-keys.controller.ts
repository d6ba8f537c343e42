import { ApiKeys, type Actor, type ApiKeyRow } from '@hallpass/database';
import type { ApiKeyId, AppId } from '@hallpass/domain';
import { IdPipe, LATEST_FIRST, ListQuery, OperatorAccess, listPage } from '@hallpass/service-kit';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsInt,
  IsString,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { ApiKeysService } from './api-keys.service.js';

/** So many fit into a request's body. */
const KEYS_MAX = 3000;

class ImportKeyRequest {
  @ApiProperty({ description: 'The key as the other system issued it', minLength: 8, maxLength: 128 })
  @IsString()
  key!: string;
}

class ListedKeyRequest {
  @ApiProperty({ description: 'The line of the list, for what is said of it', minimum: 1 })
  @IsInt()
  @Min(1)
  line!: number;

  @ApiProperty({ description: 'The app’s id or client id', maxLength: 128 })
  @IsString()
  @MaxLength(128)
  app!: string;

  @ApiProperty({ description: 'The key as the other system issued it', maxLength: 200 })
  @IsString()
  @MaxLength(200)
  key!: string;
}

class ImportKeysRequest {
  @ApiProperty({ type: [ListedKeyRequest], maxItems: KEYS_MAX })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(KEYS_MAX)
  @ValidateNested({ each: true })
  @Type(() => ListedKeyRequest)
  keys!: ListedKeyRequest[];
}

class ImportedKeysResponse {
  @ApiProperty() imported!: number;
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
    return listPage(this.dataSource.manager, ApiKeys, query, shown, { order: LATEST_FIRST, of: { appId } });
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

/** Keys of another system, many apps' at once. */
@ApiTags('api-keys')
@Controller('v1/api-keys')
export class KeyListsController {
  constructor(private readonly keys: ApiKeysService) {}

  @Post('import')
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Takes over keys of another system, all that are listed or none' })
  @ApiCreatedResponse({ type: ImportedKeysResponse })
  import(@Body() { keys }: ImportKeysRequest, @CurrentActor() actor: Actor): Promise<ImportedKeysResponse> {
    return this.keys.importAll(keys, actor);
  }
}
