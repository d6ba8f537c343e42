import { webhookSealKey, type InstallationKeys, type Sql } from '@hallpass/database';
import {
  newId,
  newWebhookSecret,
  openSecret,
  sealSecret,
  type AppId,
  type WebhookId,
} from '@hallpass/domain';
import { INSTALLATION_KEYS } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { WebhooksRepository, type WebhookSealId } from './webhooks.repository.js';

/** The headers of Standard Webhooks. */
export type SignatureHeaders = Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>;

/** The webhook has no secret that opens here, as when the installation's keys are not those it was sealed under. */
export class UnsignableError extends Error {
  constructor(options?: ErrorOptions) {
    super('the webhook has no secret that opens', options);
    this.name = 'UnsignableError';
  }
}

interface WebhookPlace {
  id: WebhookId;
  appId: AppId;
}

/** The secrets that deliveries are signed with: sealed to their webhook, shown once, and rotated with an overlap. */
@Injectable()
export class WebhookSecrets {
  constructor(
    private readonly webhooks: WebhooksRepository,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  /** A new secret for the webhook, in the transaction that makes or rotates it. */
  async issue(tx: Sql, webhook: WebhookPlace): Promise<string> {
    const secret = newWebhookSecret();
    const sealId = newId<WebhookSealId>();
    const key = await webhookSealKey(tx, this.keys, webhook.appId);
    await this.webhooks.insertSeal(
      tx,
      webhook.id,
      sealId,
      sealSecret(key, secret, contextOf(webhook, sealId)),
    );
    return secret;
  }

  /** Signs these very bytes by each secret that is good now, the newest first. */
  async sign(
    sql: Sql,
    webhook: WebhookPlace,
    message: { id: string; at: Date; body: string },
  ): Promise<SignatureHeaders> {
    const key = await webhookSealKey(sql, this.keys, webhook.appId);
    const seals = await this.webhooks.liveSeals(sql, webhook.id);
    const signatures = seals.map(({ id, sealed }) =>
      new Webhook(open(key, sealed, contextOf(webhook, id))).sign(message.id, message.at, message.body),
    );
    if (signatures.length === 0) throw new UnsignableError();
    return {
      'webhook-id': message.id,
      'webhook-timestamp': String(Math.floor(message.at.getTime() / 1000)),
      'webhook-signature': signatures.join(' '),
    };
  }
}

/** What a secret is sealed to: moved to another webhook, it does not open. */
function contextOf({ id, appId }: WebhookPlace, sealId: WebhookSealId): string {
  return `${sealId}|${id}|${appId}`;
}

function open(key: Buffer, sealed: Buffer, context: string): string {
  try {
    return openSecret(key, sealed, context);
  } catch (error) {
    throw new UnsignableError({ cause: error });
  }
}
