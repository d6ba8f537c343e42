import {
  DomainError,
  newId,
  newRecoveryCode,
  normalEmail,
  normalRecoveryCode,
  openSecret,
  MEMBER_ROLES,
  RECOVERY_CODE_COUNT,
  requireManagerLeft,
  sealSecret,
  type DistrictRole,
  type Id,
  type MemberRole,
  type PartnerRole,
  type PeopleScope,
  type PersonId,
  type ViewingPlace,
} from '@hallpass/domain';
import type { DataSource } from 'typeorm';
import { recordAudit, recordAuthorityChange, type Actor, type AuditEntry } from '../audit.js';
import { dataKey } from '../data-keys.js';
import { lookupOf, lookupsOf, type InstallationKeys } from '../keys.js';
import { firstRow, rows, type Sql } from '../sql.js';
import { openPersonLink } from './person-links.js';
import { endSessions } from './sessions.js';

export interface PersonRow {
  id: PersonId;
  email: string;
  name: string;
  passwordHash: string | null;
  totpSealed: Buffer | null;
  totpPending: Buffer | null;
  totpStep: number;
  disabledAt: Date | null;
}

const PERSON = `id, email, name, password_hash "passwordHash", totp_sealed "totpSealed", totp_pending "totpPending",
  totp_step::float8 "totpStep", disabled_at "disabledAt"`;

export function findPerson(
  sql: Sql,
  by: { id: PersonId } | { email: string },
): Promise<PersonRow | undefined> {
  return 'id' in by
    ? firstRow<PersonRow>(sql, `select ${PERSON} from people where id = $1`, [by.id])
    : firstRow<PersonRow>(sql, `select ${PERSON} from people where email = $1`, [normalEmail(by.email)]);
}

/** Somebody of a partner, a district or the staff. */
export interface Member {
  id: PersonId;
  name: string;
  email: string;
  role: MemberRole;
  /** False until the invitation has been followed. */
  isHere: boolean;
  hasTotp: boolean;
  memberSince: Date;
}

/** Where the members of each scope are kept. */
const MEMBERS = {
  partner: { table: 'partner_members', scope: 'm.partner_id', one: 'partner', directory: 'partners' },
  district: { table: 'district_members', scope: 'm.district_id', one: 'district', directory: 'districts' },
} as const;

const SHOWN = `p.id, p.name, p.email, m.role,
  (p.password_hash is not null or p.vouched_at is not null) and p.disabled_at is null "isHere", p.totp_sealed is not null "hasTotp", m.created_at "memberSince"`;

export function membersOf(sql: Sql, scope: PeopleScope): Promise<Member[]> {
  const order = 'order by p.email';
  if (scope.type === 'staff')
    return rows<Member>(
      sql,
      `select ${SHOWN} from operators m join people p on p.id = m.person_id where m.disabled_at is null ${order}`,
    );
  const { table, scope: column } = MEMBERS[scope.type];
  return rows<Member>(
    sql,
    `select ${SHOWN} from ${table} m join people p on p.id = m.person_id where ${column} = $1 ${order}`,
    [scope.id],
  );
}

/** What an invited person is told by mail; without a code they have an account already. */
export interface Invited {
  member: Member;
  code: string | undefined;
  /** What they are invited to, by its name; undefined: the staff. */
  invitedTo: string | undefined;
}

/**
 * Makes somebody a member, whether known or not, and gives the code of the link by which one who is new sets a password. One who
 * is invited again before having been here gets another link.
 */
export async function invitePerson(
  dataSource: DataSource,
  keys: InstallationKeys,
  command: { scope: PeopleScope; email: string; role: MemberRole; name?: string | undefined },
  actor: Actor,
): Promise<Invited> {
  const { scope, role } = command;
  const email = normalEmail(command.email);
  return dataSource.transaction(async (tx) => {
    const invitedTo = await holdScope(tx, scope);
    await tx.query(
      'insert into people (id, email, name) values ($1, $2, $3) on conflict (email) do nothing',
      [newId<PersonId>(), email, command.name ?? ''],
    );
    const person = await findPerson(tx, { email });
    if (!person || person.disabledAt)
      throw new DomainError('not-found', 'This person’s account is disabled.');
    const before = (await membersOf(tx, scope)).find(({ id }) => id === person.id);
    if (before?.isHere) throw new DomainError('member-exists', 'This person is a member already.');
    if (before?.role !== role) await putMember(tx, scope, person, role);
    await changed(tx, actor, scope, {
      action: 'member.invited',
      subjectType: 'person',
      subjectId: person.id,
      after: { role },
    });
    const code =
      person.passwordHash === null ? await openPersonLink(tx, keys, person.id, 'invitation') : undefined;
    return { member: await requireMember(tx, scope, person.id), code, invitedTo };
  });
}

/** Gives a member another role, or with none ends the membership. The last who manages the others stays. */
export async function changeMember(
  dataSource: DataSource,
  command: { scope: PeopleScope; id: PersonId; role: MemberRole | undefined },
  actor: Actor,
): Promise<Member> {
  const { scope, id, role } = command;
  return dataSource.transaction(async (tx) => {
    await holdScope(tx, scope);
    const member = await requireMember(tx, scope, id);
    if (member.role === role) return member;
    requireManagerLeft(scope.type, await membersOf(tx, scope), id, role);
    if (role === undefined) await dropMember(tx, scope, id);
    else await putMember(tx, scope, member, role);
    await changed(tx, actor, scope, {
      action: role === undefined ? 'member.removed' : 'member.role-changed',
      subjectType: 'person',
      subjectId: id,
      before: { role: member.role },
      ...(role === undefined ? {} : { after: { role } }),
    });
    return { ...member, role: role ?? member.role };
  });
}

/** Makes a person one of those who manage the others; one who is a member already keeps the role. */
export async function joinAsManager(tx: Sql, scope: PeopleScope, id: PersonId, actor: Actor): Promise<void> {
  await holdScope(tx, scope);
  if ((await membersOf(tx, scope)).some((member) => member.id === id)) return;
  const [role] = MEMBER_ROLES[scope.type];
  await putMember(tx, scope, { id, name: '' }, role);
  await changed(tx, actor, scope, {
    action: 'member.joined',
    subjectType: 'person',
    subjectId: id,
    after: { role },
  });
}

/** Locks the scope, so that changes of its people come one after another; gives its name. */
export async function holdScope(tx: Sql, scope: PeopleScope): Promise<string | undefined> {
  if (scope.type === 'staff') {
    await tx.query(`select pg_advisory_xact_lock(hashtext('hallpass staff'))`);
    return undefined;
  }
  const { directory, one } = MEMBERS[scope.type];
  // Locked by an advisory lock: the token service may change neither partners nor districts.
  await tx.query('select pg_advisory_xact_lock(hashtext($1))', [`hallpass people ${scope.id}`]);
  const found = await firstRow<{ name: string }>(tx, `select name from ${directory} where id = $1`, [
    scope.id,
  ]);
  if (!found) throw new DomainError('not-found', `No ${one} has this id.`);
  return found.name;
}

async function requireMember(tx: Sql, scope: PeopleScope, id: PersonId): Promise<Member> {
  const found = (await membersOf(tx, scope)).find((each) => each.id === id);
  if (!found) throw new DomainError('not-found', 'Nobody here has this id.');
  return found;
}

async function putMember(
  tx: Sql,
  scope: PeopleScope,
  { id, name }: Pick<Member, 'id' | 'name'>,
  role: MemberRole,
): Promise<void> {
  if (scope.type === 'staff') {
    const operatorId = newId<Id<'operator'>>();
    // Names of operators are unique and stand in the audit log: an address is none.
    await tx.query(
      `insert into operators (id, name, role, person_id)
       values ($1::text, case when $2::text = '' or exists (select from operators where name = $2::text)
         then trim($2::text || ' staff ' || left($1::text, 8)) else $2::text end, $3, $4)
       on conflict (person_id) do update set role = excluded.role, disabled_at = null`,
      [operatorId, name, role, id],
    );
    return;
  }
  const { table, one } = MEMBERS[scope.type];
  await tx.query(
    `insert into ${table} (${one}_id, person_id, role) values ($1, $2, $3)
     on conflict (${one}_id, person_id) do update set role = excluded.role`,
    [scope.id, id, role],
  );
}

async function dropMember(tx: Sql, scope: PeopleScope, id: PersonId): Promise<void> {
  if (scope.type === 'staff') {
    await tx.query('update operators set disabled_at = now() where person_id = $1', [id]);
    return;
  }
  const { table, one } = MEMBERS[scope.type];
  await tx.query(`delete from ${table} where ${one}_id = $1 and person_id = $2`, [scope.id, id]);
}

async function changed(tx: Sql, actor: Actor, scope: PeopleScope, entry: AuditEntry): Promise<void> {
  const of = scope.type === 'staff' ? { scope: 'staff' } : { [`${scope.type}Id`]: scope.id };
  await recordAudit(tx, actor, {
    ...entry,
    ...(scope.type === 'district' ? { districtId: scope.id } : {}),
    after: { ...entry.after, ...of },
  });
  await recordAuthorityChange(tx, 'person', entry.subjectId);
}

/** A person, as the audit log writes down what they do to themselves. */
export function personActor(id: PersonId, requestId: string | null): Actor {
  return { type: 'person', id, requestId };
}

/** Writes down something that a person did about their own account; never an address, never a secret. */
export function recordOwn(
  tx: Sql,
  id: PersonId,
  requestId: string | null,
  action: string,
  after?: object,
): Promise<void> {
  const entry = { action, subjectType: 'person', subjectId: id };
  return recordAudit(tx, personActor(id, requestId), { ...entry, ...(after ? { after } : {}) });
}

/** Writes down that an identity provider has vouched for a person. */
export async function noteVouched(tx: Sql, id: PersonId): Promise<void> {
  await tx.query('update people set vouched_at = now() where id = $1', [id]);
}

/** Sets a password, which ends every session that there is and every link on its way. */
export async function setPassword(tx: Sql, id: PersonId, passwordHash: string): Promise<void> {
  await tx.query('update people set password_hash = $2 where id = $1', [id, passwordHash]);
  await tx.query('update person_links set ended_at = now() where person_id = $1 and ended_at is null', [id]);
  await endSessions(tx, id);
}

const TOTP_CONTEXT = (id: PersonId) => `totp|${id}`;

/** Keeps the secret of an authenticator app that is being set up; the one before goes on until the new one is confirmed. */
export async function beginTotp(
  tx: Sql,
  keys: InstallationKeys,
  id: PersonId,
  secret: string,
): Promise<void> {
  const key = await dataKey(tx, keys, { type: 'person', id });
  await tx.query('update people set totp_pending = $2 where id = $1', [
    id,
    sealSecret(key, secret, TOTP_CONTEXT(id)),
  ]);
}

/** The secret of a person's authenticator app, or of the one that is being set up. */
export async function openTotp(
  sql: Sql,
  keys: InstallationKeys,
  id: PersonId,
  sealed: Buffer,
): Promise<string> {
  return openSecret(await dataKey(sql, keys, { type: 'person', id }), sealed, TOTP_CONTEXT(id));
}

/** The app that was being set up becomes the person's, with fresh recovery codes, which are shown this once. */
export async function confirmTotp(
  tx: Sql,
  keys: InstallationKeys,
  id: PersonId,
  step: number,
): Promise<string[]> {
  await tx.query(
    'update people set totp_sealed = totp_pending, totp_pending = null, totp_step = $2 where id = $1',
    [id, step],
  );
  await tx.query('delete from recovery_codes where person_id = $1', [id]);
  const codes = Array.from({ length: RECOVERY_CODE_COUNT }, newRecoveryCode);
  for (const code of codes) {
    const { lookup, pepperVersion } = lookupOf(keys, recoverySecret(id, code));
    await tx.query('insert into recovery_codes (person_id, lookup, pepper_version) values ($1, $2, $3)', [
      id,
      lookup,
      pepperVersion,
    ]);
  }
  return codes;
}

export async function endTotp(tx: Sql, id: PersonId): Promise<void> {
  await tx.query('update people set totp_sealed = null, totp_pending = null where id = $1', [id]);
  await tx.query('delete from recovery_codes where person_id = $1', [id]);
}

/** True for the first who comes with a code of this time step or a later one than any before. */
export async function takeTotpStep(sql: Sql, id: PersonId, step: number): Promise<boolean> {
  const text = 'update people set totp_step = $2 where id = $1 and totp_step < $2 returning id';
  return (await rows(sql, text, [id, step])).length === 1;
}

/** True once of each recovery code. */
export async function takeRecoveryCode(
  sql: Sql,
  keys: InstallationKeys,
  id: PersonId,
  code: string,
): Promise<boolean> {
  const taken = await rows(
    sql,
    `update recovery_codes set used_at = now()
     where person_id = $1 and lookup = any ($2) and used_at is null returning person_id`,
    [id, lookupsOf(keys, recoverySecret(id, code))],
  );
  return taken.length === 1;
}

const recoverySecret = (id: PersonId, code: string) => `recovery|${id}|${normalRecoveryCode(code)}`;

/** Where a person is a member, as far as pages show it. */
export interface Memberships {
  partners: { id: string; name: string; role: PartnerRole; apps: { id: string; name: string }[] }[];
  districts: { id: string; name: string; role: DistrictRole }[];
}

export async function membershipsOf(sql: Sql, id: PersonId): Promise<Memberships> {
  const partners = await rows<Memberships['partners'][number]>(
    sql,
    `select p.id, p.name, m.role, coalesce((select jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name) order by a.name)
       from apps a where a.partner_id = p.id), '[]') apps
     from partner_members m join partners p on p.id = m.partner_id where m.person_id = $1 order by p.name`,
    [id],
  );
  const districts = await rows<Memberships['districts'][number]>(
    sql,
    `select d.id, d.name, m.role from district_members m join districts d on d.id = m.district_id
     where m.person_id = $1 order by d.name`,
    [id],
  );
  return { partners, districts };
}

/** What a member of staff sees who looks in the place of others, as pages show it. */
export async function viewedMemberships(sql: Sql, place: ViewingPlace): Promise<Memberships> {
  if (place.type === 'district') {
    const text = `select id, name, 'viewer' role from districts where id = $1`;
    return { partners: [], districts: await rows(sql, text, [place.id]) };
  }
  const partners = await rows<Memberships['partners'][number]>(
    sql,
    `select p.id, p.name, 'viewer' role, jsonb_build_array(jsonb_build_object('id', a.id, 'name', a.name)) apps
     from apps a join partners p on p.id = a.partner_id where a.id = $1`,
    [place.id],
  );
  return { partners, districts: [] };
}

/** What a person was last made a member of, by its name. */
export async function latestMembership(sql: Sql, id: PersonId): Promise<string | undefined> {
  const latest = await firstRow<{ name: string }>(
    sql,
    `select name from (
       select p.name, m.created_at from partner_members m join partners p on p.id = m.partner_id where m.person_id = $1
       union all
       select d.name, m.created_at from district_members m join districts d on d.id = m.district_id where m.person_id = $1
     ) each order by created_at desc limit 1`,
    [id],
  );
  return latest?.name;
}

export async function namePerson(tx: Sql, id: PersonId, name: string): Promise<void> {
  await tx.query('update people set name = $2 where id = $1', [id, name]);
}
