import type { Readable } from 'node:stream';
import { AdminError, nextStepFor } from './admin-error.js';
import type {
  AccessLogEntry,
  ApiKey,
  App,
  AppSettings,
  AppPlan,
  ApprovedGrant,
  AuditEntry,
  CreateAppRequest,
  CreatedApp,
  District,
  DistrictSettings,
  Explanation,
  Grant,
  Import,
  KeyStatus,
  Migration,
  Page,
  InvitedPerson,
  Partner,
  PlanInForce,
  PortalToken,
  Problem,
  Proposed,
  RateOverride,
  RatePolicy,
  Rehearsal,
  RotatedClientSecret,
  RotatedToken,
  Rotation,
  SecretLife,
  SharingRequest,
  SunsetPlan,
  SunsetProposal,
  Token,
} from './wire.js';

export interface AdminClientOptions {
  /** The admin service's address, such as `http://127.0.0.1:4003`. */
  url: string;
  operatorToken: string;
}

type Query = Record<string, string | number | undefined>;
type Init = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };

/** The admin API, one method a route. Every refusal is an AdminError. */
export class AdminClient {
  readonly #base: string;
  readonly #operatorToken: string;

  constructor({ url, operatorToken }: AdminClientOptions) {
    this.#base = url.replace(/\/+$/, '');
    this.#operatorToken = operatorToken;
  }

  createPartner(body: { name: string }): Promise<Partner> {
    return this.#post('/v1/partners', body);
  }
  /** Invites somebody to a partner, to a district, or, without either, to the staff. */
  invitePerson(
    to: { partnerId: string } | { districtId: string } | 'staff',
    body: { email: string; role: string; name?: string },
  ): Promise<InvitedPerson> {
    if (to === 'staff') return this.#post('/v1/people', body);
    const of =
      'partnerId' in to ? `partners/${segment(to.partnerId)}` : `districts/${segment(to.districtId)}`;
    return this.#post(`/v1/${of}/people`, body);
  }
  changePartner(id: string, settings: { noticeAddresses: string[] }): Promise<Partner> {
    return this.#send('PATCH', `/v1/partners/${segment(id)}`, json(settings));
  }
  listPartners(): Promise<Partner[]> {
    return this.#list('/v1/partners');
  }

  createDistrict(body: { name: string; id?: string }): Promise<District> {
    return this.#post('/v1/districts', body);
  }
  listDistricts(): Promise<District[]> {
    return this.#list('/v1/districts');
  }

  createApp(body: CreateAppRequest): Promise<CreatedApp> {
    return this.#post('/v1/apps', body);
  }
  listApps(): Promise<App[]> {
    return this.#list('/v1/apps');
  }

  changeApp(appId: string, settings: AppSettings): Promise<App> {
    return this.#send('PATCH', `/v1/apps/${segment(appId)}`, json(settings));
  }
  async listClientSecrets(appId: string): Promise<SecretLife[]> {
    return (await this.#send<Page<SecretLife>>('GET', this.#clientSecrets(appId))).data;
  }
  rotateClientSecret(appId: string, body: Rotation & { ageDays?: number }): Promise<RotatedClientSecret> {
    return this.#post(`${this.#clientSecrets(appId)}/rotate`, body);
  }
  changeClientSecretGrace(appId: string, id: string, graceSeconds: number): Promise<SecretLife> {
    return this.#post(`${this.#clientSecrets(appId)}/${segment(id)}/grace`, { graceSeconds });
  }
  revokeClientSecret(
    appId: string,
    id: string,
  ): Promise<SecretLife & { successor: { clientSecret: string } | null }> {
    return this.#post(`${this.#clientSecrets(appId)}/${segment(id)}/revoke`);
  }

  changeDistrict(districtId: string, settings: DistrictSettings): Promise<District> {
    return this.#send('PATCH', `/v1/districts/${segment(districtId)}`, json(settings));
  }
  accessLog(
    districtId: string,
    query: { from?: string | undefined; to?: string | undefined; appId?: string | undefined },
  ): Promise<AccessLogEntry[]> {
    return this.#list(`/v1/districts/${segment(districtId)}/access-log`, { ...query, limit: 1000 });
  }
  destroySeals(districtId: string): Promise<District> {
    return this.#post(`/v1/districts/${segment(districtId)}/seals/destroy`);
  }
  issuePortalToken(districtId: string, name: string): Promise<{ id: string; portalToken: string }> {
    return this.#post(this.#portalTokens(districtId), { name });
  }
  listPortalTokens(districtId: string): Promise<PortalToken[]> {
    return this.#list(this.#portalTokens(districtId));
  }
  revokePortalToken(districtId: string, id: string): Promise<PortalToken> {
    return this.#post(`${this.#portalTokens(districtId)}/${segment(id)}/revoke`);
  }

  keyStatus(): Promise<KeyStatus> {
    return this.#send('GET', '/v1/keys');
  }
  rotateKeys(): Promise<KeyStatus & { rewrapped: number }> {
    return this.#post('/v1/keys/rotate');
  }

  /** Sends a zip as it is made; the answer is the running import. */
  startImport(districtId: string, zip: Readable): Promise<Import> {
    return this.#send('POST', this.#imports(districtId), {
      headers: { 'content-type': 'application/zip' },
      body: zip as unknown as ReadableStream,
      duplex: 'half',
    });
  }
  listImports(districtId: string): Promise<Import[]> {
    return this.#list(this.#imports(districtId));
  }
  getImport(districtId: string, importId: string): Promise<Import> {
    return this.#send('GET', this.#imports(districtId, importId));
  }
  confirmImport(districtId: string, importId: string): Promise<Import> {
    return this.#post(`${this.#imports(districtId, importId)}/confirm`);
  }
  discardImport(districtId: string, importId: string): Promise<Import> {
    return this.#post(`${this.#imports(districtId, importId)}/discard`);
  }

  approveGrant(body: { appId: string; districtId: string } & SharingRequest): Promise<ApprovedGrant> {
    return this.#post('/v1/grants', body);
  }
  changeGrant(grantId: string, body: SharingRequest): Promise<Grant> {
    return this.#send('PATCH', `/v1/grants/${segment(grantId)}`, json(body));
  }
  moveGrant(grantId: string, move: 'pause' | 'resume' | 'revoke'): Promise<Grant> {
    return this.#post(`/v1/grants/${segment(grantId)}/${move}`);
  }
  explain(grantId: string, kind: string, recordId: string): Promise<Explanation> {
    const query = new URLSearchParams({ kind, recordId });
    return this.#send('GET', `/v1/grants/${segment(grantId)}/explain?${query.toString()}`);
  }
  listGrants(of: { appId?: string; districtId?: string } = {}): Promise<Grant[]> {
    return this.#list('/v1/grants', of);
  }

  listTokens(appId: string): Promise<Token[]> {
    return this.#list('/v1/tokens', { appId });
  }
  getToken(tokenId: string): Promise<SecretLife> {
    return this.#send('GET', `/v1/tokens/${segment(tokenId)}`);
  }
  rotateToken(tokenId: string, body: Rotation): Promise<RotatedToken> {
    return this.#post(`/v1/tokens/${segment(tokenId)}/rotate`, body);
  }
  changeTokenGrace(tokenId: string, graceSeconds: number): Promise<SecretLife> {
    return this.#post(`/v1/tokens/${segment(tokenId)}/grace`, { graceSeconds });
  }
  revokeToken(tokenId: string): Promise<SecretLife & { successorId: string | null }> {
    return this.#post(`/v1/tokens/${segment(tokenId)}/revoke`);
  }

  importKey(appId: string, key: string): Promise<{ id: string }> {
    return this.#post(`/v1/apps/${segment(appId)}/api-keys/import`, { key });
  }
  importKeys(keys: readonly { line: number; app: string; key: string }[]): Promise<{ imported: number }> {
    return this.#post('/v1/api-keys/import', { keys });
  }
  listKeys(appId: string): Promise<ApiKey[]> {
    return this.#list(`/v1/apps/${segment(appId)}/api-keys`);
  }
  revokeKey(appId: string, keyId: string): Promise<ApiKey> {
    return this.#post(`/v1/apps/${segment(appId)}/api-keys/${segment(keyId)}/revoke`);
  }

  getSunsetPlan(): Promise<PlanInForce> {
    return this.#send('GET', '/v1/sunset-plan');
  }
  setSunsetPlan(plan: SunsetPlan): Promise<SunsetPlan | Proposed> {
    return this.#send('PUT', '/v1/sunset-plan', json(plan));
  }
  setAppPlan(appId: string, plan: SunsetPlan & { reason: string }): Promise<AppPlan | Proposed> {
    return this.#send('PUT', `/v1/sunset-plan/apps/${segment(appId)}`, json(plan));
  }
  dropAppPlan(appId: string): Promise<Proposed | undefined> {
    return this.#send('DELETE', `/v1/sunset-plan/apps/${segment(appId)}`);
  }
  rehearseSunset(plan: SunsetPlan & { appId?: string }): Promise<Rehearsal> {
    return this.#post('/v1/sunset-plan/rehearsals', plan);
  }
  extendSunset(appId: string, body: { until: string; reason: string }): Promise<Proposed | undefined> {
    return this.#send('PUT', `/v1/sunset-plan/extensions/${segment(appId)}`, json(body));
  }
  withdrawExtension(appId: string): Promise<Proposed | undefined> {
    return this.#send('DELETE', `/v1/sunset-plan/extensions/${segment(appId)}`);
  }
  moveDemoClock(now: string): Promise<{ now: string }> {
    return this.#send('PUT', '/v1/demo/clock', json({ now }));
  }
  listMigrations(): Promise<Migration[]> {
    return this.#list('/v1/migration');
  }
  async listProposals(): Promise<SunsetProposal[]> {
    return (await this.#send<Page<SunsetProposal>>('GET', '/v1/sunset-plan/proposals')).data;
  }
  decideProposal(id: string, decision: 'approve' | 'decline'): Promise<SunsetProposal> {
    return this.#post(`/v1/sunset-plan/proposals/${segment(id)}/${decision}`);
  }

  async listAudit(limit: number): Promise<AuditEntry[]> {
    const page = await this.#send<Page<AuditEntry>>('GET', withQuery('/v1/audit', { limit }));
    return page.data;
  }

  createOperator(body: { name: string; role: string }): Promise<{ id: string; token: string }> {
    return this.#post('/v1/operators', body);
  }

  listPolicies(): Promise<RatePolicy[]> {
    return this.#list('/v1/rate-policies');
  }
  setPolicy({ name, ...body }: RatePolicy): Promise<RatePolicy> {
    return this.#send('PUT', `/v1/rate-policies/${segment(name)}`, json(body));
  }
  async applyPreset(name: string): Promise<RatePolicy[]> {
    return (await this.#post<Page<RatePolicy>>(`/v1/rate-presets/${segment(name)}/apply`)).data;
  }
  listPresets(): Promise<{ name: string; policies: RatePolicy[] }[]> {
    return this.#list('/v1/rate-presets');
  }
  listOverrides(query: { appId?: string; districtId?: string }): Promise<(RateOverride & { id: string })[]> {
    return this.#list('/v1/rate-overrides', query);
  }
  setOverride(body: RateOverride): Promise<RateOverride & { id: string }> {
    return this.#send('PUT', '/v1/rate-overrides', json(body));
  }
  removeOverride(id: string): Promise<unknown> {
    return this.#send('DELETE', `/v1/rate-overrides/${segment(id)}`);
  }

  #clientSecrets(appId: string): string {
    return `/v1/apps/${segment(appId)}/client-secrets`;
  }

  #portalTokens(districtId: string): string {
    return `/v1/districts/${segment(districtId)}/portal-tokens`;
  }

  #imports(districtId: string, importId?: string): string {
    const all = `/v1/districts/${segment(districtId)}/imports`;
    return importId === undefined ? all : `${all}/${segment(importId)}`;
  }

  #post<T>(path: string, body?: unknown): Promise<T> {
    return this.#send('POST', path, body === undefined ? {} : json(body));
  }

  /** Every page, one after the other. */
  async #list<T>(path: string, query: Query = {}): Promise<T[]> {
    const all: T[] = [];
    let startingAfter: string | undefined;
    do {
      const page = await this.#send<Page<T>>('GET', withQuery(path, { ...query, startingAfter }));
      all.push(...page.data);
      startingAfter = page.next ?? undefined;
    } while (startingAfter !== undefined);
    return all;
  }

  async #send<T>(method: string, path: string, init: Init = {}): Promise<T> {
    const response = await this.#fetch(method, path, init);
    const text = await response.text();
    if (!response.ok) throw refusal(response.status, text);
    return (text === '' ? undefined : parse(text)) as T;
  }

  async #fetch(method: string, path: string, init: Init): Promise<Response> {
    const headers = {
      ...init.headers,
      accept: 'application/json',
      authorization: `Bearer ${this.#operatorToken}`,
    };
    try {
      return await fetch(this.#base + path, { ...init, method, headers });
    } catch (error) {
      throw unreachable(this.#base, error);
    }
  }
}

function json(body: unknown): Init {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** An id as one path segment: whatever it holds, it names nothing but itself. */
function segment(id: string): string {
  if (id === '' || id === '.' || id === '..')
    throw new AdminError({ title: 'Not an id', detail: `"${id}" is not an id.` });
  return encodeURIComponent(id);
}

function withQuery(path: string, query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? path : `${path}?${given.toString()}`;
}

function refusal(status: number, text: string): AdminError {
  const problem = parse(text) as Partial<Problem> | undefined;
  const title = problem?.title ?? `The admin service answered ${status}`;
  return new AdminError({ ...problem, title, status }, nextStepFor(status));
}

function unreachable(url: string, error: unknown): AdminError {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  const why = cause?.code ?? cause?.message ?? String(error);
  return new AdminError(
    {
      title: 'The admin service cannot be reached',
      detail: `${url} does not answer (${why}).`,
      code: 'unreachable',
    },
    'Start Hallpass with npm start, or point HALLPASS_ADMIN_URL at a running admin service.',
    { cause: error },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
