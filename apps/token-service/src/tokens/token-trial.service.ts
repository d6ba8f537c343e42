import { Tokens, unsealToken, type InstallationKeys } from '@hallpass/database';
import { DomainError, type AppId, type TokenId } from '@hallpass/domain';
import { INSTALLATION_KEYS, Problem, SERVICE_CONFIG } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { TokenServiceConfig } from '../config.js';
import { TokensRepository } from '../oauth/tokens.repository.js';
import type { TokenTrialResponse } from './tokens.dto.js';

const PATIENCE_MS = 10_000;
const BODY_MAX = 200_000;
/** What of an answer's head is worth showing. */
const HEADERS = [
  'content-type',
  'etag',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'www-authenticate',
  'x-request-id',
];

/** Tries a token where it will be used: a real call to the data API, which counts as one, and what came of it. */
@Injectable()
export class TokenTrial {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: TokensRepository,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
    @Inject(SERVICE_CONFIG) private readonly config: Pick<TokenServiceConfig, 'DATA_API_URL'>,
  ) {}

  async run(appId: AppId, id: TokenId, path: string): Promise<TokenTrialResponse> {
    const token = await this.dataSource.manager.findOneBy(Tokens, { id, appId });
    if (!token) throw new DomainError('not-found', 'The app has no token of this id.');
    const { districtId } = token;
    const [seal] = await this.tokens.seals(this.dataSource, [{ id, districtId }], false);
    const secret = seal && unsealToken(this.keys, { tokenId: id, districtId, appId }, seal.sealed, seal);
    if (!secret)
      throw new DomainError(
        'secret-ended',
        'Hallpass keeps this token no longer, and cannot try it. Rotate it.',
      );
    const begun = performance.now();
    const url = `${this.config.DATA_API_URL}${path}`;
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${secret}`, 'user-agent': 'Hallpass token trial' },
      signal: AbortSignal.timeout(PATIENCE_MS),
      redirect: 'manual',
    }).catch((cause: unknown) => {
      throw new Problem('storage-unavailable', { detail: 'The data API did not answer.', cause });
    });
    const text = (await response.text()).slice(0, BODY_MAX);
    return {
      url,
      request: `GET ${path}`,
      status: response.status,
      milliseconds: Math.round(performance.now() - begun),
      headers: Object.fromEntries(
        HEADERS.flatMap((name) => {
          const value = response.headers.get(name);
          return value === null ? [] : [[name, value]];
        }),
      ),
      body: text,
    };
  }
}
