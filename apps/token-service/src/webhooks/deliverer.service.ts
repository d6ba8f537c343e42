import { afterAttempt, attemptResultOf, type AttemptResult, type WebhookId } from '@hallpass/domain';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OutboundError, SafeFetch } from '../outbound/safe-fetch.js';
import { platformEventBody } from '../platform-events/platform-event-body.js';
import { PlatformEventSignal } from '../platform-events/platform-event-signal.js';
import { DeliveriesRepository, type ClaimedDelivery } from './deliveries.repository.js';
import { UnsignableError, WebhookSecrets } from './webhook-secrets.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** How long after it falls due a delivery may have to wait when nobody says that there is one. */
const POLL_MS = 1000;
/** Calls under way at once: in a process, and of them to one receiver, so that a slow one holds up nobody else. */
const CALLS_MAX = 32;
const CALLS_OF_WEBHOOK_MAX = 4;

/**
 * Sends what is due to webhooks: woken when an event is written, and by a clock. Any number of processes may do so at once.
 * No transaction is open while a receiver is waited for; a process that dies leaves its claims to others.
 */
@Injectable()
export class Deliverer implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('webhooks');
  readonly #calls = new Map<WebhookId, Set<Promise<void>>>();
  readonly #stop = new AbortController();
  #looking: Promise<void> | undefined;
  #isWanted = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly secrets: WebhookSecrets,
    private readonly outbound: SafeFetch,
    private readonly signal: PlatformEventSignal,
  ) {}

  onApplicationBootstrap(): void {
    this.signal.onEvent(() => this.wake());
    this.#timer = setInterval(() => this.wake(), POLL_MS).unref();
    this.wake();
  }

  /** What is under way is broken off and given back: its receiver may be told again, by whoever is next. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#looking;
    await this.#callsUnderWay();
  }

  /** Looks for what is due, now or as soon as the present look is over. */
  wake(): void {
    if (this.#stop.signal.aborted) return;
    this.#isWanted = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      if (this.#isWanted) this.wake();
    });
  }

  /** Sends all that is due now; resolves once no call is under way. */
  async deliverDue(): Promise<void> {
    do {
      this.wake();
      await this.#looking;
      await this.#callsUnderWay();
    } while (this.#looking);
  }

  async #callsUnderWay(): Promise<void> {
    await Promise.all([...this.#calls.values()].flatMap((calls) => [...calls]));
  }

  async #look(): Promise<void> {
    try {
      while (this.#isWanted && !this.#stop.signal.aborted) {
        this.#isWanted = false;
        for (const webhookId of await this.deliveries.dueWebhooks(this.dataSource))
          await this.#takeOn(webhookId);
      }
    } catch (error) {
      // The clock looks again.
      this.#logger.error({ stack: (error as Error).stack });
    }
  }

  async #takeOn(webhookId: WebhookId): Promise<void> {
    const calls = this.#calls.get(webhookId) ?? new Set();
    const total = [...this.#calls.values()].reduce((sum, { size }) => sum + size, 0);
    const room = Math.min(CALLS_OF_WEBHOOK_MAX - calls.size, CALLS_MAX - total);
    if (room <= 0 || this.#stop.signal.aborted) return;
    const claimed = await this.deliveries.claim(this.dataSource, webhookId, room);
    if (claimed.length === 0) return;
    // Those under way may all have ended since, and their set with them.
    this.#calls.set(webhookId, calls);
    for (const delivery of claimed) {
      const call = this.#deliver(delivery).finally(() => {
        calls.delete(call);
        if (calls.size === 0) this.#calls.delete(webhookId);
        // There may be more than there was room for.
        this.wake();
      });
      calls.add(call);
    }
  }

  async #deliver(delivery: ClaimedDelivery): Promise<void> {
    try {
      const at = new Date();
      const begun = performance.now();
      const result = await this.#call(delivery, at);
      const milliseconds = Math.round(performance.now() - begun);
      if (result) await this.#settle(delivery, { ...result, at, milliseconds });
      else await this.deliveries.release(this.dataSource, delivery);
    } catch (error) {
      // The claim ends, and the delivery is taken on again.
      this.#logger.error({ deliveryId: delivery.id, stack: (error as Error).stack });
    }
  }

  /** How the receiver answered; undefined when the process ends first. */
  async #call(delivery: ClaimedDelivery, at: Date): Promise<AttemptResult | undefined> {
    const { event, url } = delivery;
    const webhook = { id: delivery.webhookId, appId: delivery.appId };
    const body = JSON.stringify(platformEventBody(event));
    try {
      const signed = await this.secrets.sign(this.dataSource, webhook, { id: event.id, at, body });
      const headers = { ...signed, 'content-type': 'application/json', 'user-agent': 'Hallpass-Webhooks' };
      const { signal } = this.#stop;
      const { status } = await this.outbound.fetch(url, { method: 'POST', headers, body, signal });
      return attemptResultOf(status);
    } catch (error) {
      if (this.#stop.signal.aborted) return undefined;
      if (error instanceof OutboundError) return { httpStatus: null, error: error.reason };
      if (error instanceof UnsignableError) return { httpStatus: null, error: 'seal' };
      throw error;
    }
  }

  async #settle(
    delivery: ClaimedDelivery,
    attempt: AttemptResult & { at: Date; milliseconds: number },
  ): Promise<void> {
    const { id: deliveryId, webhookId } = delivery;
    const outcome = afterAttempt(delivery.attempt, attempt, new Date(), Math.random());
    const isGone = outcome.status === 'dead' && outcome.isGone;
    await this.dataSource.transaction(async (tx) => {
      const isOurs = await this.deliveries.settle(tx, delivery, attempt, outcome);
      if (isOurs && isGone) await this.webhooks.markGone(tx, webhookId);
    });
    // Never the address: it may hold a secret of the receiver's.
    if (outcome.status === 'dead') {
      const { httpStatus, error } = attempt;
      this.#logger.warn({ webhookId, deliveryId, outcome: isGone ? 'gone' : 'dead', httpStatus, error });
    }
  }
}
