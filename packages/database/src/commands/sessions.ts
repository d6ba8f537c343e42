import {
  newId,
  newSecret,
  type DistrictId,
  type DistrictRole,
  type Id,
  type OperatorRole,
  type PartnerId,
  type PartnerRole,
  type PersonId,
  type Session,
  type ViewingId,
} from '@hallpass/domain';
import { recordAuthorityChange } from '../audit.js';
import { lookupOf, lookupsOf, type InstallationKeys } from '../keys.js';
import { firstRow, rows, type Sql } from '../sql.js';
import { viewingOfSession, type Viewing } from './viewings.js';

/** Which pages a session opens: the portal's of partners and districts, or those of staff. */
export type Audience = 'portal' | 'staff';
export type SessionId = Id<'session'>;

/** A session with what its person may do now. */
export interface SessionRecord extends Session {
  id: SessionId;
  personId: PersonId;
  partners: { id: PartnerId; role: PartnerRole }[];
  districts: { id: DistrictId; role: DistrictRole }[];
  /** At the pages of staff alone. */
  staff: { operatorId: Id<'operator'>; name: string; role: OperatorRole } | null;
  /** Of a member of staff who looks in the place of others: it opens that one place, to look. */
  viewing: Viewing | null;
}

/** Begins a session, and gives the secret of its cookie, which is kept nowhere. */
export async function openSession(
  tx: Sql,
  keys: InstallationKeys,
  session: { personId: PersonId; audience: Audience; createdAt?: Date; viewingId?: ViewingId },
): Promise<string> {
  const secret = newSecret('session');
  const { lookup, pepperVersion } = lookupOf(keys, secret);
  await tx.query(
    `insert into sessions (lookup, pepper_version, id, person_id, audience, created_at, viewing_id)
     values ($1, $2, $3, $4, $5, coalesce($6, now()), $7)`,
    [
      lookup,
      pepperVersion,
      newId<SessionId>(),
      session.personId,
      session.audience,
      session.createdAt ?? null,
      session.viewingId ?? null,
    ],
  );
  return secret;
}

/** The session that a cookie names, ended or not; undefined of a cookie, or a person, that is unknown or disabled. */
export async function findSession(
  sql: Sql,
  keys: InstallationKeys,
  secret: string,
  audience: Audience,
): Promise<SessionRecord | undefined> {
  const found = await firstRow<Omit<SessionRecord, 'staff' | 'viewing'> & { viewingId: ViewingId | null }>(
    sql,
    `select s.id, s.person_id "personId", s.created_at "createdAt", s.seen_at "seenAt",
       s.authenticated_at "authenticatedAt", s.ended_at "endedAt", s.viewing_id "viewingId",
       coalesce((select jsonb_agg(jsonb_build_object('id', m.partner_id, 'role', m.role))
         from partner_members m where m.person_id = p.id), '[]') partners,
       coalesce((select jsonb_agg(jsonb_build_object('id', m.district_id, 'role', m.role))
         from district_members m where m.person_id = p.id), '[]') districts
     from sessions s join people p on p.id = s.person_id
     where s.lookup = any ($1) and s.audience = $2 and p.disabled_at is null`,
    [lookupsOf(keys, secret), audience],
  );
  if (!found) return undefined;
  const { viewingId, ...session } = found;
  if (viewingId) return lookingOn(sql, session, viewingId);
  const staff = audience === 'staff' ? await findStaff(sql, session.personId) : null;
  return { ...session, staff, viewing: null };
}

/** The session of a member of staff who looks in the place of others: whatever they themselves belong to, it opens that place alone. */
async function lookingOn(
  sql: Sql,
  session: Omit<SessionRecord, 'staff' | 'viewing'>,
  viewingId: ViewingId,
): Promise<SessionRecord | undefined> {
  const viewing = await viewingOfSession(sql, viewingId);
  if (!viewing) return undefined;
  const { place } = viewing;
  return {
    ...session,
    partners: place.type === 'app' ? [{ id: place.partnerId, role: 'viewer' }] : [],
    districts: place.type === 'district' ? [{ id: place.id, role: 'viewer' }] : [],
    staff: null,
    viewing,
  };
}

/** The operator that a person is; null of somebody who is none now. */
export async function findStaff(sql: Sql, personId: PersonId): Promise<SessionRecord['staff']> {
  const found = await firstRow<NonNullable<SessionRecord['staff']>>(
    sql,
    'select id "operatorId", name, role from operators where person_id = $1 and disabled_at is null',
    [personId],
  );
  return found ?? null;
}

/** Writes down that a session is in use. */
export async function touchSession(sql: Sql, id: SessionId, now: Date): Promise<void> {
  await sql.query('update sessions set seen_at = $2 where id = $1 and seen_at < $2', [id, now]);
}

/** Ends one session of a person, or all of them. */
export async function endSessions(tx: Sql, personId: PersonId, id?: SessionId): Promise<void> {
  const ended = await rows<{ id: SessionId }>(
    tx,
    `update sessions set ended_at = now()
     where person_id = $1 and ended_at is null and ($2::text is null or id = $2) returning id`,
    [personId, id ?? null],
  );
  if (ended.length > 0) await recordAuthorityChange(tx, id ? 'session' : 'person', id ?? personId);
}

/** Forgets sessions and links that opened their last door a month ago. */
export async function forgetOldSessions(sql: Sql, now: Date): Promise<void> {
  await sql.query(`delete from sessions where created_at < $1::timestamptz - interval '38 days'`, [now]);
  await sql.query(`delete from person_links where expires_at < $1::timestamptz - interval '30 days'`, [now]);
}
