import { recordAudit, recordPlatformEvent, replayDeadDeliveries, replayDelivery } from '@hallpass/database';
import {
  DomainError,
  WEBHOOKS_MAX,
  webhookUrlFaults,
  type AppId,
  type DeliveryId,
  type WebhookId,
} from '@hallpass/domain';
import { Problem, SERVICE_CONFIG, actorOf, type ClientPrincipal } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { TokenServiceConfig } from '../config.js';
import { OutboundError, SafeFetch } from '../outbound/safe-fetch.js';
import { DeliveriesRepository, type DeliveryRow } from './deliveries.repository.js';
import { WebhookSecrets } from './webhook-secrets.js';
import type {
  ChangeWebhookRequest,
  CreateWebhookRequest,
  CreatedWebhookResponse,
  DeliveryListQuery,
  DeliveryListResponse,
  DeliveryResponse,
  ReplayResponse,
  RotatedSecretResponse,
  WebhookListResponse,
  WebhookResponse,
} from './webhooks.dto.js';
import { WebhooksRepository, type WebhookRow } from './webhooks.repository.js';

/** An app, and who acts for it. */
type Client = Pick<ClientPrincipal, 'appId' | 'person'>;

/** An app's webhooks: where it is told of platform events, and what became of that. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly secrets: WebhookSecrets,
    private readonly outbound: SafeFetch,
    @Inject(SERVICE_CONFIG) private readonly config: TokenServiceConfig,
  ) {}

  async create(client: Client, request: CreateWebhookRequest): Promise<CreatedWebhookResponse> {
    const { appId } = client;
    await this.#requireCallable(request.url);
    return this.dataSource.transaction(async (tx) => {
      if ((await this.webhooks.countLocked(tx, appId)) >= WEBHOOKS_MAX)
        throw new DomainError(
          'webhooks-too-many',
          `An app has at most ${WEBHOOKS_MAX} webhooks: delete one, or tell one of more types.`,
        );
      const { url, types = [], description = '' } = request;
      const webhook = await this.webhooks.insert(tx, appId, { url, types, description, isEnabled: true });
      await this.#audit(tx, client, webhook, 'created', { types });
      return { ...webhookResponse(webhook), secret: await this.secrets.issue(tx, webhook) };
    });
  }

  async list(appId: AppId): Promise<WebhookListResponse> {
    return { data: (await this.webhooks.list(this.dataSource, appId)).map(webhookResponse) };
  }

  async get(appId: AppId, id: WebhookId): Promise<WebhookResponse> {
    return webhookResponse(await this.#webhook(appId, id));
  }

  async change(client: Client, id: WebhookId, request: ChangeWebhookRequest): Promise<WebhookResponse> {
    const { appId } = client;
    await this.#webhook(appId, id);
    if (request.url !== undefined) await this.#requireCallable(request.url);
    return this.dataSource.transaction(async (tx) => {
      const webhook = found(await this.webhooks.update(tx, appId, id, request));
      // Where it goes may hold a secret of the receiver's: that it changed is enough.
      await this.#audit(tx, client, webhook, 'changed', { fields: Object.keys(request) });
      return webhookResponse(webhook);
    });
  }

  async delete(client: Client, id: WebhookId): Promise<void> {
    const { appId } = client;
    await this.dataSource.transaction(async (tx) => {
      if (!(await this.webhooks.delete(tx, appId, id))) throw absentWebhook();
      await this.#audit(tx, client, { id }, 'deleted');
    });
  }

  /** A new secret; the present one signs beside it for so long yet. */
  async rotateSecret(client: Client, id: WebhookId, overlapHours: number): Promise<RotatedSecretResponse> {
    const { appId } = client;
    return this.dataSource.transaction(async (tx) => {
      const webhook = await this.#webhook(appId, id, tx);
      const previousEndsAt = await this.webhooks.endSeals(tx, id, overlapHours);
      const secret = await this.secrets.issue(tx, webhook);
      await this.#audit(tx, client, webhook, 'secret-rotated', { previousEndsAt });
      return { secret, previousEndsAt: overlapHours > 0 ? (previousEndsAt?.toISOString() ?? null) : null };
    });
  }

  /** Tells this webhook alone of an event that means nothing. */
  async test(appId: AppId, id: WebhookId): Promise<DeliveryResponse> {
    return this.dataSource.transaction(async (tx) => {
      requireEnabled(await this.#webhook(appId, id, tx));
      const event = { type: 'webhook.test', appId, districtId: null, data: { webhookId: id } } as const;
      const eventId = await recordPlatformEvent(tx, event, id);
      const delivery = await this.deliveries.ofEvent(tx, id, eventId);
      return deliveryResponse(await this.#delivery(appId, id, delivery?.id, tx));
    });
  }

  async listDeliveries(
    appId: AppId,
    id: WebhookId,
    { status, limit, startingAfter }: DeliveryListQuery,
  ): Promise<DeliveryListResponse> {
    await this.#webhook(appId, id);
    const page = { status, startingAfter, limit: limit + 1 };
    const listed = await this.deliveries.list(this.dataSource, id, page);
    const data = listed.slice(0, limit).map(deliveryResponse);
    return { data, next: listed.length > limit ? (data.at(-1)?.id ?? null) : null };
  }

  async replay(appId: AppId, id: WebhookId, deliveryId: DeliveryId): Promise<DeliveryResponse> {
    return this.dataSource.transaction(async (tx) => {
      const webhook = await this.#webhook(appId, id, tx);
      await this.#delivery(appId, id, deliveryId, tx);
      requireEnabled(webhook);
      await replayDelivery(tx, deliveryId);
      return deliveryResponse(await this.#delivery(appId, id, deliveryId, tx));
    });
  }

  async replayDead(appId: AppId, id: WebhookId, since: Date): Promise<ReplayResponse> {
    return this.dataSource.transaction(async (tx) => {
      requireEnabled(await this.#webhook(appId, id, tx));
      return { replayed: await replayDeadDeliveries(tx, id, since) };
    });
  }

  #audit(
    tx: EntityManager,
    client: Client,
    { id }: Pick<WebhookRow, 'id'>,
    what: string,
    after: object = {},
  ): Promise<void> {
    const entry = { action: `webhook.${what}`, subjectType: 'webhook', subjectId: id, after };
    return recordAudit(tx, actorOf(client), entry);
  }

  async #webhook(
    appId: AppId,
    id: WebhookId,
    tx: EntityManager = this.dataSource.manager,
  ): Promise<WebhookRow> {
    return found(await this.webhooks.find(tx, appId, id));
  }

  async #delivery(
    appId: AppId,
    webhookId: WebhookId,
    id: DeliveryId | undefined,
    tx: EntityManager,
  ): Promise<DeliveryRow> {
    const delivery = id && (await this.deliveries.find(tx, appId, webhookId, id));
    if (!delivery) throw new DomainError('not-found', 'The webhook has no delivery of this id.');
    return delivery;
  }

  /** Where webhooks may go is looked at now, for who sets it up, and again whenever one is sent. */
  async #requireCallable(url: string): Promise<void> {
    const faults = webhookUrlFaults(url, this.config.WEBHOOKS_ALLOW_PRIVATE);
    if (faults.length > 0)
      throw new Problem('request-invalid', {
        detail: 'Some fields are not as they should be; `faults` lists them.',
        faults,
      });
    try {
      await this.outbound.check(url);
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      throw new DomainError(
        'webhook-address-refused',
        error.reason === 'dns'
          ? 'The host name of the address cannot be looked up.'
          : 'The address does not lead to the public internet, and this installation sends nothing elsewhere.',
      );
    }
  }
}

function found(webhook: WebhookRow | undefined): WebhookRow {
  if (!webhook) throw absentWebhook();
  return webhook;
}

function absentWebhook(): DomainError {
  return new DomainError('not-found', 'The app has no webhook of this id.');
}

function requireEnabled({ isEnabled }: WebhookRow): void {
  if (!isEnabled)
    throw new DomainError(
      'webhook-disabled',
      'Nothing is sent to a webhook that is disabled: enable it first.',
    );
}

function webhookResponse(row: WebhookRow) {
  const { id, url, types, description, isEnabled, goneAt, createdAt, changedAt } = row;
  return {
    id,
    url,
    types,
    description,
    isEnabled,
    goneAt: goneAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    changedAt: changedAt.toISOString(),
  };
}

function deliveryResponse(row: DeliveryRow): DeliveryResponse {
  const { id, status, eventId, eventType, eventAt, dueAt, endedAt, attempts } = row;
  return {
    id,
    status,
    eventId,
    eventType,
    eventAt: eventAt.toISOString(),
    dueAt: status === 'pending' ? dueAt.toISOString() : null,
    endedAt: endedAt?.toISOString() ?? null,
    attempts: attempts.map((each) => ({ ...each, at: new Date(each.at).toISOString() })),
  };
}
