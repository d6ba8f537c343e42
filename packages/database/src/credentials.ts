import {
  fingerprint,
  type ApiKeyId,
  type AppId,
  type Credential,
  type Grant,
  type SharingRule,
  type SunsetExtension,
  type TokenId,
} from '@hallpass/domain';
import { firstRow, type Sql } from './sql.js';

/** A credential as the database knows it, with all that decideAccess needs of it. Cached as it is; the decision never is. */
export interface CredentialRecord {
  credential: Credential;
  app: { id: AppId; name: string; clientId: string; isEnabled: boolean; extension: SunsetExtension | null };
  grants: readonly Grant[];
}

interface GrantJson extends Omit<Grant, 'rule' | 'startsAt' | 'endsAt'>, SharingRule {
  fingerprint: string;
  startsAt: string | null;
  endsAt: string | null;
}

interface FactsJson {
  token?: { id: TokenId; grantId: Grant['id']; expiresAt: string | null; revokedAt: string | null };
  key?: { id: ApiKeyId; appId: AppId; revokedAt: string | null };
  app: Omit<CredentialRecord['app'], 'extension'> & { extension: { until: string; reason: string } | null };
  grants: GrantJson[];
}

/** One indexed read by keyed hash; undefined when no token has it. */
export async function findToken(sql: Sql, lookup: Buffer): Promise<CredentialRecord | undefined> {
  const row = await firstRow<{ facts: FactsJson | null }>(sql, 'select find_token($1) facts', [lookup]);
  return row?.facts ? toRecord(row.facts) : undefined;
}

/** One indexed read by keyed hash; undefined when no API key has it. */
export async function findApiKey(sql: Sql, lookup: Buffer): Promise<CredentialRecord | undefined> {
  const row = await firstRow<{ facts: FactsJson | null }>(sql, 'select find_api_key($1) facts', [lookup]);
  return row?.facts ? toRecord(row.facts) : undefined;
}

function toRecord({ token, key, app, grants }: FactsJson): CredentialRecord {
  return {
    credential: toCredential(token, key),
    app: {
      ...app,
      extension: app.extension && { until: new Date(app.extension.until), reason: app.extension.reason },
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

function toCredential(token: FactsJson['token'], key: FactsJson['key']): Credential {
  if (token) {
    const { id, grantId, expiresAt, revokedAt } = token;
    return {
      type: 'token',
      id,
      grantId,
      status: revokedAt ? 'revoked' : 'active',
      expiresAt: date(expiresAt),
    };
  }
  if (!key) throw new Error('a credential is a token or a key');
  return { type: 'api-key', id: key.id, appId: key.appId, status: key.revokedAt ? 'revoked' : 'active' };
}

function date(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
