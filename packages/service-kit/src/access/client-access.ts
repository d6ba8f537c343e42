import { createHash } from 'node:crypto';
import { firstRow, lookupsOf, rows, type InstallationKeys, type PublicJwk } from '@hallpass/database';
import {
  isId,
  isWellFormedSecret,
  secretState,
  type AppId,
  type ClientSecretId,
  type SecretLife,
} from '@hallpass/domain';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { DataSource } from 'typeorm';
import type { ServiceConfig } from '../config/service-config.js';
import { Problem } from '../problems/problem.js';
import { INSTALLATION_KEYS, SERVICE_CONFIG } from '../tokens.js';
import { orUnavailable } from './authority-unavailable.js';
import { AuthorityWatch } from './authority-watch.js';
import { hasTwoAuthorizations, parseAuthorization } from './authorization-header.js';
import { CredentialCache, cacheKeyOf } from './credential-cache.js';
import { CredentialUses } from './credential-uses.js';
import type { ActingPerson } from '../people/sessions.js';
import { FailedSignIns } from './failed-sign-ins.js';

/** An app that has proved to be itself. */
export interface ClientPrincipal {
  appId: AppId;
  clientId: string;
  /** The secret that it signed in with; null: by an assertion, or a person acts for it. */
  clientSecretId: ClientSecretId | null;
  /** That secret's id, or the mark of the public key: what is given for it ends with it. */
  givenFor: string;
  /** A member of its partner who acts for it. */
  person?: ActingPerson;
}

/** How an app proves itself (RFC 6749 2.3.1, RFC 7523 2.2); `malformed` where it tries two ways at once. */
type ClientProof =
  | { method: 'none' }
  | { method: 'malformed'; reason: string }
  | { method: 'secret'; clientId: string; secret: string }
  | { method: 'assertion'; assertion: string; clientId: string | undefined };

/** Who a client secret belongs to, as it is cached; the decision on it never is. */
interface SecretRecord extends Pick<SecretLife, 'retiresAt' | 'expiresAt' | 'revokedAt'> {
  id: ClientSecretId;
  appId: AppId;
  clientId: string;
  isEnabled: boolean;
}

interface KeysRecord {
  appId: AppId;
  clientId: string;
  isEnabled: boolean;
  keys: ReturnType<typeof createLocalJWKSet>;
  /** By kid. */
  marks: Readonly<Record<string, string>>;
}

const challenge = { 'www-authenticate': 'Basic realm="hallpass token service", charset="UTF-8"' };
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** What an app may sign its assertions with. */
export const ASSERTION_ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'];
const ASSERTION_SECONDS_MAX = 300;
const CLOCK_SKEW_SECONDS = 30;
const UNKNOWN = 'The client id and secret do not belong together, or the secret has ended.';

/**
 * Authenticates apps at the token service: by client id and secret in HTTP Basic or in a form, and by an assertion signed with one
 * of the app's public keys, which is taken once.
 */
@Injectable()
export class ClientVerifier {
  readonly #secrets = new CredentialCache<SecretRecord>(({ id, appId }) => [
    `client-secret:${id}`,
    `app:${appId}`,
  ]);
  readonly #apps = new CredentialCache<KeysRecord>(({ appId }) => [`app:${appId}`]);

  constructor(
    private readonly dataSource: DataSource,
    private readonly watch: AuthorityWatch,
    private readonly failures: FailedSignIns,
    private readonly uses: CredentialUses,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
  ) {
    watch.onChange((change) => {
      this.#secrets.forget(change);
      this.#apps.forget(change);
    });
  }

  /** How the cache of client secrets fares. */
  readonly cache = { state: () => this.#secrets.state() };

  /** At once where the secret is known to this process: the token endpoint asks as often as rosters are read. */
  verify(request: FastifyRequest, now: Date): ClientPrincipal | Promise<ClientPrincipal> {
    const proof = proofOf(request);
    if (proof.method === 'malformed') throw new Problem('request-invalid', { detail: proof.reason });
    if (proof.method === 'none')
      throw new Problem('credentials-missing', {
        detail: 'Send the client id and secret by HTTP Basic.',
        headers: challenge,
      });
    const client =
      proof.method === 'secret'
        ? this.#bySecret(proof.clientId, proof.secret, request.ip, now)
        : this.#byAssertion(proof.assertion, proof.clientId, request.ip, now);
    return client instanceof Promise
      ? client.then((each) => this.#admit(each, request, now))
      : this.#admit(client, request, now);
  }

  #admit(client: ClientPrincipal | string, request: FastifyRequest, now: Date): ClientPrincipal {
    if (typeof client === 'object') {
      const { clientSecretId: id } = client;
      if (id) this.uses.count({ type: 'client-secret', id }, request, now);
      return client;
    }
    this.failures.count(request.ip, now);
    throw new Problem('credentials-unknown', { detail: client, headers: challenge });
  }

  /** The client, or why it is none. Unknown client and wrong secret look and cost the same. */
  #bySecret(
    clientId: string,
    secret: string,
    address: string,
    now: Date,
  ): ClientPrincipal | string | Promise<ClientPrincipal | string> {
    if (!isWellFormedSecret('clientSecret', secret)) {
      this.failures.requireFew(address, now);
      return UNKNOWN;
    }
    const load = async () => {
      this.failures.requireFew(address, now);
      return firstRow<SecretRecord>(
        this.dataSource,
        `select s.id, s.retires_at "retiresAt", s.expires_at "expiresAt", s.revoked_at "revokedAt",
           a.id "appId", a.client_id "clientId", a.is_enabled "isEnabled"
         from client_secrets s join apps a on a.id = s.app_id where s.lookup = any ($1)`,
        [lookupsOf(this.keys, secret)],
      );
    };
    const found = this.#cached(this.#secrets, cacheKeyOf(secret), load, now);
    return found instanceof Promise
      ? found.then((record) => principalOf(record, clientId, now))
      : principalOf(found, clientId, now);
  }

  async #byAssertion(
    assertion: string,
    named: string | undefined,
    address: string,
    now: Date,
  ): Promise<ClientPrincipal | string> {
    this.failures.requireFew(address, now);
    const clientId = subjectOf(assertion);
    if (!clientId || !isId(clientId) || (named !== undefined && named !== clientId))
      return 'The assertion is no JWT whose subject is the client.';
    const load = async (): Promise<KeysRecord | undefined> => {
      const app = await firstRow<Omit<KeysRecord, 'keys'> & { publicKeys: PublicJwk[] }>(
        this.dataSource,
        `select id "appId", client_id "clientId", is_enabled "isEnabled", public_keys "publicKeys",
           (select coalesce(jsonb_object_agg(k->>'kid', key_mark(k)), '{}') from jsonb_array_elements(public_keys) k) marks
         from apps where client_id = $1`,
        [clientId],
      );
      return app && { ...app, keys: createLocalJWKSet({ keys: app.publicKeys }) };
    };
    const app = await this.#cached(this.#apps, clientId, load, now);
    if (!app?.isEnabled) return 'No such client signs assertions.';
    let claims: { jti?: string | undefined; exp?: number | undefined; aud?: unknown };
    let kid: string | undefined;
    try {
      ({
        payload: claims,
        protectedHeader: { kid },
      } = await jwtVerify(assertion, app.keys, {
        issuer: clientId,
        subject: clientId,
        audience: this.config.TOKEN_SERVICE_URL,
        algorithms: ASSERTION_ALGORITHMS,
        clockTolerance: CLOCK_SKEW_SECONDS,
        requiredClaims: ['jti', 'exp'],
        currentDate: now,
      }));
    } catch {
      return `The assertion is not signed by a key of the client, has run out, or is not for ${this.config.TOKEN_SERVICE_URL} alone.`;
    }
    const { jti, exp = 0, aud } = claims;
    const isShort = exp * 1000 - now.getTime() <= (ASSERTION_SECONDS_MAX + CLOCK_SKEW_SECONDS) * 1000;
    if (typeof aud !== 'string' || !jti || jti.length > 256 || !isShort)
      return `An assertion has one audience, an id (jti), and at most ${ASSERTION_SECONDS_MAX} seconds to live.`;
    if (!(await orUnavailable(this.#isFirst(app.appId, jti, exp))))
      return 'The assertion has been used before.';
    // Without a kid there is one key that it can be.
    const givenFor = kid === undefined ? Object.values(app.marks)[0] : app.marks[kid];
    if (givenFor === undefined) return 'The assertion names a key that the client does not have.';
    return { appId: app.appId, clientId, clientSecretId: null, givenFor };
  }

  async #isFirst(appId: AppId, jti: string, exp: number): Promise<boolean> {
    const inserted = await rows(
      this.dataSource,
      `insert into client_assertions (app_id, jti, expires_at) values ($1, $2, $3)
       on conflict do nothing returning app_id`,
      [appId, createHash('sha256').update(jti).digest(), new Date((exp + CLOCK_SKEW_SECONDS) * 1000)],
    );
    return inserted.length === 1;
  }

  #cached<Record extends object>(
    cache: CredentialCache<Record>,
    key: string,
    load: () => Promise<Record | undefined>,
    now: Date,
  ): Record | undefined | Promise<Record | undefined> {
    const found = this.watch.isCurrent ? cache.get(key, load, now.getTime()) : load();
    return found instanceof Promise ? orUnavailable(found) : found;
  }
}

function principalOf(
  record: SecretRecord | undefined,
  clientId: string,
  now: Date,
): ClientPrincipal | string {
  const isGood = record?.isEnabled && record.clientId === clientId && secretState(record, now) === 'live';
  if (!isGood) return UNKNOWN;
  return { appId: record.appId, clientId, clientSecretId: record.id, givenFor: record.id };
}

/** What a request says of its client: one way of signing in, or none, or the fault of trying two. */
function proofOf(request: FastifyRequest): ClientProof {
  if (hasTwoAuthorizations(request.raw.rawHeaders))
    return { method: 'malformed', reason: 'The request has more than one Authorization header.' };
  const parsed = parseAuthorization(request.headers.authorization);
  const form = formOf(request);
  const clientId = fieldOf(form, 'client_id');
  const secret = fieldOf(form, 'client_secret');
  const assertion = fieldOf(form, 'client_assertion');
  const ways =
    Number(parsed.scheme !== 'none') + Number(secret !== undefined) + Number(assertion !== undefined);
  if (ways > 1)
    return {
      method: 'malformed',
      reason: 'Sign in by one way: HTTP Basic, client_secret, or client_assertion.',
    };
  if (assertion !== undefined)
    return fieldOf(form, 'client_assertion_type') === ASSERTION_TYPE
      ? { method: 'assertion', assertion, clientId }
      : { method: 'malformed', reason: `client_assertion_type has to be ${ASSERTION_TYPE}.` };
  if (secret !== undefined) return { method: 'secret', clientId: clientId ?? '', secret };
  if (parsed.scheme === 'none') return { method: 'none' };
  if (parsed.scheme !== 'basic') return { method: 'secret', clientId: '', secret: '' };
  return { method: 'secret', clientId: formDecoded(parsed.user), secret: formDecoded(parsed.password) };
}

/** The body, where it is a form: JSON holds no credentials. */
function formOf({ headers, body }: FastifyRequest): Readonly<Record<string, unknown>> | undefined {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return isForm && typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : undefined;
}

function fieldOf(form: Readonly<Record<string, unknown>> | undefined, name: string): string | undefined {
  const value = form?.[name];
  return typeof value === 'string' ? value : undefined;
}

function subjectOf(assertion: string): string | undefined {
  try {
    return decodeJwt(assertion).sub;
  } catch {
    return undefined;
  }
}

/** Our ids and secrets need no encoding, so a client that encodes and one that does not mean the same. */
function formDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
