import { DomainError, maskSecret, newId, newSecret, type DistrictId, type Id } from '@hallpass/domain';
import type { EntityManager } from 'typeorm';
import { recordAudit, type Actor, SYSTEM } from '../audit.js';
import { Districts, PortalTokens, type PortalTokenRow } from '../entities.js';
import { lookupOf, type InstallationKeys } from '../keys.js';

export interface IssuedPortalToken {
  id: Id<'portal-token'>;
  /** Shown this once: it is kept nowhere. */
  portalToken: string;
}

/** Issues a token by which somebody signs in to a district's part of the portal. */
export async function issuePortalToken(
  tx: EntityManager,
  keys: InstallationKeys,
  districtId: DistrictId,
  name: string,
  actor: Actor = SYSTEM,
): Promise<IssuedPortalToken> {
  if (!(await tx.existsBy(Districts, { id: districtId })))
    throw new DomainError('not-found', 'No district has this id.');
  const id = newId<Id<'portal-token'>>();
  const portalToken = newSecret('portalToken');
  const masked = maskSecret(portalToken);
  await tx.insert(PortalTokens, { districtId, id, name, masked, ...lookupOf(keys, portalToken) });
  await recordAudit(tx, actor, {
    action: 'portal-token.issued',
    subjectType: 'portal-token',
    subjectId: id,
    districtId,
    after: { name, masked },
  });
  return { id, portalToken };
}

/** Ends a portal token at once. */
export async function revokePortalToken(
  tx: EntityManager,
  districtId: DistrictId,
  id: Id<'portal-token'>,
  actor: Actor,
): Promise<PortalTokenRow> {
  const token = await tx.findOneBy(PortalTokens, { districtId, id });
  if (!token) throw new DomainError('not-found', 'The district has no portal token of this id.');
  if (token.revokedAt) return token;
  const revokedAt = new Date();
  await tx.update(PortalTokens, { districtId, id }, { revokedAt });
  await recordAudit(tx, actor, {
    action: 'portal-token.revoked',
    subjectType: 'portal-token',
    subjectId: id,
    districtId,
  });
  return { ...token, revokedAt };
}
