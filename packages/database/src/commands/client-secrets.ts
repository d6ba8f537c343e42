import {
  DomainError,
  changedGrace,
  expiryOf,
  liveSecrets,
  maskSecret,
  newId,
  newSecret,
  retirementOf,
  type AppId,
  type ClientSecretId,
  type Rotation,
  type SecretLife,
} from '@hallpass/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { recordAudit, recordAuthorityChange, type Actor } from '../audit.js';
import { Apps, ClientSecrets, type ClientSecretRow } from '../entities.js';
import { lookupOf, type InstallationKeys } from '../keys.js';
import type { Sql } from '../sql.js';
import { lifeOf } from './tokens.js';

export interface IssuedClientSecret {
  clientSecretId: ClientSecretId;
  /** Shown this once: it is kept nowhere. */
  clientSecret: string;
}

type Held = ClientSecretRow & SecretLife;

/** Issues a client secret of an app, in the transaction that makes or changes the app. */
export async function issueClientSecret(
  tx: Sql,
  keys: InstallationKeys,
  appId: AppId,
  life: { ageDays?: number | null; replaces?: ClientSecretId | null; graceSeconds?: number | null } = {},
): Promise<IssuedClientSecret> {
  const clientSecretId = newId<ClientSecretId>();
  const clientSecret = newSecret('clientSecret');
  const issuedAt = new Date();
  const { lookup, pepperVersion } = lookupOf(keys, clientSecret);
  await tx.query(
    `insert into client_secrets (id, app_id, lookup, pepper_version, masked, created_at, expires_at, replaces, grace_seconds)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      clientSecretId,
      appId,
      lookup,
      pepperVersion,
      maskSecret(clientSecret),
      issuedAt,
      expiryOf(life.ageDays ?? null, issuedAt),
      life.replaces ?? null,
      life.graceSeconds ?? null,
    ],
  );
  return { clientSecretId, clientSecret };
}

export interface RotatedClientSecret extends IssuedClientSecret {
  replaces: ClientSecretId | null;
  retiresAt: Date | null;
}

/** Issues a client secret beside the present one, which goes on for the grace; the new one may be given an age. */
export async function rotateClientSecret(
  dataSource: DataSource,
  keys: InstallationKeys,
  command: { appId: AppId; ageDays?: number | null } & Rotation,
  actor: Actor,
): Promise<RotatedClientSecret> {
  const now = new Date();
  return dataSource.transaction(async (tx) => {
    const { appId, ageDays = null, start, graceSeconds } = command;
    const retired = retirementOf(await hold(tx, appId), command, now);
    const replaces = retired?.secret.id ?? null;
    const waits = start === 'on-first-use' ? graceSeconds : null;
    const issued = await issueClientSecret(tx, keys, appId, { ageDays, replaces, graceSeconds: waits });
    const retiresAt = retired?.retiresAt ?? null;
    if (replaces && retiresAt) await end(tx, replaces, 'retires_at', retiresAt);
    await recordAudit(tx, actor, {
      action: 'client-secret.rotated',
      subjectType: 'client-secret',
      subjectId: issued.clientSecretId,
      after: { appId, replaces, retiresAt },
    });
    return { ...issued, replaces, retiresAt };
  });
}

/** Sets when the older of two live client secrets retires, in seconds from now; 0 ends it at once. */
export async function changeClientSecretGrace(
  dataSource: DataSource,
  command: { appId: AppId; id: ClientSecretId; graceSeconds: number },
  actor: Actor,
): Promise<ClientSecretRow> {
  const now = new Date();
  return dataSource.transaction(async (tx) => {
    const secrets = await hold(tx, command.appId);
    const secret = find(secrets, command.id);
    const retiresAt = changedGrace(secrets, secret, command.graceSeconds, now);
    await end(tx, secret.id, 'retires_at', retiresAt);
    await recordAudit(tx, actor, {
      action: 'client-secret.grace-changed',
      subjectType: 'client-secret',
      subjectId: secret.id,
      before: { retiresAt: secret.retiresAt },
      after: { retiresAt },
    });
    return { ...secret, retiresAt };
  });
}

/**
 * Revokes a client secret at once, with every access token that was given for it. Where no other is live that
 * lasts, a successor is issued, and given back this once.
 */
export async function revokeClientSecret(
  dataSource: DataSource,
  keys: InstallationKeys,
  command: { appId: AppId; id: ClientSecretId },
  actor: Actor,
): Promise<{ secret: ClientSecretRow; successor: IssuedClientSecret | null }> {
  const now = new Date();
  return dataSource.transaction(async (tx) => {
    const { appId, id } = command;
    const secrets = await hold(tx, appId);
    const secret = find(secrets, id);
    if (secret.revokedAt) return { secret, successor: null };
    secret.revokedAt = now;
    await end(tx, id, 'revoked_at', now);
    // Its access tokens, too, are looked at anew.
    await recordAuthorityChange(tx, 'app', appId);
    await recordAudit(tx, actor, {
      action: 'client-secret.revoked',
      subjectType: 'client-secret',
      subjectId: id,
      after: { appId },
    });
    const lasts = liveSecrets(secrets, now).some(({ retiresAt }) => retiresAt === null);
    return { secret, successor: lasts ? null : await issueClientSecret(tx, keys, appId) };
  });
}

async function hold(tx: EntityManager, appId: AppId): Promise<Held[]> {
  await tx.query('select from apps where id = $1 for no key update', [appId]);
  if (!(await tx.existsBy(Apps, { id: appId }))) throw new DomainError('not-found', 'No app has this id.');
  const found = await tx.find(ClientSecrets, { where: { appId }, order: { createdAt: 'ASC', id: 'ASC' } });
  return found.map(lifeOf);
}

function find(secrets: readonly Held[], id: ClientSecretId): Held {
  const secret = secrets.find((each) => each.id === id);
  if (!secret) throw new DomainError('not-found', 'The app has no client secret of this id.');
  return secret;
}

async function end(
  tx: Sql,
  id: ClientSecretId,
  column: 'retires_at' | 'revoked_at',
  at: Date,
): Promise<void> {
  await tx.query(`update client_secrets set ${column} = $2 where id = $1`, [id, at]);
  await recordAuthorityChange(tx, 'client-secret', id);
}
