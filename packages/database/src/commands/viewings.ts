import {
  DomainError,
  HAND_OVER_MS,
  newId,
  newSecret,
  VIEWING_MS,
  type AppId,
  type DistrictId,
  type Id,
  type PartnerId,
  type PeopleScope,
  type PersonId,
  type ViewingId,
  type ViewingPlace,
} from '@hallpass/domain';
import type { DataSource } from 'typeorm';
import { recordAudit, type Actor } from '../audit.js';
import { lookupOf, lookupsOf, type InstallationKeys } from '../keys.js';
import { firstRow, rows, type Sql } from '../sql.js';

/** A member of staff who looks at somebody's pages. */
export interface Viewing {
  id: ViewingId;
  operatorId: Id<'operator'>;
  operatorName: string;
  personId: PersonId;
  reason: string;
  place: ViewingPlace;
}

/** The same as those people are shown it. */
export interface ShownViewing {
  id: ViewingId;
  operatorName: string;
  reason: string;
  /** The app that was looked at; null: the district itself. */
  app: { id: AppId; name: string } | null;
  begunAt: Date;
  endsAt: Date;
  /** Null of one that ran out, or still goes on. */
  endedAt: Date | null;
}

interface ViewingRow extends Omit<Viewing, 'place'> {
  appId: AppId | null;
  partnerId: PartnerId | null;
  districtId: DistrictId | null;
}

const VIEWING = `v.id, v.operator_id "operatorId", v.operator_name "operatorName", v.person_id "personId", v.reason,
  v.app_id "appId", (select a.partner_id from apps a where a.id = v.app_id) "partnerId", v.district_id "districtId"`;

/** The operator is staff still, and of a role that may look. */
const STILL_MAY = `exists (select from operators o where o.id = v.operator_id and o.disabled_at is null and o.role <> 'auditor')`;

function toViewing({ appId, partnerId, districtId, ...viewing }: ViewingRow): Viewing {
  if (appId && partnerId) return { ...viewing, place: { type: 'app', id: appId, partnerId } };
  if (districtId) return { ...viewing, place: { type: 'district', id: districtId } };
  throw new Error('a viewing is of an app or of a district');
}

/** What is written down of a viewing: about the app or district, with the reason. */
function entryOf(action: string, { id, reason, place }: Viewing, more: object = {}) {
  return {
    action,
    subjectType: place.type,
    subjectId: place.id,
    ...(place.type === 'district' ? { districtId: place.id } : {}),
    after: { viewingId: id, reason, ...more },
  };
}

/**
 * Prepares for a member of staff to look at an app's or a district's pages, and gives the code that hands it over to them. Refused
 * for an operator who is no person: what looks has a name.
 */
export async function openViewing(
  dataSource: DataSource,
  keys: InstallationKeys,
  command: { operatorId: Id<'operator'>; place: { type: 'app' | 'district'; id: string }; reason: string },
  actor: Actor,
): Promise<{ id: ViewingId; code: string; expiresAt: Date }> {
  const { operatorId, place, reason } = command;
  return dataSource.transaction(async (tx) => {
    const table = place.type === 'app' ? 'apps' : 'districts';
    if (!(await firstRow(tx, `select from ${table} where id = $1`, [place.id])))
      throw new DomainError('not-found', `No ${place.type} has this id.`);
    const operator = await firstRow<{ personId: PersonId; name: string }>(
      tx,
      `select p.id "personId", coalesce(nullif(p.name, ''), o.name) name
       from operators o join people p on p.id = o.person_id where o.id = $1`,
      [operatorId],
    );
    if (!operator)
      throw new DomainError(
        'person-needed',
        'Sign in at the pages of staff: an operator token is nobody who looks.',
      );
    const id = newId<ViewingId>();
    const code = newSecret('viewing');
    const { lookup, pepperVersion } = lookupOf(keys, code);
    const made = await firstRow<{ createdAt: Date }>(
      tx,
      `insert into viewings (id, lookup, pepper_version, operator_id, person_id, operator_name, app_id, district_id, reason)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning created_at "createdAt"`,
      [
        id,
        lookup,
        pepperVersion,
        operatorId,
        operator.personId,
        operator.name,
        place.type === 'app' ? place.id : null,
        place.type === 'district' ? place.id : null,
        reason,
      ],
    );
    const viewing = await findViewing(tx, id);
    await recordAudit(tx, actor, entryOf('viewing.opened', viewing));
    return { id, code, expiresAt: new Date((made?.createdAt.getTime() ?? 0) + HAND_OVER_MS) };
  });
}

async function findViewing(tx: Sql, id: ViewingId): Promise<Viewing> {
  const found = await firstRow<ViewingRow>(tx, `select ${VIEWING} from viewings v where v.id = $1`, [id]);
  if (!found) throw new Error('a viewing that was just there is gone');
  return toViewing(found);
}

/** Begins the viewing that a code hands over, once; refuses a code that was used, is too old, or whose operator may no longer look. */
export async function beginViewing(
  tx: Sql,
  keys: InstallationKeys,
  code: string,
  requestId: string | null,
): Promise<Viewing> {
  const begun = await firstRow<{ id: ViewingId; endsAt: Date }>(
    tx,
    `update viewings v set begun_at = now(), ends_at = now() + make_interval(secs => $2)
     where v.lookup = any ($1) and v.begun_at is null and v.created_at > now() - make_interval(secs => $3)
       and exists (select from people p where p.id = v.person_id and p.disabled_at is null) and ${STILL_MAY}
     returning v.id, v.ends_at "endsAt"`,
    [lookupsOf(keys, code), VIEWING_MS / 1000, HAND_OVER_MS / 1000],
  );
  if (!begun)
    throw new DomainError(
      'not-found',
      'The link has run out or has been used. Open the pages once more from those of staff.',
    );
  const viewing = await findViewing(tx, begun.id);
  const actor: Actor = { type: 'operator', id: viewing.operatorId, requestId };
  await recordAudit(tx, actor, entryOf('viewing.begun', viewing, { until: begun.endsAt }));
  return viewing;
}

/** Writes down that a viewing was ended before its time. */
export async function endViewing(tx: Sql, viewing: Viewing, requestId: string | null): Promise<void> {
  await tx.query('update viewings set ended_at = now() where id = $1 and ended_at is null', [viewing.id]);
  const actor: Actor = { type: 'operator', id: viewing.operatorId, requestId };
  await recordAudit(tx, actor, entryOf('viewing.ended', viewing));
}

/** The viewing of a session; undefined once its operator is staff no longer. */
export async function viewingOfSession(sql: Sql, id: ViewingId): Promise<Viewing | undefined> {
  const text = `select ${VIEWING} from viewings v where v.id = $1 and ${STILL_MAY}`;
  const found = await firstRow<ViewingRow>(sql, text, [id]);
  return found && toViewing(found);
}

const VIEWED = {
  app: 'v.app_id = $1',
  partner: 'v.app_id in (select id from apps where partner_id = $1)',
  district: 'v.district_id = $1',
} as const;

/** Who of the staff has looked at a partner's apps, at one app or at a district, the latest first. */
export function viewingsOf(
  sql: Sql,
  scope: Extract<PeopleScope, { id: string }> | ViewingPlace,
  limit: number,
): Promise<ShownViewing[]> {
  return rows<ShownViewing>(
    sql,
    `select v.id, v.operator_name "operatorName", v.reason, v.begun_at "begunAt", v.ends_at "endsAt", v.ended_at "endedAt",
       (select jsonb_build_object('id', a.id, 'name', a.name) from apps a where a.id = v.app_id) app
     from viewings v where ${VIEWED[scope.type]} and v.begun_at is not null order by v.begun_at desc, v.id limit $2`,
    [scope.id, limit],
  );
}
