import {
  findAccessToken,
  findApiKey,
  findToken,
  lookupsOf,
  type CredentialRecord,
  type InstallationKeys,
} from '@hallpass/database';
import {
  claimedType,
  decideAccess,
  isImportableKey,
  isWellFormedSecret,
  type AccessDecision,
  type Credential,
  type DistrictId,
} from '@hallpass/domain';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../clock.js';
import type { ServiceConfig } from '../config/service-config.js';
import { Problem } from '../problems/problem.js';
import { INSTALLATION_KEYS, SERVICE_CONFIG } from '../tokens.js';
import { orUnavailable } from './authority-unavailable.js';
import { AuthorityWatch } from './authority-watch.js';
import { parseAuthorization } from './authorization-header.js';
import { CredentialCache, cacheKeyOf } from './credential-cache.js';
import { FailedSignIns } from './failed-sign-ins.js';

/** A credential that opens something now, and what. */
export interface VerifiedAccess {
  credential: Credential;
  app: CredentialRecord['app'];
  decision: Extract<AccessDecision, { allowed: true }>;
}

/** A credential that was found, with the decision on it, whichever it is. */
export interface JudgedAccess {
  credential: Credential;
  app: CredentialRecord['app'];
  /** The district of a token's grant; '' for a key, whose calls span districts. */
  districtId: DistrictId | '';
  decision: AccessDecision;
}

/** Where a resource describes itself: the well-known part goes before the path of the resource (RFC 9728 3.1). */
export function resourceMetadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}/.well-known/oauth-protected-resource${pathname.replace(/\/$/, '')}`;
}

/**
 * The challenge of RFC 6750 3, with where the resource describes itself (RFC 9728 5.1). Without a credential it names no error.
 */
export function bearerChallenge(
  { DATA_API_URL: resource }: Pick<ServiceConfig, 'DATA_API_URL'>,
  error?: 'invalid_token' | 'invalid_request',
): { 'www-authenticate': string } {
  const about = `resource_metadata="${resourceMetadataUrl(resource)}"`;
  return {
    'www-authenticate': `Bearer realm="hallpass"${error ? `, error="${error}"` : ''}, ${about}`,
  };
}

/**
 * From an Authorization header to a decision: form and checksum first, then the limit on failed sign-ins, the look-up by
 * keyed hash, and decideAccess on what it finds. The guards and the passport strategies of every service end here.
 */
@Injectable()
export class CredentialVerifier {
  readonly #cache = new CredentialCache<CredentialRecord>(subjectsOf);

  constructor(
    private readonly dataSource: DataSource,
    private readonly watch: AuthorityWatch,
    private readonly failures: FailedSignIns,
    private readonly clock: Clock,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
  ) {
    watch.onChange((change) => this.#cache.forget(change));
  }

  /** How the cache of credentials fares. */
  readonly cache = { state: () => this.#cache.state() };

  /**
   * The decision on what the header holds. Throws a Problem when it holds nothing that is known. What is remembered is judged at
   * once: only who has to be looked up waits.
   */
  judge(header: string | undefined, address: string, now: Date): JudgedAccess | Promise<JudgedAccess> {
    const parsed = parseAuthorization(header);
    switch (parsed.scheme) {
      case 'none':
        throw new Problem('credentials-missing', {
          detail: 'Send the district’s token: `Authorization: Bearer <token>`.',
          headers: bearerChallenge(this.config),
        });
      case 'malformed':
        this.failures.count(address, now);
        throw new Problem(parsed.isRequest ? 'authorization-malformed' : 'credentials-malformed', {
          detail: parsed.reason,
          headers: bearerChallenge(this.config, parsed.isRequest ? 'invalid_request' : undefined),
        });
      case 'bearer':
        return this.#judgeToken(parsed.token, address, now);
      case 'basic':
        return this.#judgeKey(parsed, address, now);
    }
  }

  /** The token or access token of this text, whatever it opens; undefined of any other text. For those who ask about tokens. */
  lookUp(text: string, now: Date): CredentialRecord | undefined | Promise<CredentialRecord | undefined> {
    const find = isWellFormedSecret('accessToken', text)
      ? findAccessToken
      : isWellFormedSecret('token', text)
        ? findToken
        : undefined;
    if (!find) return undefined;
    return this.#cached(text, () => find(this.dataSource, lookupsOf(this.keys, text)), now);
  }

  /** What the rules say of it now. */
  decide(record: CredentialRecord, now: Date): AccessDecision {
    const { plan, limits } = this.watch.rules;
    const { app, grants, credential } = record;
    const own = credential.type === 'api-key' ? undefined : credential.grantId;
    const districtId = grants.find(({ id }) => id === own)?.districtId;
    const facts = { app, grants, plan, policies: limits.reading(app.id, districtId, now) };
    return decideAccess(credential, facts, this.clock.at(now));
  }

  #judgeToken(token: string, address: string, now: Date): JudgedAccess | Promise<JudgedAccess> {
    if (isWellFormedSecret('accessToken', token)) return this.#find(token, findAccessToken, address, now);
    if (!isWellFormedSecret('token', token)) {
      this.failures.count(address, now);
      throw new Problem('credentials-malformed', {
        detail: wrongKind(token),
        headers: bearerChallenge(this.config, 'invalid_token'),
      });
    }
    return this.#find(token, findToken, address, now);
  }

  #judgeKey(
    basic: { user: string; password: string },
    address: string,
    now: Date,
  ): JudgedAccess | Promise<JudgedAccess> {
    const key = basic.user;
    const isOurs = isWellFormedSecret('apiKey', key);
    if (basic.password !== '' || !(isOurs || isImportableKey(key))) {
      this.failures.count(address, now);
      throw new Problem('credentials-malformed', {
        detail:
          'Basic is for API keys, the key as the user name and no password. Client id and secret are for the token service.',
        headers: bearerChallenge(this.config, 'invalid_token'),
      });
    }
    return this.#find(key, findApiKey, address, now);
  }

  #find(
    secret: string,
    find: typeof findToken,
    address: string,
    now: Date,
  ): JudgedAccess | Promise<JudgedAccess> {
    const found = this.#record(secret, find, address, now);
    return found instanceof Promise
      ? found.then((record) => this.#judged(record, address, now))
      : this.#judged(found, address, now);
  }

  #judged(record: CredentialRecord | undefined, address: string, now: Date): JudgedAccess {
    if (!record) {
      this.failures.count(address, now);
      throw new Problem('credentials-unknown', {
        detail:
          'No such credential was ever issued here, or it has been replaced. Fetch the present token from /oauth/tokens.',
        headers: bearerChallenge(this.config, 'invalid_token'),
      });
    }
    const { credential, app, grants } = record;
    const districtId = credential.type === 'api-key' ? '' : (grants[0]?.districtId ?? '');
    return { credential, app, districtId, decision: this.decide(record, now) };
  }

  #record(secret: string, find: typeof findToken, address: string, now: Date) {
    const load = async () => {
      // Only a miss costs the database a look-up, so only a miss has to be let in.
      this.failures.requireFew(address, now);
      return find(this.dataSource, lookupsOf(this.keys, secret));
    };
    return this.#cached(secret, load, now);
  }

  #cached(
    secret: string,
    load: () => Promise<CredentialRecord | undefined>,
    now: Date,
  ): CredentialRecord | undefined | Promise<CredentialRecord | undefined> {
    if (!this.watch.isCurrent) return orUnavailable(load());
    const known = this.#cache.get(cacheKeyOf(secret), load, now.getTime());
    return known instanceof Promise ? orUnavailable(known) : known;
  }
}

function subjectsOf({ credential, app, grants }: CredentialRecord): string[] {
  return [`${credential.type}:${credential.id}`, `app:${app.id}`, ...grants.map(({ id }) => `grant:${id}`)];
}

/** Says of a secret of ours what it is, when it was sent where another is due. */
function wrongKind(text: string): string {
  const type = claimedType(text);
  if (type === 'apiKey') return 'This is an API key: it is sent by HTTP Basic, as the user name.';
  if (type === 'clientSecret') return 'This is a client secret: it is for the token service, by HTTP Basic.';
  if (type === 'portalToken')
    return 'This is a portal token: it is for a district’s part of the token service.';
  if (type === 'operatorToken') return 'This is an operator token: it is for the admin service.';
  return 'It lacks the form or the checksum of a token: it may have been cut when it was copied.';
}
