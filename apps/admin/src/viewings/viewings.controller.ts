import { openViewing, type Actor, type InstallationKeys } from '@hallpass/database';
import { VIEWING_REASON_LENGTH } from '@hallpass/domain';
import {
  CurrentUser,
  ID_MESSAGE,
  ID_PATTERN,
  INSTALLATION_KEYS,
  OperatorAccess,
  SERVICE_CONFIG,
  type OperatorPrincipal,
} from '@hallpass/service-kit';
import { Body, Controller, Header, Inject, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsIn, IsString, Length, Matches } from 'class-validator';
import { DataSource } from 'typeorm';
import type { AdminConfig } from '../config.js';
import { CurrentActor } from '../current-actor.decorator.js';

const PLACES = ['app', 'district'] as const;

class OpenViewingRequest {
  @ApiProperty({ enum: PLACES })
  @IsIn(PLACES)
  place!: (typeof PLACES)[number];

  @ApiProperty({ description: 'Of the app or district' })
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  id!: string;

  @ApiProperty({
    minLength: VIEWING_REASON_LENGTH.min,
    maxLength: VIEWING_REASON_LENGTH.max,
    description: 'Why; those people read it',
  })
  @IsString()
  @Length(VIEWING_REASON_LENGTH.min, VIEWING_REASON_LENGTH.max)
  reason!: string;
}

class OpenedViewingResponse {
  @ApiProperty() id!: string;

  @ApiProperty({ description: 'Where the pages are; good once' })
  url!: string;

  @ApiProperty({ format: 'date-time', description: 'Until when the address is good' })
  expiresAt!: Date;
}

/** Staff look at the pages of a partner's app or a district, as its people see them. */
@ApiTags('viewings')
@Controller('v1/viewings')
export class ViewingsController {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
    @Inject(SERVICE_CONFIG) private readonly config: AdminConfig,
  ) {}

  @Post()
  @OperatorAccess('operate')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary:
      'Opens the pages of an app or a district to look at them for a quarter of an hour; its people are told',
  })
  @ApiCreatedResponse({ type: OpenedViewingResponse })
  async open(
    @Body() { place, id: placeId, reason }: OpenViewingRequest,
    @CurrentUser() { id: operatorId }: OperatorPrincipal,
    @CurrentActor() actor: Actor,
  ): Promise<OpenedViewingResponse> {
    const command = { operatorId, place: { type: place, id: placeId }, reason };
    const { id, code, expiresAt } = await openViewing(this.dataSource, this.keys, command, actor);
    // Behind `#`, where no server and no log sees it.
    return { id, url: `${this.config.PORTAL_URL.replace(/\/$/, '')}/view#${code}`, expiresAt };
  }
}
