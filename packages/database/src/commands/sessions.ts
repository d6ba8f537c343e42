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
} from '@hallpass/domain';
import { recordAuthorityChange } from '../audit.js';
import { lookupOf, lookupsOf, type InstallationKeys } from '../keys.js';
import { firstRow, rows, type Sql } from '../sql.js';

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
}

/** Begins a session, and gives the secret of its cookie, which is kept nowhere. */
export async function openSession(
  tx: Sql,
  keys: InstallationKeys,
  session: { personId: PersonId; audience: Audience; createdAt?: Date },
): Promise<string> {
  const secret = newSecret('session');
  const { lookup, pepperVersion } = lookupOf(keys, secret);
  await tx.query(
    `insert into sessions (lookup, pepper_version, id, person_id, audience, created_at)
     values ($1, $2, $3, $4, $5, coalesce($6, now()))`,
    [
      lookup,
      pepperVersion,
      newId<SessionId>(),
      session.personId,
      session.audience,
      session.createdAt ?? null,
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
  const found = await firstRow<Omit<SessionRecord, 'staff'>>(
    sql,
    `select s.id, s.person_id "personId", s.created_at "createdAt", s.seen_at "seenAt",
       s.authenticated_at "authenticatedAt", s.ended_at "endedAt",
       coalesce((select jsonb_agg(jsonb_build_object('id', m.partner_id, 'role', m.role))
         from partner_members m where m.person_id = p.id), '[]') partners,
       coalesce((select jsonb_agg(jsonb_build_object('id', m.district_id, 'role', m.role))
         from district_members m where m.person_id = p.id), '[]') districts
     from sessions s join people p on p.id = s.person_id
     where s.lookup = any ($1) and s.audience = $2 and p.disabled_at is null`,
    [lookupsOf(keys, secret), audience],
  );
  return found && { ...found, staff: audience === 'staff' ? await findStaff(sql, found.personId) : null };
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
