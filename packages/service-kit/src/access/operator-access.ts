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
import { RateLimiter } from '../limits/rate-limiter.js';
import { Problem } from '../problems/problem.js';
import { INSTALLATION_KEYS } from '../tokens.js';
import { orUnavailable } from './authority-unavailable.js';
import { AuthorityWatch } from './authority-watch.js';
import { parseAuthorization } from './authorization-header.js';
import { FailedSignIns } from './failed-sign-ins.js';

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
    private readonly failures: FailedSignIns,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async verify(header: string | undefined, address: string, now: Date): Promise<OperatorPrincipal> {
    const parsed = parseAuthorization(header);
    if (parsed.scheme === 'none')
      throw new Problem('credentials-missing', {
        detail: 'Send an operator token: `Authorization: Bearer <token>`.',
        headers: challenge,
      });
    this.failures.requireFew(address, now);
    const operator = parsed.scheme === 'bearer' ? await orUnavailable(this.#find(parsed.token)) : undefined;
    if (operator) return operator;
    this.failures.count(address, now);
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
    const policy = this.watch.rules.limits.named('operator');
    return this.limiter.spend([{ policy, subjectId: operator.id, cost: 1 }], now);
  }

  async #find(token: string): Promise<OperatorPrincipal | undefined> {
    if (!isWellFormedSecret('operatorToken', token)) return undefined;
    return firstRow<OperatorPrincipal>(
      this.dataSource,
      'select id, name, role from operators where lookup = any ($1) and disabled_at is null',
      [lookupsOf(this.keys, token)],
    );
  }
}
