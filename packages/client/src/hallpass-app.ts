import type { components } from './api/token-service.js';
import { HallpassError } from './errors.js';
import { Hallpass, type HallpassOptions } from './hallpass.js';
import { type CallOptions, type ClientOptions, Transport, basic, urlFrom } from './transport.js';
import type { PlatformEvent } from './webhooks.js';

type Schemas = components['schemas'];
/** The newest usable token of a district: `owner.id` is the district's, `access_token` the token where it is shown. */
export type DistrictToken = Schemas['TokenEntry'];
export type TokenDetail = Schemas['TokenResponse'];
export type RotatedToken = Schemas['RotatedTokenResponse'];
export type Migration = Schemas['MigrationDetailResponse'];
export type Webhook = Schemas['WebhookResponse'];
export type CreatedWebhook = Schemas['CreatedWebhookResponse'];
export type RotatedSecret = Schemas['RotatedSecretResponse'];

export interface HallpassAppOptions extends ClientOptions {
  clientId: string;
  clientSecret: string;
  /** The token service's address; HALLPASS_TOKEN_SERVICE_URL or that of `npm start` when left out. */
  url?: string | undefined;
  /** The data API's, for the clients that are given out; as `Hallpass` has it when left out. */
  dataApiUrl?: string | undefined;
}

export interface TokensOptions extends CallOptions {
  /** Those that changed since that instant alone, in ISO form. */
  updatedSince?: string | undefined;
  /** Of this district alone. */
  district?: string | undefined;
}

export interface RotateOptions extends CallOptions {
  /** For how long the present one goes on, 0 to 2,592,000; a day when left out. */
  graceSeconds?: number | undefined;
  /** Whether the grace counts from now or from the first use of the new one. */
  start?: 'at-once' | 'on-first-use' | undefined;
}

export interface PlatformEventsOptions extends CallOptions {
  /** The `next` of the last page that was kept. */
  after?: string | undefined;
  /** From that instant on, in ISO form, where there is no `after`. */
  since?: string | undefined;
  types?: readonly string[] | undefined;
  limit?: number | undefined;
  /** Up to how many seconds the answer waits for something to tell, 0 to 25. */
  wait?: number | undefined;
}

export interface PlatformEventsPage {
  data: PlatformEvent[];
  /** Always there: pass it as `after`. */
  next: string;
}

const URL_OF_START = 'http://127.0.0.1:4001';
const WAIT_SECONDS = 25;

/** An app at the token service: its districts, their tokens, and what happens to them. For servers: it holds the client secret. */
export class HallpassApp {
  readonly webhooks: Webhooks;
  readonly #transport: Transport;
  readonly #options: HallpassAppOptions;

  constructor(options: HallpassAppOptions) {
    const { clientId, clientSecret, url = urlFrom('HALLPASS_TOKEN_SERVICE_URL', URL_OF_START) } = options;
    const authorization = basic(clientId, clientSecret);
    this.#transport = new Transport(url, { authorization: () => authorization }, options);
    this.#options = options;
    this.webhooks = new Webhooks(this.#transport);
  }

  /** One token for each district that shares with the app, in the order of districts. */
  async *tokens({ updatedSince, district, signal }: TokensOptions = {}): AsyncGenerator<
    DistrictToken,
    void,
    void
  > {
    let path: string | undefined = '/oauth/tokens?owner_type=district';
    let query: Record<string, string | undefined> = { updated_since: updatedSince, district };
    while (path !== undefined) {
      const page: Schemas['TokenListResponse'] = await this.#transport.json({ path, query, signal });
      yield* page.data;
      path = page.links.find(({ rel }) => rel === 'next')?.uri;
      query = {};
    }
  }

  /** A client for each district that shares with the app. */
  async *clients(
    options: CallOptions = {},
  ): AsyncGenerator<{ districtId: string; client: Hallpass }, void, void> {
    for await (const { owner, access_token } of this.tokens(options))
      yield { districtId: owner.id, client: this.client(owner.id, access_token) };
  }

  /**
   * A client for a district: keep the district's id, not its token. It fetches the token when it is first used, and again when it
   * is refused, so that rotations need no attention.
   */
  client(districtId: string, token?: string): Hallpass {
    const { timeoutMs, retryBudgetMs, signal, onWarning, fetch, clock, dataApiUrl } = this.#options;
    let present: string | Promise<string> | undefined = token;
    const source = async (refused?: string) => {
      if (refused !== undefined && (await present) === refused) present = undefined;
      present ??= this.#tokenOf(districtId).catch((error: unknown) => {
        present = undefined;
        throw error;
      });
      return present;
    };
    const own: HallpassOptions = { timeoutMs, retryBudgetMs, signal, onWarning, fetch, clock, token: source };
    return new Hallpass(dataApiUrl === undefined ? own : { ...own, url: dataApiUrl });
  }

  /** A new token for the district of that one, which goes on for its grace. */
  rotateToken(id: string, { signal, ...body }: RotateOptions = {}): Promise<RotatedToken> {
    return this.#transport.json({ method: 'POST', path: pathOf('tokens', id, 'rotate'), body, signal });
  }

  /** Ends a token at once. A grant in force is given a successor, where no other token is live. */
  revokeToken(id: string, { signal }: CallOptions = {}): Promise<Schemas['RevokedTokenResponse']> {
    return this.#transport.json({ method: 'POST', path: pathOf('tokens', id, 'revoke'), signal });
  }

  /** A token with where it was used from; its secret is not shown. */
  token(id: string, { signal }: CallOptions = {}): Promise<TokenDetail> {
    return this.#transport.json({ path: pathOf('tokens', id), signal });
  }

  /** How far the app has come from its API key to tokens. */
  migration({ signal }: CallOptions = {}): Promise<Migration> {
    return this.#transport.json({ path: '/v1/migration', signal });
  }

  /** A page of what happened to the app's grants, tokens, keys and rosters. */
  platformEvents(options: PlatformEventsOptions = {}): Promise<PlatformEventsPage> {
    const { signal, wait = 0, ...query } = options;
    const timeoutMs = (this.#options.timeoutMs ?? 30_000) + wait * 1000;
    return this.#transport.json({ path: '/v1/events', query: { ...query, wait }, signal, timeoutMs });
  }

  /** The pages of platform events and then each as it comes, until the signal ends it. Keep the last `next`. */
  async *followPlatformEvents(
    options: PlatformEventsOptions = {},
  ): AsyncGenerator<PlatformEventsPage, void, void> {
    let { after } = options;
    for (;;) {
      const page = await this.platformEvents({ wait: WAIT_SECONDS, ...options, after });
      after = page.next;
      yield page;
    }
  }

  async #tokenOf(district: string): Promise<string> {
    const { value } = await this.tokens({ district }).next();
    const token = value?.access_token;
    if (token !== undefined) return token;
    throw value === undefined
      ? new HallpassError(`the district ${district} shares nothing with the app now`)
      : new HallpassError('the app is not shown its tokens: give client() the token that you have');
  }
}

/** Where an app is told of platform events. */
export class Webhooks {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async list({ signal }: CallOptions = {}): Promise<Webhook[]> {
    return (await this.#transport.json<{ data: Webhook[] }>({ path: '/v1/webhooks', signal })).data;
  }

  /** A new one. Its secret is shown this once. No types means all. */
  create({ url, types }: { url: string; types?: readonly string[] }, { signal }: CallOptions = {}) {
    const call = { method: 'POST', path: '/v1/webhooks', body: { url, types }, signal } as const;
    return this.#transport.json<CreatedWebhook>(call);
  }

  delete(id: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#transport.json({ method: 'DELETE', path: pathOf('webhooks', id), signal });
  }

  /** Sends it a `webhook.test`. */
  async test(id: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#transport.json<unknown>({ method: 'POST', path: pathOf('webhooks', id, 'test'), signal });
  }

  /** A new secret; for so many hours both sign. */
  rotateSecret(id: string, overlapHours?: number, { signal }: CallOptions = {}): Promise<RotatedSecret> {
    const body = { overlapHours };
    return this.#transport.json({
      method: 'POST',
      path: pathOf('webhooks', id, 'secret/rotate'),
      body,
      signal,
    });
  }
}

function pathOf(collection: string, id: string, action?: string): string {
  return `/v1/${collection}/${encodeURIComponent(id)}${action === undefined ? '' : `/${action}`}`;
}
