import {
  findAccessToken,
  findToken,
  lookupOf,
  lookupsOf,
  recordAuthorityChange,
  toRecord,
  type CredentialFacts,
  type CredentialRecord,
  type InstallationKeys,
} from '@hallpass/database';
import { isWellFormedSecret, newId, type AccessTokenId, type AppId, type DistrictId } from '@hallpass/domain';
import { INSTALLATION_KEYS } from '@hallpass/service-kit';
import { poolOf } from '@hallpass/database';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';

@Injectable()
export class AccessTokensRepository {
  readonly #pool: Pool;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {
    this.#pool = poolOf(dataSource);
  }

  /** Writes an access token down, where the app has an active grant in the district; with what decides whether it opens anything. */
  async issue(
    place: { appId: AppId; districtId: DistrictId },
    secret: string,
    issuedAt: Date,
    expiresAt: Date,
  ): Promise<CredentialRecord | undefined> {
    const { lookup } = lookupOf(this.keys, secret);
    const { rows } = await this.#pool.query<{ facts: CredentialFacts | null }>({
      name: 'issue-access-token',
      text: 'select issue_access_token($1, $2, $3, $4, $5, $6) facts',
      values: [place.appId, place.districtId, lookup, newId<AccessTokenId>(), issuedAt, expiresAt],
    });
    return rows[0]?.facts ? toRecord(rows[0].facts) : undefined;
  }

  /** The token or access token of this text, by one indexed read; undefined of any other text. */
  find(text: string): Promise<CredentialRecord | undefined> {
    if (isWellFormedSecret('accessToken', text))
      return findAccessToken(this.dataSource, lookupsOf(this.keys, text));
    if (isWellFormedSecret('token', text)) return findToken(this.dataSource, lookupsOf(this.keys, text));
    return Promise.resolve(undefined);
  }

  async revoke(text: string, id: AccessTokenId, now: Date): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      await tx.query(
        'update access_tokens set revoked_at = $2 where lookup = any ($1) and revoked_at is null',
        [lookupsOf(this.keys, text), now],
      );
      await recordAuthorityChange(tx, 'access-token', id);
    });
  }
}
