import { findApiKey, findToken, type CredentialRecord, type InstallationKeys } from '@hallpass/database';
import {
  claimedType,
  decideAccess,
  hashSecret,
  isImportableKey,
  isWellFormedSecret,
  type AccessDecision,
  type Credential,
  type RatePolicy,
} from '@hallpass/domain';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RateLimiter } from '../limits/rate-limiter.js';
import { rateLimitHeaders } from '../limits/rate-limit-headers.js';
import { Problem } from '../problems/problem.js';
import { INSTALLATION_KEYS } from '../tokens.js';
import { orUnavailable } from './authority-unavailable.js';
import { AuthorityWatch } from './authority-watch.js';
import { parseAuthorization } from './authorization-header.js';
import { CredentialCache } from './credential-cache.js';

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
  decision: AccessDecision;
}

const noBearerYet = { 'www-authenticate': 'Bearer realm="hallpass"' };
const badBearer = { 'www-authenticate': 'Bearer realm="hallpass", error="invalid_token"' };
const badRequest = { 'www-authenticate': 'Bearer realm="hallpass", error="invalid_request"' };

/**
 * From an Authorization header to a decision: form and checksum first, then the limit on failed sign-ins, the look-up by
 * keyed hash, and decideAccess on what it finds. The guards and the passport strategies of every service end here.
 */
@Injectable()
export class CredentialVerifier {
  readonly #cache = new CredentialCache();

  constructor(
    private readonly dataSource: DataSource,
    private readonly watch: AuthorityWatch,
    private readonly limiter: RateLimiter,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {
    watch.onChange((change) => this.#cache.forget(change));
  }

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
          headers: noBearerYet,
        });
      case 'malformed':
        this.#countFailure(address, now);
        throw new Problem('credentials-malformed', { detail: parsed.reason, headers: badRequest });
      case 'bearer':
        return this.#judgeToken(parsed.token, address, now);
      case 'basic':
        return this.#judgeKey(parsed, address, now);
    }
  }

  #judgeToken(token: string, address: string, now: Date): JudgedAccess | Promise<JudgedAccess> {
    if (!isWellFormedSecret('token', token)) {
      this.#countFailure(address, now);
      throw new Problem('credentials-malformed', { detail: wrongKind(token), headers: badBearer });
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
      this.#countFailure(address, now);
      throw new Problem('credentials-malformed', {
        detail:
          'Basic is for API keys, the key as the user name and no password. Client id and secret are for the token service.',
        headers: badBearer,
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
    const lookup = hashSecret(this.keys.pepper, secret);
    const found = this.#record(lookup, find, address, now);
    return found instanceof Promise
      ? found.then((record) => this.#decide(record, address, now))
      : this.#decide(found, address, now);
  }

  #decide(record: CredentialRecord | undefined, address: string, now: Date): JudgedAccess {
    if (!record) {
      this.#countFailure(address, now);
      throw new Problem('credentials-unknown', {
        detail:
          'No such credential was ever issued here, or it has been replaced. Fetch the present token from /oauth/tokens.',
        headers: badBearer,
      });
    }
    const { plan, policies } = this.watch.rules;
    const { app, grants } = record;
    const facts = {
      app,
      grants,
      plan,
      policies: { token: policyNamed(policies, 'token'), apiKey: policyNamed(policies, 'api-key') },
    };
    return {
      credential: record.credential,
      app: record.app,
      decision: decideAccess(record.credential, facts, now),
    };
  }

  #record(lookup: Buffer, find: typeof findToken, address: string, now: Date) {
    const load = async () => {
      // Only a miss costs the database a look-up, so only a miss has to be let in.
      this.#requireFewFailures(address, now);
      return find(this.dataSource, lookup);
    };
    if (!this.watch.isCurrent) return orUnavailable(load());
    const known = this.#cache.get(lookup.toString('base64'), load, now.getTime());
    return known instanceof Promise ? orUnavailable(known) : known;
  }

  #countFailure(address: string, now: Date): void {
    this.limiter.spend([this.#failedSignIns(address)], now);
  }

  #requireFewFailures(address: string, now: Date): void {
    const verdict = this.limiter.peek([this.#failedSignIns(address)], now);
    if (verdict.allowed) return;
    throw new Problem('rate-limited', {
      detail: 'Too many sign-ins have failed from this address. Mend the credential before the next try.',
      headers: rateLimitHeaders(verdict, now),
    });
  }

  #failedSignIns(subjectId: string) {
    return { policy: policyNamed(this.watch.rules.policies, 'failed-sign-in'), subjectId, cost: 1 };
  }
}

export function policyNamed(policies: ReadonlyMap<string, RatePolicy>, name: string): RatePolicy {
  const policy = policies.get(name);
  if (!policy) throw new Error(`no rate policy is named ${name}`);
  return policy;
}

/** Says of a secret of ours what it is, when it was sent where another is due. */
function wrongKind(text: string): string {
  const type = claimedType(text);
  if (type === 'apiKey') return 'This is an API key: it is sent by HTTP Basic, as the user name.';
  if (type === 'clientSecret') return 'This is a client secret: it is for the token service, by HTTP Basic.';
  if (type === 'operatorToken') return 'This is an operator token: it is for the admin service.';
  return 'It lacks the form or the checksum of a token: it may have been cut when it was copied.';
}
