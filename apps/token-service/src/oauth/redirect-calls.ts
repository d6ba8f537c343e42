import { scopesOf } from '@hallpass/domain';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { SafeFetch } from '../outbound/safe-fetch.js';
import { CodesService } from './codes.service.js';
import { RedirectCallsRepository, type RedirectCall } from './redirect-calls.repository.js';

const ROUND_MS = 1000;
/** Seconds from one try to the next; after the last the app finds the token at /oauth/tokens. */
const RETRY_SECONDS = [10, 60, 300, 1800, 7200];
const CLAIM_SECONDS = 60;
const AT_ONCE = 10;

/**
 * Tells apps of older days that a district has authorised them, as Clever did: their redirect URI is called with a code. Each try
 * brings a new code, for a code lives a minute.
 */
@Injectable()
export class RedirectCalls implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('redirects');
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(
    private readonly repository: RedirectCallsRepository,
    private readonly codes: CodesService,
    private readonly safeFetch: SafeFetch,
  ) {}

  onModuleInit(): void {
    this.#timer = setTimeout(() => void this.round(), ROUND_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** Makes the calls that are due, one round after another. */
  round(): Promise<void> {
    clearTimeout(this.#timer);
    this.#round = this.#round
      .then(() => this.#callAll())
      .catch((error: unknown) => this.#logger.warn(error instanceof Error ? error.message : 'failed'))
      .finally(() => {
        if (!this.#isStopped) this.#timer = setTimeout(() => void this.round(), ROUND_MS).unref();
      });
    return this.#round;
  }

  async #callAll(): Promise<void> {
    const due = await this.repository.claim(AT_ONCE, CLAIM_SECONDS);
    await Promise.all(due.map((call) => this.#call(call)));
  }

  async #call(call: RedirectCall): Promise<void> {
    const status = await this.#statusOf(call).catch(() => null);
    const isTaken = status !== null && status < 400;
    await this.repository.settle(call, status, isTaken ? null : (RETRY_SECONDS[call.attempts - 1] ?? null));
  }

  async #statusOf(call: RedirectCall): Promise<number> {
    const url = new URL(call.redirectUri);
    url.searchParams.set('code', await this.codes.make(call));
    url.searchParams.set('scope', scopesOf(call.fields).join(' '));
    const { status } = await this.safeFetch.fetch(url.toString());
    return status;
  }
}
