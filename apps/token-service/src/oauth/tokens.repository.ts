import { firstRow, rows, type Sql, type WrappedKey } from '@hallpass/database';
import type { AppId, DistrictId, FieldList, RevealMode, TokenId } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The token of one grant in force, without its secret. */
export interface ListedToken {
  id: TokenId;
  districtId: DistrictId;
  createdAt: Date;
  expiresAt: Date | null;
  masked: string;
  fields: FieldList;
  /** When the token or its grant last changed. */
  updatedAt: Date;
  /** Whether its secret could still be shown. */
  isSealed: boolean;
}

export interface ListPlace {
  districtId: DistrictId | undefined;
  /** After this district. */
  after: DistrictId | undefined;
  updatedSince: Date | undefined;
  limit: number;
}

/** A sealed secret, with the wrapped key that opens it. */
export interface SealedToken extends WrappedKey {
  id: TokenId;
  districtId: DistrictId;
  sealed: Buffer;
}

/** How an app's tokens may be shown to it. */
export interface RevealRule {
  reveal: RevealMode;
  addresses: string[];
}

@Injectable()
export class TokensRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The newest usable token of each of the app's grants in force, by district: a range of the index on an app's grants. */
  list(appId: AppId, { districtId, after, updatedSince, limit }: ListPlace): Promise<ListedToken[]> {
    return rows<ListedToken>(
      this.dataSource,
      `select t.id, g.district_id "districtId", t.created_at "createdAt", t.expires_at "expiresAt", t.masked, g.fields,
         c.changed_at "updatedAt", s.token_id is not null "isSealed"
       from grants g
       cross join lateral (
         select * from tokens t
         where t.district_id = g.district_id and t.grant_id = g.id and t.revoked_at is null
           and (t.retires_at is null or t.retires_at > now()) and (t.expires_at is null or t.expires_at > now())
         order by t.created_at desc, t.id limit 1
       ) t
       left join token_seals s on s.district_id = t.district_id and s.token_id = t.id
       cross join lateral (
         select greatest(g.changed_at, g.starts_at, max(any_of.changed_at)) changed_at from tokens any_of
         where any_of.district_id = g.district_id and any_of.grant_id = g.id
       ) c
       where g.app_id = $1 and ($2::text is null or g.district_id = $2) and ($3::text is null or g.district_id > $3)
         and g.status = 'active'
         and (g.starts_at is null or g.starts_at <= now()) and (g.ends_at is null or g.ends_at > now())
         -- What was changed in a transaction that was not yet over is told the next time: so long may one take.
         and ($4::timestamptz is null or c.changed_at >= $4::timestamptz - interval '1 minute')
       order by g.district_id limit $5`,
      [appId, districtId ?? null, after ?? null, updatedSince ?? null, limit],
    );
  }

  async revealRule(appId: AppId): Promise<RevealRule> {
    const rule = await firstRow<RevealRule>(
      this.dataSource,
      'select reveal, reveal_addresses addresses from apps where id = $1',
      [appId],
    );
    if (!rule) throw new Error('an app that has signed in is gone');
    return rule;
  }

  /** The seals of these tokens; taken for good, they are given to one caller alone. */
  seals(tx: Sql, tokens: readonly { id: TokenId; districtId: DistrictId }[], isForGood: boolean) {
    const keys = `from data_keys k where k.owner_type = 'district' and k.owner_id = s.district_id`;
    const columns = `s.token_id id, s.district_id "districtId", s.sealed,
      (select k.wrapped ${keys}) wrapped, (select k.master_version ${keys}) "masterVersion",
      coalesce((select k.is_derived ${keys}), false) "isDerived"`;
    const named = 'unnest($1::text[], $2::text[]) n(district_id, token_id)';
    const isNamed = 's.district_id = n.district_id and s.token_id = n.token_id';
    return rows<SealedToken>(
      tx,
      isForGood
        ? `delete from token_seals s using ${named} where ${isNamed} returning ${columns}`
        : `select ${columns} from token_seals s join ${named} on ${isNamed}`,
      [tokens.map(({ districtId }) => districtId), tokens.map(({ id }) => id)],
    );
  }

  /** Writes down that an app was shown secrets, and gives how many it was shown within the hour and in its busiest one. */
  async logReveal(
    tx: Sql,
    reveal: {
      appId: AppId;
      address: string;
      userAgent: string;
      clientSecretId: string | null;
      /** Null: an app's server. */
      personId: string | null;
      districtIds: readonly DistrictId[];
    },
  ): Promise<{ thisHour: number; busiestHour: number }> {
    const { appId, address, userAgent, clientSecretId, personId, districtIds } = reveal;
    await tx.query(
      `insert into token_reveals (app_id, address, user_agent, client_secret_id, person_id, shown, district_from, district_to)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        appId,
        address,
        userAgent.slice(0, 200),
        clientSecretId,
        personId,
        districtIds.length,
        districtIds[0],
        districtIds.at(-1),
      ],
    );
    const counts = await firstRow<{ thisHour: number; busiestHour: number }>(
      tx,
      `select coalesce(sum(shown) filter (where at > now() - interval '1 hour'), 0)::integer "thisHour",
         coalesce((select max(shown) from (
           select sum(shown) shown from token_reveals
           where app_id = $1 and at > now() - interval '8 days' and at <= now() - interval '1 hour'
           group by date_trunc('hour', at)) hours), 0)::integer "busiestHour"
       from token_reveals where app_id = $1 and at > now() - interval '1 hour'`,
      [appId],
    );
    return counts ?? { thisHour: 0, busiestHour: 0 };
  }

  /** True once an hour: whoever gets it says that the app reads unusually many. */
  async takeUnusualNotice(tx: Sql, appId: AppId): Promise<boolean> {
    const taken = await rows(
      tx,
      `update apps set reveal_noticed_at = now()
       where id = $1 and (reveal_noticed_at is null or reveal_noticed_at <= now() - interval '1 hour') returning id`,
      [appId],
    );
    return taken.length === 1;
  }
}
