import { findGrant, lookupsOf, poolOf, recordAuthorityChange, type GrantAuthority } from '@hallpass/database';
import type { InstallationKeys } from '@hallpass/database';
import type { AccessTokenId, AppId, DistrictId, GrantId } from '@hallpass/domain';
import { INSTALLATION_KEYS } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** An access token as it is written down. */
export interface NewAccessToken {
  lookup: Buffer;
  id: AccessTokenId;
  districtId: DistrictId;
  grantId: GrantId;
  appId: AppId;
  /** What the client signed in with: it ends with it. */
  givenFor: string;
  issuedAt: Date;
  expiresAt: Date;
}

interface Waiting {
  token: NewAccessToken;
  done: () => void;
  failed: (error: unknown) => void;
}

/** So many go into one statement. */
const BATCH_MAX = 500;

@Injectable()
export class AccessTokensRepository {
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  grant(appId: AppId, districtId: DistrictId): Promise<GrantAuthority | undefined> {
    return findGrant(this.dataSource, appId, districtId);
  }

  /**
   * Resolves once the token is on disk. Those that are asked for while others are being written go together, in one statement and
   * one commit: what each would pay alone for the disk, they share.
   */
  insert(token: NewAccessToken): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ token, done, failed });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_MAX);
      try {
        await this.#write(batch.map(({ token }) => token));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#isWriting = false;
  }

  async #write(tokens: readonly NewAccessToken[]): Promise<void> {
    await poolOf(this.dataSource).query({
      name: 'insert-access-tokens',
      text: `insert into access_tokens (lookup, id, district_id, grant_id, app_id, given_for, issued_at, expires_at)
        select * from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[])`,
      values: [
        tokens.map(({ lookup }) => lookup),
        tokens.map(({ id }) => id),
        tokens.map(({ districtId }) => districtId),
        tokens.map(({ grantId }) => grantId),
        tokens.map(({ appId }) => appId),
        tokens.map(({ givenFor }) => givenFor),
        tokens.map(({ issuedAt }) => issuedAt),
        tokens.map(({ expiresAt }) => expiresAt),
      ],
    });
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
