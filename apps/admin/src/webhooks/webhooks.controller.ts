import { recordAudit, replayDeadDeliveries, replayDelivery, type Actor, type Sql } from '@hallpass/database';
import {
  ATTEMPT_ERRORS,
  DELIVERY_STATUSES,
  DomainError,
  type DeliveryId,
  type DeliveryStatus,
  type WebhookId,
} from '@hallpass/domain';
import { IdPipe, ListQuery, OperatorAccess } from '@hallpass/service-kit';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { IsIn, IsISO8601, IsOptional } from 'class-validator';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { WatchedWebhooks, type WatchedWebhook } from './webhooks.repository.js';

const DATE_OR_NULL = { type: String, format: 'date-time', nullable: true } as const;

class WebhooksQuery extends ListQuery {
  @ApiPropertyOptional({
    enum: ['failing'],
    description: 'Only those that are off or have deliveries given up',
  })
  @IsOptional()
  @IsIn(['failing'])
  state?: 'failing';
}

class DeliveriesQuery extends ListQuery {
  @ApiPropertyOptional({ enum: DELIVERY_STATUSES })
  @IsOptional()
  @IsIn(DELIVERY_STATUSES)
  status?: DeliveryStatus;
}

class WatchedWebhookResponse {
  @ApiProperty() id!: string;
  @ApiProperty() appId!: string;
  @ApiProperty() appName!: string;
  @ApiProperty() partnerName!: string;
  @ApiProperty({ description: 'Without what stands behind `?`' }) url!: string;
  @ApiProperty({ type: [String], description: 'None: all' }) types!: string[];
  @ApiProperty() description!: string;
  @ApiProperty() isEnabled!: boolean;
  @ApiProperty({ ...DATE_OR_NULL, description: 'When its server said that it is gone' }) goneAt!: Date | null;
  @ApiProperty({ format: 'date-time' }) createdAt!: Date;
  @ApiProperty({ description: 'Deliveries on their way' }) pending!: number;
  @ApiProperty({ description: 'Deliveries given up, of the last 30 days' }) dead!: number;
  @ApiProperty({ ...DATE_OR_NULL, description: 'When a delivery was last taken' }) deliveredAt!: Date | null;
}

class WatchedWebhooksPage {
  @ApiProperty({ type: [WatchedWebhookResponse] }) data!: WatchedWebhookResponse[];
  @ApiProperty({ type: String, nullable: true }) next!: string | null;
}

class WatchedAttempt {
  @ApiProperty({ format: 'date-time' }) at!: string;
  @ApiProperty({ type: Number, nullable: true }) httpStatus!: number | null;
  @ApiProperty({ enum: ATTEMPT_ERRORS, type: String, nullable: true }) error!: string | null;
  @ApiProperty() milliseconds!: number;
}

class WatchedDeliveryResponse {
  @ApiProperty() id!: string;
  @ApiProperty({ enum: DELIVERY_STATUSES }) status!: string;
  @ApiProperty() eventType!: string;
  @ApiProperty({ format: 'date-time' }) eventAt!: Date;
  @ApiProperty({ ...DATE_OR_NULL, description: 'When it is tried next' }) dueAt!: Date | null;
  @ApiProperty(DATE_OR_NULL) endedAt!: Date | null;
  @ApiProperty({ type: [WatchedAttempt] }) attempts!: WatchedAttempt[];
}

class WatchedDeliveriesPage {
  @ApiProperty({ type: [WatchedDeliveryResponse] }) data!: WatchedDeliveryResponse[];
  @ApiProperty({ type: String, nullable: true }) next!: string | null;
}

class ReplayDeadRequest {
  @ApiProperty({ format: 'date-time', description: 'All deliveries given up of events since then' })
  @IsISO8601({ strict: true }, { message: 'since has to be an instant, as 2027-01-31T08:00:00Z' })
  since!: string;
}

class ReplayedResponse {
  @ApiProperty({ description: 'How many deliveries have begun anew' }) replayed!: number;
}

const Off = () => ApiResponse({ status: 409, description: 'The webhook is switched off.' });

/** The webhooks of all partners: how they are, and what was given up sent again. Their settings and secrets are the partners'. */
@ApiTags('webhooks')
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly webhooks: WatchedWebhooks,
  ) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the webhooks of all apps, and how their deliveries are' })
  @ApiOkResponse({ type: WatchedWebhooksPage })
  async list(@Query() { limit, startingAfter, state }: WebhooksQuery): Promise<WatchedWebhooksPage> {
    const page = { limit: limit + 1, startingAfter, isFailing: state === 'failing' };
    return pageOf(await this.webhooks.list(this.dataSource, page), limit);
  }

  @Get(':id')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Gives a webhook' })
  @ApiOkResponse({ type: WatchedWebhookResponse })
  one(@Param('id', IdPipe) id: WebhookId): Promise<WatchedWebhookResponse> {
    return this.#find(this.dataSource, id);
  }

  @Get(':id/deliveries')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the deliveries of a webhook, the newest first' })
  @ApiOkResponse({ type: WatchedDeliveriesPage })
  async deliveries(
    @Param('id', IdPipe) id: WebhookId,
    @Query() { limit, startingAfter, status }: DeliveriesQuery,
  ): Promise<WatchedDeliveriesPage> {
    await this.#find(this.dataSource, id);
    const page = { limit: limit + 1, startingAfter, status };
    return pageOf(await this.webhooks.deliveries(this.dataSource, id, page), limit);
  }

  @Post(':id/replay')
  @HttpCode(202)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Sends again what was given up of events since then' })
  @ApiResponse({ status: 202, type: ReplayedResponse })
  @Off()
  replayDead(
    @Param('id', IdPipe) id: WebhookId,
    @Body() { since }: ReplayDeadRequest,
    @CurrentActor() actor: Actor,
  ): Promise<ReplayedResponse> {
    return this.dataSource.transaction(async (tx) => {
      requireOn(await this.#find(tx, id));
      const replayed = await replayDeadDeliveries(tx, id, new Date(since));
      await this.#record(tx, actor, id, { since, replayed });
      return { replayed };
    });
  }

  @Post(':id/deliveries/:deliveryId/replay')
  @HttpCode(202)
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Sends one delivery again' })
  @ApiResponse({ status: 202, type: ReplayedResponse })
  @Off()
  replay(
    @Param('id', IdPipe) id: WebhookId,
    @Param('deliveryId', IdPipe) deliveryId: DeliveryId,
    @CurrentActor() actor: Actor,
  ): Promise<ReplayedResponse> {
    return this.dataSource.transaction(async (tx) => {
      requireOn(await this.#find(tx, id));
      if (!(await this.webhooks.hasDelivery(tx, id, deliveryId)))
        throw new DomainError('not-found', 'The webhook has no delivery of this id.');
      await replayDelivery(tx, deliveryId);
      await this.#record(tx, actor, id, { deliveryId });
      return { replayed: 1 };
    });
  }

  async #find(sql: Sql, id: WebhookId): Promise<WatchedWebhook> {
    const found = await this.webhooks.find(sql, id);
    if (!found) throw new DomainError('not-found', 'No webhook has this id.');
    return found;
  }

  #record(tx: Sql, actor: Actor, id: WebhookId, after: object): Promise<void> {
    return recordAudit(tx, actor, {
      action: 'webhook.replayed',
      subjectType: 'webhook',
      subjectId: id,
      after,
    });
  }
}

function requireOn({ isEnabled }: WatchedWebhook): void {
  if (isEnabled) return;
  throw new DomainError(
    'webhook-disabled',
    'Nothing is sent to a webhook that is off: its partner turns it on first.',
  );
}

function pageOf<T extends { id: string }>(found: T[], limit: number): { data: T[]; next: string | null } {
  const data = found.slice(0, limit);
  return { data, next: found.length > limit ? (data.at(-1)?.id ?? null) : null };
}
