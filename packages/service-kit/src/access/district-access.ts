import { firstRow, lookupsOf, type InstallationKeys } from '@hallpass/database';
import { isWellFormedSecret, type DistrictId, type Id } from '@hallpass/domain';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Problem } from '../problems/problem.js';
import { INSTALLATION_KEYS } from '../tokens.js';
import { orUnavailable } from './authority-unavailable.js';
import { parseAuthorization } from './authorization-header.js';
import type { ActingPerson } from '../people/sessions.js';
import { FailedSignIns } from './failed-sign-ins.js';

/** Somebody who acts for a district. */
export interface DistrictPrincipal {
  districtId: DistrictId;
  /** Null: a person who has signed in. */
  portalTokenId: Id<'portal-token'> | null;
  person?: ActingPerson;
}

const challenge = (error = '') => ({ 'www-authenticate': `Bearer realm="hallpass portal"${error}` });

/** Authenticates a district's administrators by portal token, asked of the database each time: they are few. */
@Injectable()
export class DistrictVerifier {
  constructor(
    private readonly dataSource: DataSource,
    private readonly failures: FailedSignIns,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async verify(header: string | undefined, address: string, now: Date): Promise<DistrictPrincipal> {
    const parsed = parseAuthorization(header);
    if (parsed.scheme === 'none')
      throw new Problem('credentials-missing', {
        detail: 'Send the district’s portal token: `Authorization: Bearer <token>`.',
        headers: challenge(),
      });
    this.failures.requireFew(address, now);
    const found = parsed.scheme === 'bearer' ? await orUnavailable(this.#find(parsed.token)) : undefined;
    if (found) return found;
    this.failures.count(address, now);
    throw new Problem('credentials-unknown', {
      detail: 'This is no portal token in force. The platform’s operator issues them.',
      headers: challenge(', error="invalid_token"'),
    });
  }

  async #find(token: string): Promise<DistrictPrincipal | undefined> {
    if (!isWellFormedSecret('portalToken', token)) return undefined;
    return firstRow<DistrictPrincipal>(
      this.dataSource,
      `select district_id "districtId", id "portalTokenId" from portal_tokens
       where lookup = any ($1) and revoked_at is null`,
      [lookupsOf(this.keys, token)],
    );
  }
}
