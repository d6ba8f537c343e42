import {
  DomainError,
  INVITATION_DAYS_DEFAULT,
  invitationState,
  newId,
  newSecret,
  type AppId,
  type DistrictId,
  type GrantTerm,
  type InvitationId,
} from '@hallpass/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { recordAudit, type Actor } from '../audit.js';
import { Apps, Districts, Invitations, type GrantRow, type InvitationRow } from '../entities.js';
import { lookupOf, lookupsOf, type InstallationKeys } from '../keys.js';
import { firstRow } from '../sql.js';
import { requestGrant, type SharingChoice } from './grants.js';

const DAY_MS = 86_400_000;

/** An app invites a district, or whichever district is given the code. The code is shown this once. */
export async function invite(
  dataSource: DataSource,
  keys: InstallationKeys,
  command: { appId: AppId; districtId: DistrictId | null; note: string; days?: number },
  actor: Actor,
): Promise<{ invitation: InvitationRow; code: string }> {
  const { appId, districtId, note, days = INVITATION_DAYS_DEFAULT } = command;
  const id = newId<InvitationId>();
  const code = newSecret('invitation');
  return dataSource.transaction(async (tx) => {
    if (districtId && !(await tx.existsBy(Districts, { id: districtId })))
      throw new DomainError('not-found', 'No district has this id.');
    // One open invitation of an app to a district is enough: the newest.
    if (districtId)
      await tx.query(
        `update invitations set withdrawn_at = now()
         where app_id = $1 and district_id = $2 and accepted_at is null and withdrawn_at is null`,
        [appId, districtId],
      );
    const expiresAt = new Date(Date.now() + days * DAY_MS);
    await tx.insert(Invitations, { appId, id, districtId, note, expiresAt, ...lookupOf(keys, code) });
    await recordAudit(tx, actor, {
      action: 'invitation.made',
      subjectType: 'invitation',
      subjectId: id,
      ...(districtId ? { districtId } : {}),
      after: { appId, districtId, expiresAt },
    });
    return { invitation: await tx.findOneByOrFail(Invitations, { appId, id }), code };
  });
}

/** Takes an invitation back; one that has been accepted stays what it is. */
export async function withdrawInvitation(
  dataSource: DataSource,
  { appId, id }: { appId: AppId; id: InvitationId },
  actor: Actor,
): Promise<void> {
  await dataSource.transaction(async (tx) => {
    await tx.query('select from invitations where app_id = $1 and id = $2 for no key update', [appId, id]);
    const found = await tx.findOneBy(Invitations, { appId, id });
    if (!found) throw new DomainError('not-found', 'The app has no invitation of this id.');
    requireOpen(found, new Date());
    await tx.update(Invitations, { appId, id }, { withdrawnAt: new Date() });
    await recordAudit(tx, actor, {
      action: 'invitation.withdrawn',
      subjectType: 'invitation',
      subjectId: id,
    });
  });
}

/** An invitation by the code that its link carries, or by its id where it names the district. */
export type InvitationKey = { code: string } | { invitationId: InvitationId };

/** The open invitation that a district may accept. One that names another district is as if it were not there. */
export async function findInvitation(
  tx: EntityManager,
  keys: InstallationKeys,
  districtId: DistrictId,
  key: InvitationKey,
): Promise<InvitationRow> {
  const row =
    'code' in key
      ? await firstRow<{ appId: AppId; id: InvitationId }>(
          tx,
          `select app_id "appId", id from invitations
           where lookup = any ($1) and (district_id is null or district_id = $2) for no key update`,
          [lookupsOf(keys, key.code), districtId],
        )
      : await firstRow<{ appId: AppId; id: InvitationId }>(
          tx,
          'select app_id "appId", id from invitations where id = $1 and district_id = $2 for no key update',
          [key.invitationId, districtId],
        );
  if (!row) throw new DomainError('not-found', 'There is no such invitation for this district.');
  // Of an app that is disabled nothing can be accepted, as if it had not invited.
  if (!(await tx.existsBy(Apps, { id: row.appId, isEnabled: true })))
    throw new DomainError('not-found', 'There is no such invitation for this district.');
  const found = await tx.findOneByOrFail(Invitations, row);
  requireOpen(found, new Date());
  return found;
}

/** The district says yes and what it shares. The grant is there at once, and opens once what it shows is published. */
export async function acceptInvitation(
  dataSource: DataSource,
  keys: InstallationKeys,
  command: { districtId: DistrictId; key: InvitationKey } & SharingChoice & GrantTerm,
  actor: Actor,
): Promise<GrantRow> {
  const { districtId, key, ...choice } = command;
  return dataSource.transaction(async (tx) => {
    const { appId, id } = await findInvitation(tx, keys, districtId, key);
    const grant = await requestGrant(tx, { ...choice, appId, districtId, awaits: 'publication' }, actor);
    await tx.update(Invitations, { appId, id }, { acceptedAt: new Date(), grantId: grant.id });
    return grant;
  });
}

function requireOpen(invitation: InvitationRow, now: Date): void {
  const state = invitationState(invitation, now);
  if (state === 'open') return;
  throw new DomainError('invitation-ended', `The invitation is ${state}. Ask the app for another.`);
}
