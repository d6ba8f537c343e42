import { Apps, type Actor, type AppRow } from '@hallpass/database';
import type { AppId } from '@hallpass/domain';
import { IdPipe, ListQuery, OperatorAccess, namedPage } from '@hallpass/service-kit';
import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { AppSettingsRequest } from './app-settings.dto.js';
import { CreateAppRequest } from './apps.dto.js';
import { AppsService, type CreatedApp } from './apps.service.js';

/** Partners' applications. */
@ApiTags('apps')
@Controller('v1/apps')
export class AppsController {
  constructor(
    private readonly apps: AppsService,
    private readonly dataSource: DataSource,
  ) {}

  @Post()
  @OperatorAccess('operate')
  @ApiOperation({
    summary: 'Creates an app; its client secret, and its API key if one is asked for, are shown this once',
  })
  create(@Body() request: CreateAppRequest, @CurrentActor() actor: Actor): Promise<CreatedApp> {
    return this.apps.create(request, actor);
  }

  @Patch(':id')
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Changes an app’s settings, leaving what is not named as it is' })
  change(
    @Param('id', IdPipe) id: AppId,
    @Body() request: AppSettingsRequest,
    @CurrentActor() actor: Actor,
  ): Promise<AppRow> {
    return this.apps.change(id, request, actor);
  }

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists apps' })
  list(@Query() query: ListQuery) {
    return namedPage(this.dataSource.manager, Apps, query, (row) => row);
  }

  @Get(':id')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Gives an app' })
  one(@Param('id', IdPipe) id: AppId): Promise<AppRow> {
    return this.apps.one(id);
  }
}
