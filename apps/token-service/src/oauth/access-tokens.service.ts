import {
  lookupOf,
  revokeToken,
  type CredentialRecord,
  type GrantAuthority,
  type InstallationKeys,
} from '@hallpass/database';
import {
  newId,
  newSecret,
  parseId,
  scopesOf,
  type AccessDecision,
  type AccessTokenId,
  type DistrictId,
  type FieldList,
} from '@hallpass/domain';
import {
  AuthorityWatch,
  CredentialCache,
  CredentialVerifier,
  INSTALLATION_KEYS,
  Problem,
  REFUSAL_DETAILS,
  SERVICE_CONFIG,
  orUnavailable,
  type ClientPrincipal,
  actorOf,
} from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { TokenServiceConfig } from '../config.js';
import { AccessTokensRepository } from './access-tokens.repository.js';
import { invalid, type OAuthForm } from './form.js';
import type { AccessTokenResponse, IntrospectionResponse } from './oauth.dto.js';
import { requireAddress } from './reveals.service.js';

/** Short-lived tokens for client credentials, and what can be asked and done about any token (RFC 6749, 7662, 7009). */
@Injectable()
export class AccessTokensService {
  /** Grants by app and district, as the credential cache has those of tokens: dropped within the second of a change. */
  readonly #grants = new CredentialCache<GrantAuthority>(({ app, grants }) => [
    `app:${app.id}`,
    ...grants.map(({ id }) => `grant:${id}`),
  ]);
  /** Of a cached grant the field list stays the same object. */
  readonly #scopes = new WeakMap<FieldList, string>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly repository: AccessTokensRepository,
    private readonly verifier: CredentialVerifier,
    private readonly watch: AuthorityWatch,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
    @Inject(SERVICE_CONFIG) private readonly config: TokenServiceConfig,
  ) {
    watch.onChange((change) => this.#grants.forget(change));
  }

  /** An access token of the district that is named, for as long as the configuration says; it opens what the grant opens then. */
  async issue(client: ClientPrincipal, form: OAuthForm, address: string): Promise<AccessTokenResponse> {
    const districtId = this.#districtOf(form);
    const issuedAt = new Date();
    const authority = await this.#grantOf(client, districtId, issuedAt);
    const [grant] = authority?.grants ?? [];
    if (!authority || !grant)
      throw new Problem('target-invalid', { detail: 'The district does not share with this app.' });
    requireAddress(authority.addresses, address);
    const lifeSeconds = this.config.ACCESS_TOKEN_SECONDS;
    const place = {
      id: newId<AccessTokenId>(),
      grantId: grant.id,
      issuedAt,
      expiresAt: new Date(issuedAt.getTime() + lifeSeconds * 1000),
    };
    const { app, grants } = authority;
    const record: CredentialRecord = {
      app,
      grants,
      credential: { type: 'access-token', ...place, revokedAt: null },
    };
    const decision = this.verifier.decide(record, issuedAt);
    if (!decision.allowed)
      throw new Problem('target-invalid', {
        detail: REFUSAL_DETAILS[decision.reason],
        extensions: { reason: decision.reason },
      });
    const secret = newSecret('accessToken');
    const { lookup } = lookupOf(this.keys, secret);
    const { appId, givenFor } = client;
    await orUnavailable(this.repository.insert({ ...place, lookup, districtId, appId, givenFor }));
    return {
      access_token: secret,
      token_type: 'Bearer',
      expires_in: lifeSeconds,
      scope: this.#scopeText(decision),
      district: districtId,
    };
  }

  #grantOf(
    { appId }: ClientPrincipal,
    districtId: DistrictId,
    now: Date,
  ): Promise<GrantAuthority | undefined> {
    const load = () => this.repository.grant(appId, districtId);
    const cached = () => this.#grants.get(`${appId} ${districtId}`, load, now.getTime());
    return orUnavailable(this.watch.isCurrent ? cached() : load());
  }

  /** RFC 7662: what one of the app's own tokens is good for now; of anything else only that it is not active. */
  introspect(
    client: ClientPrincipal,
    form: OAuthForm,
  ): IntrospectionResponse | Promise<IntrospectionResponse> {
    const now = new Date();
    const found = this.verifier.lookUp(form.require('token'), now);
    return found instanceof Promise
      ? found.then((record) => this.#describe(client, record, now))
      : this.#describe(client, found, now);
  }

  #describe(
    { appId }: ClientPrincipal,
    record: CredentialRecord | undefined,
    now: Date,
  ): IntrospectionResponse {
    if (!record || record.app.id !== appId || record.credential.type === 'api-key') return { active: false };
    const decision = this.verifier.decide(record, now);
    if (!decision.allowed) return { active: false };
    const { credential, app } = record;
    const districtId = decision.scopes[0]?.districtId;
    return {
      active: true,
      token_type: 'Bearer',
      client_id: app.clientId,
      scope: this.#scopeText(decision),
      iss: this.config.TOKEN_SERVICE_URL,
      ...(districtId ? { aud: this.#resourceOf(districtId), district: districtId } : {}),
      jti: credential.id,
      sub: credential.grantId,
      ...(credential.type === 'access-token' ? { iat: epochSeconds(credential.issuedAt) } : {}),
      ...(credential.expiresAt ? { exp: epochSeconds(credential.expiresAt) } : {}),
    };
  }

  /** RFC 7009: ends one of the app's own tokens. Of anything else nothing happens, and nothing is told. */
  async revoke({ appId }: ClientPrincipal, form: OAuthForm, requestId: string): Promise<void> {
    const text = form.require('token');
    const now = new Date();
    const record = await this.verifier.lookUp(text, now);
    if (!record || record.app.id !== appId) return;
    const { credential } = record;
    if (credential.type === 'access-token') await this.repository.revoke(text, credential.id, now);
    if (credential.type === 'token')
      await revokeToken(
        this.dataSource,
        this.keys,
        { tokenId: credential.id, owner: { appId }, reason: 'asked' },
        actorOf({ appId }, requestId),
      );
    // Whoever asks here next is told so; other processes hear of it at the same time.
    await this.watch.look();
  }

  /** The district's URI as RFC 8707 names a resource, or its plain id; one of the two, or both of one district. */
  #districtOf(form: OAuthForm): DistrictId {
    const resource = form.get('resource');
    const named = form.get('district');
    if (resource === undefined && named === undefined)
      throw invalid(`Send \`resource\` (${this.#resourceOf('<district id>')}) or \`district\` (its id).`);
    const prefix = this.#resourceOf('');
    const ids = [
      ...(resource === undefined ? [] : [resource.startsWith(prefix) ? resource.slice(prefix.length) : '']),
      ...(named === undefined ? [] : [named]),
    ].map((text) => parseId<DistrictId>(text));
    const [id] = ids;
    if (!id || ids.some((each) => each !== id))
      throw new Problem('target-invalid', {
        detail: `\`resource\` is ${this.#resourceOf('<district id>')}, and \`district\` an id of 24 hex characters, both of one district.`,
      });
    return id;
  }

  #resourceOf(districtId: string): string {
    return `${this.config.DATA_API_URL.replace(/\/$/, '')}/districts/${districtId}`;
  }

  #scopeText({ scopes }: Extract<AccessDecision, { allowed: true }>): string {
    const [scope] = scopes;
    if (!scope) return '';
    const { fields } = scope.rule;
    let text = this.#scopes.get(fields);
    if (text === undefined) this.#scopes.set(fields, (text = scopesOf(fields).join(' ')));
    return text;
  }
}

function epochSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
