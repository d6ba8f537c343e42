import { firstRow, lookupOf, lookupsOf, type InstallationKeys } from '@hallpass/database';
import {
  isWellFormedSecret,
  newSecret,
  type AppId,
  type DistrictId,
  type GrantId,
  type TokenId,
} from '@hallpass/domain';
import { INSTALLATION_KEYS, Problem, orUnavailable, type ClientPrincipal } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import type { OAuthForm } from './form.js';
import type { AccessTokenResponse } from './oauth.dto.js';
import { Reveals } from './reveals.js';
import { TokensRepository } from './tokens.repository.js';

/** A code is good for one exchange within this time. */
export const CODE_SECONDS = 60;

interface GrantedCode {
  appId: AppId;
  districtId: DistrictId;
  grantId: GrantId;
  redirectUri: string;
}

/** The codes that are sent to older apps when a district has authorised them, and their exchange for the district's token. */
@Injectable()
export class CodesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: TokensRepository,
    private readonly reveals: Reveals,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  /** A fresh code; it begins to run out now. */
  async make({ appId, districtId, grantId, redirectUri }: GrantedCode): Promise<string> {
    const code = newSecret('authorizationCode');
    await this.dataSource.query(
      `insert into authorization_codes (lookup, expires_at, district_id, grant_id, app_id, redirect_uri)
       values ($1, now() + make_interval(secs => $2), $3, $4, $5, $6)`,
      [lookupOf(this.keys, code).lookup, CODE_SECONDS, districtId, grantId, appId, redirectUri],
    );
    return code;
  }

  /** Gives the token of the district for whose grant the code was sent. */
  async exchange(
    client: ClientPrincipal,
    form: OAuthForm,
    request: FastifyRequest,
  ): Promise<AccessTokenResponse> {
    const code = form.require('code');
    const redirectUri = form.require('redirect_uri');
    const rule = await this.reveals.ruleFor(client, request.ip);
    if (rule.reveal === 'never')
      throw new Problem('client-not-permitted', {
        detail: 'The app is never shown its tokens. Use the client_credentials grant.',
      });
    const taken = await orUnavailable(this.#take(client.appId, code, redirectUri));
    const [token] = taken
      ? await this.tokens.list(client.appId, {
          districtId: taken.districtId,
          after: undefined,
          updatedSince: undefined,
          limit: 1,
        })
      : [];
    if (!token)
      throw new Problem('code-invalid', {
        detail: `The code is unknown, used, older than ${CODE_SECONDS} seconds, or was sent to another redirect URI.`,
      });
    const secret = (await this.reveals.reveal(client, rule, [token], request)).get(token.id as TokenId);
    if (secret === undefined)
      throw new Problem('client-not-permitted', {
        detail: 'The token was shown before, and is not shown again. Use the client_credentials grant.',
      });
    return { access_token: secret, token_type: 'bearer', district: token.districtId };
  }

  /** The code, used up; of two that send it at once, one gets it. */
  async #take(appId: AppId, code: string, redirectUri: string): Promise<GrantedCode | undefined> {
    if (!isWellFormedSecret('authorizationCode', code)) return undefined;
    return firstRow<GrantedCode>(
      this.dataSource,
      `update authorization_codes set used_at = now()
       where lookup = any ($1) and expires_at > now() and expires_at < now() + interval '1 hour'
         and used_at is null and app_id = $2 and redirect_uri = $3
       returning app_id "appId", district_id "districtId", grant_id "grantId", redirect_uri "redirectUri"`,
      [lookupsOf(this.keys, code), appId, redirectUri],
    );
  }
}
