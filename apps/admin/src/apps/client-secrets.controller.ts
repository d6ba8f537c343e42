import {
  ClientSecrets,
  changeClientSecretGrace,
  revokeClientSecret,
  rotateClientSecret,
  usesOf,
  type Actor,
  type ClientSecretRow,
  type InstallationKeys,
} from '@hallpass/database';
import { secretState, type AppId, type ClientSecretId } from '@hallpass/domain';
import {
  GraceRequest,
  INSTALLATION_KEYS,
  IdPipe,
  OperatorAccess,
  RotateRequest,
} from '@hallpass/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { AGE_DAYS_MAX } from './app-settings.dto.js';
import { AppsService } from './apps.service.js';

export class RotateSecretRequest extends RotateRequest {
  @ApiPropertyOptional({
    minimum: 1,
    maximum: AGE_DAYS_MAX,
    description: 'After so many days the new one ends',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(AGE_DAYS_MAX)
  ageDays?: number;
}

function shown({ lookup: _hash, pepperVersion: _version, ...row }: ClientSecretRow) {
  return { ...row, state: secretState(row, new Date()) };
}

/** The client secrets of an app, whose life is that of tokens. */
@ApiTags('client-secrets')
@Controller('v1/apps/:appId/client-secrets')
export class ClientSecretsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly apps: AppsService,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the client secrets of an app, masked, with where each was used from' })
  async list(@Param('appId', IdPipe) appId: AppId) {
    await this.apps.one(appId);
    const found = await this.dataSource.manager.find(ClientSecrets, {
      where: { appId },
      order: { id: 'ASC' },
    });
    const uses = await usesOf(
      this.dataSource,
      found.map(({ id }) => id),
    );
    return {
      data: found.map((row) => ({ ...shown(row), uses: uses.filter(({ id }) => (id as string) === row.id) })),
      next: null,
    };
  }

  @Post('rotate')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({
    summary: 'Issues a client secret, shown this once, beside the present one, which goes on for its grace',
  })
  rotate(
    @Param('appId', IdPipe) appId: AppId,
    @Body() { graceSeconds, start, ageDays }: RotateSecretRequest,
    @CurrentActor() actor: Actor,
  ) {
    const command = { appId, graceSeconds, start, ageDays: ageDays ?? null };
    return rotateClientSecret(this.dataSource, this.keys, command, actor);
  }

  @Post(':id/grace')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Extends or ends the grace of the older of two live client secrets' })
  async grace(
    @Param('appId', IdPipe) appId: AppId,
    @Param('id', IdPipe) id: ClientSecretId,
    @Body() { graceSeconds }: GraceRequest,
    @CurrentActor() actor: Actor,
  ) {
    return shown(await changeClientSecretGrace(this.dataSource, { appId, id, graceSeconds }, actor));
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @OperatorAccess('operate')
  @ApiOperation({
    summary:
      'Ends a client secret at once, and the access tokens given so far; the last one’s successor is shown this once',
  })
  async revoke(
    @Param('appId', IdPipe) appId: AppId,
    @Param('id', IdPipe) id: ClientSecretId,
    @CurrentActor() actor: Actor,
  ) {
    const { secret, successor } = await revokeClientSecret(this.dataSource, this.keys, { appId, id }, actor);
    return { ...shown(secret), successor };
  }
}
