import { rows } from '@hallpass/database';
import { scopesOf, type AppId, type DistrictId, type FieldList, type GrantId } from '@hallpass/domain';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SafeFetch } from '../outbound/safe-fetch.js';
import { CodesService } from './codes.service.js';

const ROUND_MS = 1000;
/** Seconds from one try to the next; after the last the app finds the token at /oauth/tokens. */
const RETRY_SECONDS = [10, 60, 300, 1800, 7200];
const CLAIM_SECONDS = 60;
const AT_ONCE = 10;

interface RedirectCall {
  districtId: DistrictId;
  grantId: GrantId;
  appId: AppId;
  redirectUri: string;
  attempts: number;
  fields: FieldList;
}

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
    private readonly dataSource: DataSource,
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
    const due = await rows<RedirectCall>(
      this.dataSource,
      `update redirect_calls c set attempts = attempts + 1, claimed_until = now() + make_interval(secs => $1)
       from grants g
       where g.district_id = c.district_id and g.id = c.grant_id and (c.district_id, c.grant_id) in (
         select district_id, grant_id from redirect_calls
         where ended_at is null and due_at <= now() and (claimed_until is null or claimed_until < now())
         order by due_at limit ${AT_ONCE} for update skip locked)
       returning c.district_id "districtId", c.grant_id "grantId", c.app_id "appId", c.redirect_uri "redirectUri",
         c.attempts, g.fields`,
      [CLAIM_SECONDS],
    );
    await Promise.all(due.map((call) => this.#call(call)));
  }

  async #call(call: RedirectCall): Promise<void> {
    const status = await this.#statusOf(call).catch(() => null);
    const isTaken = status !== null && status < 400;
    const wait = RETRY_SECONDS[call.attempts - 1];
    await this.dataSource.query(
      `update redirect_calls set http_status = $3, claimed_until = null,
         ended_at = case when $4 then now() end, due_at = now() + make_interval(secs => $5)
       where district_id = $1 and grant_id = $2`,
      [call.districtId, call.grantId, status, isTaken || wait === undefined, wait ?? 0],
    );
  }

  async #statusOf(call: RedirectCall): Promise<number> {
    const url = new URL(call.redirectUri);
    url.searchParams.set('code', await this.codes.make(call));
    url.searchParams.set('scope', scopesOf(call.fields).join(' '));
    const { status } = await this.safeFetch.fetch(url.toString());
    return status;
  }
}
