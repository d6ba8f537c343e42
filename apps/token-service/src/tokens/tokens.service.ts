import {
  Tokens,
  changeTokenGrace,
  revokeToken,
  rotateToken,
  usesOf,
  type Actor,
  type InstallationKeys,
  type TokenOwner,
  type TokenRow,
} from '@hallpass/database';
import {
  DomainError,
  maskSecret,
  secretState,
  type AppId,
  type Rotation,
  type TokenId,
} from '@hallpass/domain';
import {
  INSTALLATION_KEYS,
  LATEST_FIRST,
  Problem,
  actorOf,
  listPage,
  requireFresh,
  type ClientPrincipal,
  type ListQuery,
} from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource, type FindOptionsWhere } from 'typeorm';
import { Reveals } from '../oauth/reveals.service.js';
import {
  toTokenResponse,
  type RevealedTokenResponse,
  type RevokedTokenResponse,
  type RotatedTokenResponse,
  type TokenResponse,
  type TokensPage,
} from './tokens.dto.js';

/** What an app, or a district, does with the tokens that are its own. */
@Injectable()
export class TokensService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly reveals: Reveals,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async list(
    owner: TokenOwner,
    query: ListQuery,
    where: FindOptionsWhere<TokenRow> = {},
  ): Promise<TokensPage> {
    const page = await listPage<TokenRow, TokenRow>(this.dataSource.manager, Tokens, query, (row) => row, {
      order: LATEST_FIRST,
      of: owner,
      where,
    });
    return { data: await this.#shown(page.data), next: page.next };
  }

  async one(owner: TokenOwner, id: TokenId): Promise<TokenResponse> {
    const found = await this.dataSource.manager.findOneBy(Tokens, { id, ...owner });
    const [shown] = found ? await this.#shown([found]) : [];
    if (!shown) throw new DomainError('not-found', 'No token has this id.');
    return shown;
  }

  /** The new token is shown as far as the app's rule shows any. */
  async rotate(
    client: ClientPrincipal,
    tokenId: TokenId,
    rotation: Rotation,
    request: FastifyRequest,
  ): Promise<RotatedTokenResponse> {
    const rule = await this.reveals.ruleFor(client, request.ip);
    const { appId } = client;
    const command = { tokenId, owner: { appId }, ...rotation };
    const rotated = await rotateToken(this.dataSource, this.keys, command, actorOf(client, request.id));
    const { districtId } = await this.one({ appId }, rotated.tokenId);
    const place = { id: rotated.tokenId, districtId: districtId as TokenRow['districtId'] };
    const secret = (await this.reveals.reveal(client, rule, [place], request)).get(rotated.tokenId);
    return {
      id: rotated.tokenId,
      ...(secret === undefined ? {} : { token: secret }),
      masked: maskSecret(rotated.token),
      replaces: rotated.replaces,
      retiresAt: rotated.retiresAt,
    };
  }

  /** By a person alone, with the password given just now. A token that has ended is shown no more. */
  async reveal(
    client: ClientPrincipal,
    tokenId: TokenId,
    request: FastifyRequest,
  ): Promise<RevealedTokenResponse> {
    const { appId, person } = client;
    const token = await this.dataSource.manager.findOneBy(Tokens, { id: tokenId, appId });
    if (!token) throw new DomainError('not-found', 'No token has this id.');
    if (!person)
      throw new Problem('request-invalid', { detail: 'A server reads its tokens at GET /oauth/tokens.' });
    requireFresh(person.isFresh);
    const rule = await this.reveals.ruleFor(client, request.ip);
    if (rule.reveal === 'never')
      throw new Problem('permission-missing', { detail: 'The app’s setting is that no token is shown.' });
    if (secretState(token, new Date()) !== 'live')
      throw new DomainError('secret-ended', 'The token has ended. Its successor is in the list.');
    const secret = (await this.reveals.reveal(client, rule, [token], request)).get(tokenId);
    if (secret === undefined)
      throw new DomainError(
        'secret-ended',
        'The token’s secret is kept no longer: rotate it to have another.',
      );
    return { id: tokenId, token: secret };
  }

  async changeGrace(
    appId: AppId,
    tokenId: TokenId,
    graceSeconds: number,
    actor: Actor,
  ): Promise<TokenResponse> {
    const owner = { appId };
    await changeTokenGrace(this.dataSource, { tokenId, owner, graceSeconds }, actor);
    return this.one(owner, tokenId);
  }

  async revoke(owner: TokenOwner, tokenId: TokenId, actor: Actor): Promise<RevokedTokenResponse> {
    const command = { tokenId, owner, reason: 'asked' } as const;
    const { successor } = await revokeToken(this.dataSource, this.keys, command, actor);
    return { token: await this.one(owner, tokenId), successorId: successor?.tokenId ?? null };
  }

  async #shown(rows: readonly TokenRow[]): Promise<TokenResponse[]> {
    const uses = await usesOf(
      this.dataSource,
      rows.map(({ id }) => id),
    );
    const now = new Date();
    return rows.map((row) => toTokenResponse(row, uses, now));
  }
}
