import { rows } from '@hallpass/database';
import {
  districtState,
  liveSecrets,
  type AppId,
  type DistrictFacts,
  type GrantWait,
  type SecretLife,
} from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AppDistrictResponse } from './app-districts.dto.js';

type Found = Omit<AppDistrictResponse, 'state' | 'token'> &
  Omit<DistrictFacts, 'tokens'> & { awaits: GrantWait | null; tokens: FoundToken[] };

/** Instants inside of JSON are text. */
interface FoundToken {
  id: string;
  masked: string;
  issuedAt: string;
  expiresAt: string | null;
  retiresAt: string | null;
}

/** The districts of apps, with how each fares. */
@Injectable()
export class AppDistrictsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Those whose name has the text in it, by name. An app has at most some ten thousand: what state each is in is the domain's to say. */
  async find(
    appId: AppId,
    { search = '', grantId }: { search?: string | undefined; grantId?: string | undefined },
    now: Date,
  ): Promise<AppDistrictResponse[]> {
    const found = await rows<Found>(
      this.dataSource,
      `select g.id "grantId", g.district_id "districtId", d.name, d.sandbox_of is not null "isSandbox", g.status, g.awaits,
         g.selection, g.starts_at "startsAt", g.ends_at "endsAt", coalesce(t.tokens, '[]') tokens, t.last_at "lastUsedAt"
       from grants g join districts d on d.id = g.district_id
       left join lateral (
         select jsonb_agg(jsonb_build_object('id', k.id, 'masked', k.masked, 'issuedAt', k.created_at,
             'expiresAt', k.expires_at, 'retiresAt', k.retires_at)) filter (where k.revoked_at is null) tokens,
           max((select max(u.last_at) from credential_uses u where u.credential_id = k.id)) last_at
         from tokens k where k.district_id = g.district_id and k.grant_id = g.id) t on true
       where g.app_id = $1 and ($2 = '' or position(lower($2) in lower(d.name)) > 0) and ($3::text is null or g.id = $3)
       order by d.name, g.id`,
      [appId, search, grantId ?? null],
    );
    return found.map(({ status, tokens, ...row }) => {
      const lives = tokens.map(lifeOf);
      const { id, masked } = liveSecrets(lives, now).at(-1) ?? {};
      return {
        ...row,
        state: districtState({ ...row, status, tokens: lives }, now),
        token: id && masked ? { id, masked } : null,
      };
    });
  }
}

function lifeOf({ id, masked, issuedAt, expiresAt, retiresAt }: FoundToken): SecretLife & {
  id: string;
  masked: string;
} {
  const instant = (text: string | null) => (text === null ? null : new Date(text));
  return {
    id,
    masked,
    issuedAt: new Date(issuedAt),
    confirmedAt: null,
    expiresAt: instant(expiresAt),
    retiresAt: instant(retiresAt),
    revokedAt: null,
  };
}
