import type { InstallationKeys } from '@hallpass/database';
import { firstRow } from '@hallpass/database';
import { hashSecret, isWellFormedSecret, type AppId } from '@hallpass/domain';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rateLimitHeaders } from '../limits/rate-limit-headers.js';
import { RateLimiter } from '../limits/rate-limiter.js';
import { Problem } from '../problems/problem.js';
import { INSTALLATION_KEYS } from '../tokens.js';
import { orUnavailable } from './authority-unavailable.js';
import { AuthorityWatch } from './authority-watch.js';
import { parseAuthorization } from './authorization-header.js';
import { policyNamed } from './credential-verifier.js';

/** An app that has proved to be itself by client id and secret. */
export interface ClientPrincipal {
  appId: AppId;
  clientId: string;
}

const challenge = { 'www-authenticate': 'Basic realm="hallpass token service", charset="UTF-8"' };

/** Authenticates apps at the token service (RFC 6749 2.3.1): Basic, both with and without form-encoding inside. */
@Injectable()
export class ClientVerifier {
  constructor(
    private readonly dataSource: DataSource,
    private readonly watch: AuthorityWatch,
    private readonly limiter: RateLimiter,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async verify(header: string | undefined, address: string, now: Date): Promise<ClientPrincipal> {
    const parsed = parseAuthorization(header);
    if (parsed.scheme === 'none')
      throw new Problem('credentials-missing', {
        detail: 'Send the client id and secret by HTTP Basic.',
        headers: challenge,
      });
    const failures = {
      policy: policyNamed(this.watch.rules.policies, 'failed-sign-in'),
      subjectId: address,
      cost: 1,
    };
    const verdict = this.limiter.peek([failures], now);
    if (!verdict.allowed)
      throw new Problem('rate-limited', {
        detail: 'Too many sign-ins have failed from this address.',
        headers: rateLimitHeaders(verdict, now),
      });
    const client =
      parsed.scheme === 'basic' ? await orUnavailable(this.#find(parsed.user, parsed.password)) : undefined;
    if (client) return client;
    this.limiter.spend([failures], now);
    throw new Problem('credentials-unknown', {
      detail: 'The client id and secret do not belong together, or the secret has been revoked.',
      headers: challenge,
    });
  }

  /** Unknown client and wrong secret look and cost the same: both are one look-up by the secret's hash. */
  async #find(user: string, password: string): Promise<ClientPrincipal | undefined> {
    const [clientId, secret] = [formDecoded(user), formDecoded(password)];
    if (!isWellFormedSecret('clientSecret', secret)) return undefined;
    const app = await firstRow<{ id: AppId; client_id: string }>(
      this.dataSource,
      `select a.id, a.client_id from client_secrets s join apps a on a.id = s.app_id
       where s.lookup = $1 and s.revoked_at is null and a.is_enabled`,
      [hashSecret(this.keys.pepper, secret)],
    );
    return app?.client_id === clientId ? { appId: app.id, clientId } : undefined;
  }
}

/** Our ids and secrets need no encoding, so a client that encodes and one that does not mean the same. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
