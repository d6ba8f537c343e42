import { unsealToken, type InstallationKeys } from '@hallpass/database';
import { parseId, scopesOf, type AppId, type DistrictId } from '@hallpass/domain';
import { INSTALLATION_KEYS, Problem, type JudgedAccess } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { TokenInfoResponse, TokenListResponse } from './oauth.dto.js';
import { TokensRepository } from './tokens.repository.js';

@Injectable()
export class OAuthService {
  constructor(
    private readonly tokens: TokensRepository,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  /** The tokens that an app holds, one for each district that shares with it now. */
  async list(
    appId: AppId,
    ownerType: string | undefined,
    district: string | undefined,
  ): Promise<TokenListResponse> {
    if (ownerType !== 'district')
      throw new Problem('request-invalid', {
        detail: 'Send `owner_type=district`: tokens belong to districts.',
      });
    const districtId = district === undefined ? undefined : parseId<DistrictId>(district);
    if (district !== undefined && !districtId)
      throw new Problem('request-invalid', { detail: '`district` is a district’s id, 24 hex characters.' });
    const sealed = await this.tokens.sealed(appId, districtId);
    const query = districtId ? `&district=${districtId}` : '';
    return {
      data: sealed.map((each) => ({
        id: each.id,
        created: each.createdAt.toISOString(),
        owner: { type: 'district', id: each.districtId },
        access_token: unsealToken(this.keys, { ...each, appId, tokenId: each.id }, each.sealed),
        scopes: scopesOf(each.fields),
      })),
      links: [{ rel: 'self', uri: `/oauth/tokens?owner_type=district${query}` }],
    };
  }

  /** What a token is for: its app, and what it opens now. */
  info({ app, decision }: JudgedAccess): TokenInfoResponse {
    const scopes = decision.allowed ? decision.scopes.flatMap(({ rule }) => scopesOf(rule.fields)) : [];
    return { client_id: app.clientId, scopes: [...new Set(scopes)] };
  }
}
