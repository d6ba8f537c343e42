import {
  fingerprint,
  type ApiKeyId,
  type AccessTokenId,
  type AppId,
  type Credential,
  type DistrictId,
  type Grant,
  type SharingRule,
  type SunsetExtension,
  type SunsetPlan,
  type TokenId,
} from '@hallpass/domain';
import { toSunsetPlan, type SunsetPlanJson } from './rules.js';
import { firstRow, type Sql } from './sql.js';

/** An app with its grants, as decideAccess needs them. Cached as it is; the decision never is. */
export interface Authority {
  app: {
    id: AppId;
    name: string;
    clientId: string;
    isEnabled: boolean;
    extension: SunsetExtension | null;
    /** Its own sunset plan; null: the one for all. */
    plan: SunsetPlan | null;
  };
  grants: readonly Grant[];
}

/** A credential as the database knows it, with all that decideAccess needs of it. */
export interface CredentialRecord extends Authority {
  credential: Credential;
}

interface GrantJson extends Omit<Grant, 'rule' | 'startsAt' | 'endsAt'>, SharingRule {
  fingerprint: string;
  startsAt: string | null;
  endsAt: string | null;
}

interface CredentialFacts {
  token?: {
    id: TokenId;
    grantId: Grant['id'];
    expiresAt: string | null;
    retiresAt: string | null;
    revokedAt: string | null;
  };
  accessToken?: {
    id: AccessTokenId;
    grantId: Grant['id'];
    issuedAt: string;
    expiresAt: string;
    revokedAt: string | null;
  };
  key?: { id: ApiKeyId; appId: AppId; revokedAt: string | null };
  app: Omit<Authority['app'], 'extension' | 'plan'> & {
    extension: { until: string; reason: string } | null;
    plan: SunsetPlanJson | null;
  };
  grants: GrantJson[];
}

/** One indexed read by keyed hash, under whichever pepper; undefined when no token has it. */
export function findToken(sql: Sql, lookups: readonly Buffer[]): Promise<CredentialRecord | undefined> {
  return find(sql, 'select find_token($1) facts', lookups);
}

/** The same of the short-lived tokens that are given for client credentials. */
export function findAccessToken(sql: Sql, lookups: readonly Buffer[]): Promise<CredentialRecord | undefined> {
  return find(sql, 'select find_access_token($1) facts', lookups);
}

/** The same of API keys, with all grants of the key's app. */
export function findApiKey(sql: Sql, lookups: readonly Buffer[]): Promise<CredentialRecord | undefined> {
  return find(sql, 'select find_api_key($1) facts', lookups);
}

async function find(
  sql: Sql,
  text: string,
  lookups: readonly Buffer[],
): Promise<CredentialRecord | undefined> {
  const row = await firstRow<{ facts: CredentialFacts | null }>(sql, text, [lookups]);
  return row?.facts ? toRecord(row.facts) : undefined;
}

/** An app's grant in a district, and from where the app may be given tokens; nowhere named: from anywhere. */
export interface GrantAuthority extends Authority {
  addresses: readonly string[];
}

/** By one indexed read; undefined when none is in force. */
export async function findGrant(
  sql: Sql,
  appId: AppId,
  districtId: DistrictId,
): Promise<GrantAuthority | undefined> {
  const row = await firstRow<{
    facts: (Pick<CredentialFacts, 'app' | 'grants'> & { addresses: string[] }) | null;
  }>(sql, 'select find_grant($1, $2) facts', [appId, districtId]);
  return row?.facts ? { ...toAuthority(row.facts), addresses: row.facts.addresses } : undefined;
}

function toRecord({ app, grants, ...credential }: CredentialFacts): CredentialRecord {
  return { credential: toCredential(credential), ...toAuthority({ app, grants }) };
}

function toAuthority({ app, grants }: Pick<CredentialFacts, 'app' | 'grants'>): Authority {
  return {
    app: {
      ...app,
      extension: app.extension && { until: new Date(app.extension.until), reason: app.extension.reason },
      plan: app.plan && toSunsetPlan(app.plan),
    },
    grants: grants.map(({ selection, fields, fingerprint: shown, startsAt, endsAt, ...grant }) => ({
      ...grant,
      rule: { selection, fields },
      // A field that the catalogue has gained since changes what the rule shows: until its visible set stands, nothing.
      isNarrowing: grant.isNarrowing || shown !== fingerprint({ selection, fields }),
      startsAt: date(startsAt),
      endsAt: date(endsAt),
    })),
  };
}

function toCredential({ token, accessToken, key }: Omit<CredentialFacts, 'app' | 'grants'>): Credential {
  if (token) {
    const { expiresAt, retiresAt, revokedAt, ...ids } = token;
    return {
      type: 'token',
      ...ids,
      expiresAt: date(expiresAt),
      retiresAt: date(retiresAt),
      revokedAt: date(revokedAt),
    };
  }
  if (accessToken) {
    const { issuedAt, expiresAt, revokedAt, ...ids } = accessToken;
    return {
      type: 'access-token',
      ...ids,
      issuedAt: new Date(issuedAt),
      expiresAt: new Date(expiresAt),
      revokedAt: date(revokedAt),
    };
  }
  if (!key) throw new Error('a credential is a token, an access token or a key');
  return { type: 'api-key', id: key.id, appId: key.appId, status: key.revokedAt ? 'revoked' : 'active' };
}

function date(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
