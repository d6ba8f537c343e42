import { isWellFormedSecret, newSecret } from '@hallpass/domain';
import { Problem, orUnavailable, type ClientPrincipal } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CodesRepository, type GrantedCode } from './codes.repository.js';
import type { OAuthForm } from './form.js';
import type { AccessTokenResponse } from './oauth.dto.js';
import { Reveals } from './reveals.service.js';
import { TokensRepository } from './tokens.repository.js';

/** A code is good for one exchange within this time. */
export const CODE_SECONDS = 60;

/** The codes that are sent to older apps when a district has authorised them, and their exchange for the district's token. */
@Injectable()
export class CodesService {
  constructor(
    private readonly repository: CodesRepository,
    private readonly tokens: TokensRepository,
    private readonly reveals: Reveals,
  ) {}

  /** A fresh code; it begins to run out now. */
  async make(granted: GrantedCode): Promise<string> {
    const code = newSecret('authorizationCode');
    await this.repository.insert(code, granted, CODE_SECONDS);
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
    const taken = isWellFormedSecret('authorizationCode', code)
      ? await orUnavailable(this.repository.take(client.appId, code, redirectUri))
      : undefined;
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
    const secret = (await this.reveals.reveal(client, rule, [token], request)).get(token.id);
    if (secret === undefined)
      throw new Problem('client-not-permitted', {
        detail: 'The token was shown before, and is not shown again. Use the client_credentials grant.',
      });
    return { access_token: secret, token_type: 'bearer', district: token.districtId };
  }
}
