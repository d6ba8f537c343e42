import { firstRow, lookupsOf, type InstallationKeys } from '@hallpass/database';
import {
  isWellFormedSecret,
  operatorMay,
  type Id,
  type OperatorPermission,
  type OperatorRole,
} from '@hallpass/domain';
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

/** A member of staff. */
export interface OperatorPrincipal {
  id: Id<'operator'>;
  name: string;
  role: OperatorRole;
}

const challenge = { 'www-authenticate': 'Bearer realm="hallpass admin"' };

/** Authenticates staff at the admin service by operator token, asked of the database each time: staff are few. */
@Injectable()
export class OperatorVerifier {
  constructor(
    private readonly dataSource: DataSource,
    private readonly watch: AuthorityWatch,
    private readonly limiter: RateLimiter,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async verify(header: string | undefined, address: string, now: Date): Promise<OperatorPrincipal> {
    const parsed = parseAuthorization(header);
    if (parsed.scheme === 'none')
      throw new Problem('credentials-missing', {
        detail: 'Send an operator token: `Authorization: Bearer <token>`.',
        headers: challenge,
      });
    const failures = this.#wish('failed-sign-in', address);
    const verdict = this.limiter.peek([failures], now);
    if (!verdict.allowed)
      throw new Problem('rate-limited', {
        detail: 'Too many sign-ins have failed from this address.',
        headers: rateLimitHeaders(verdict, now),
      });
    const operator = parsed.scheme === 'bearer' ? await orUnavailable(this.#find(parsed.token)) : undefined;
    if (operator) return operator;
    this.limiter.spend([failures], now);
    throw new Problem('credentials-unknown', {
      detail: 'This is no operator token in force.',
      headers: { 'www-authenticate': 'Bearer realm="hallpass admin", error="invalid_token"' },
    });
  }

  /** Refuses what the role does not permit. */
  permit(operator: OperatorPrincipal, permission: OperatorPermission): void {
    if (operatorMay(operator.role, permission)) return;
    throw new Problem('permission-missing', {
      detail: `The role ${operator.role} does not permit to ${permission}. Ask an administrator.`,
      headers: { 'www-authenticate': 'Bearer realm="hallpass admin", error="insufficient_scope"' },
    });
  }

  /** Counts a call of the operator's. */
  limit(operator: OperatorPrincipal, now: Date) {
    return this.limiter.spend([this.#wish('operator', operator.id)], now);
  }

  async #find(token: string): Promise<OperatorPrincipal | undefined> {
    if (!isWellFormedSecret('operatorToken', token)) return undefined;
    return firstRow<OperatorPrincipal>(
      this.dataSource,
      'select id, name, role from operators where lookup = any ($1) and disabled_at is null',
      [lookupsOf(this.keys, token)],
    );
  }

  #wish(policy: string, subjectId: string) {
    return { policy: policyNamed(this.watch.rules.policies, policy), subjectId, cost: 1 };
  }
}
