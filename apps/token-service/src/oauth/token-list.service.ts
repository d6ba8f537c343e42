import { createHash } from 'node:crypto';
import { parseId, scopesOf, type DistrictId } from '@hallpass/domain';
import type { ClientPrincipal } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { invalid } from './form.js';
import type { TokenListQuery, TokenListResponse } from './oauth.dto.js';
import { Reveals } from './reveals.service.js';
import { TokensRepository, type ListPlace, type ListedToken } from './tokens.repository.js';

/** As many at once as Clever's clients, which know of no pages here, could ever have met. */
const LIMIT_MAX = 10_000;

export interface ListedTokens {
  /** Names what the list shows without being its hash: it is known before any secret is opened. */
  etag: string;
  /** Undefined when the caller has it already: nothing is shown then. */
  body: TokenListResponse | undefined;
}

/** The tokens that an app holds: one for each district that shares with it now. */
@Injectable()
export class TokenListService {
  constructor(
    private readonly tokens: TokensRepository,
    private readonly reveals: Reveals,
  ) {}

  async list(client: ClientPrincipal, query: TokenListQuery, request: FastifyRequest): Promise<ListedTokens> {
    const place = placeOf(query);
    const rule = await this.reveals.ruleFor(client, request.ip);
    const found = await this.tokens.list(client.appId, { ...place, limit: place.limit + 1 });
    const page = found.slice(0, place.limit);
    const isLast = found.length <= place.limit;
    const etag = entityTag(rule.reveal, page, isLast);
    if (matches(request.headers['if-none-match'], etag)) return { etag, body: undefined };
    const secrets = await this.reveals.reveal(client, rule, page, request);
    const data = page.map((token) => {
      const secret = secrets.get(token.id);
      return {
        id: token.id,
        created: token.createdAt.toISOString(),
        owner: { type: 'district' as const, id: token.districtId },
        ...(secret === undefined ? {} : { access_token: secret }),
        masked: token.masked,
        scopes: scopesOf(token.fields),
        updated: token.updatedAt.toISOString(),
        expires: token.expiresAt?.toISOString() ?? null,
      };
    });
    const links = [{ rel: 'self', uri: uriOf(query, place.after) }];
    const last = page.at(-1);
    if (!isLast && last) links.push({ rel: 'next', uri: uriOf(query, last.districtId) });
    return { etag, body: { data, links } };
  }
}

function placeOf(query: TokenListQuery): ListPlace {
  const { owner_type: ownerType, district, limit = String(LIMIT_MAX), starting_after, updated_since } = query;
  for (const [name, value] of Object.entries(query)) {
    if (typeof value !== 'string') throw invalid(`\`${name}\` is there more than once.`);
  }
  if (ownerType !== 'district') throw invalid('Send `owner_type=district`: tokens belong to districts.');
  const isLimit = /^\d{1,5}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= LIMIT_MAX;
  if (!isLimit) throw invalid(`\`limit\` is a whole number from 1 to ${LIMIT_MAX}.`);
  const since = updated_since === undefined ? undefined : new Date(updated_since);
  if (since && (Number.isNaN(since.getTime()) || !/^\d{4}-\d\d-\d\d(T|$)/.test(updated_since ?? '')))
    throw invalid('`updated_since` is an instant, as 2026-08-01T00:00:00Z.');
  return {
    districtId: districtOf('district', district),
    after: districtOf('starting_after', starting_after),
    updatedSince: since,
    limit: Number(limit),
  };
}

function districtOf(name: string, text: string | undefined): DistrictId | undefined {
  if (text === undefined) return undefined;
  const id = parseId<DistrictId>(text);
  if (!id) throw invalid(`\`${name}\` is a district’s id, 24 hex characters.`);
  return id;
}

function uriOf(query: TokenListQuery, after: DistrictId | undefined): string {
  const { district, limit, updated_since: since } = query;
  const parameters = new URLSearchParams({
    owner_type: 'district',
    ...(district === undefined ? {} : { district }),
    ...(limit === undefined ? {} : { limit }),
    ...(since === undefined ? {} : { updated_since: since }),
    ...(after === undefined ? {} : { starting_after: after }),
  });
  return `/oauth/tokens?${parameters.toString()}`;
}

function entityTag(reveal: string, page: readonly ListedToken[], isLast: boolean): string {
  const hash = createHash('sha256').update(`${reveal} ${isLast}`);
  for (const { id, updatedAt, expiresAt, isSealed } of page)
    hash.update(`\n${id} ${updatedAt.getTime()} ${expiresAt?.getTime() ?? ''} ${isSealed}`);
  return `"${hash.digest('base64url').slice(0, 32)}"`;
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((each) => each.trim().replace(/^W\//, '') === etag || each.trim() === '*');
}
