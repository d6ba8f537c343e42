import {
  DomainError,
  UNRESTRICTED,
  afterAction,
  approvedRule,
  changedRule,
  fingerprint,
  newId,
  openActions,
  requireFields,
  type AppId,
  type DistrictId,
  type GrantAction,
  type GrantId,
  type GrantStatus,
  type GrantTerm,
  type GrantWait,
  type QualifiedField,
  type RecordId,
  type Selection,
  type SharingChange,
  type SharingRule,
} from '@hallpass/domain';
import { isDeepStrictEqual } from 'node:util';
import { In, type DataSource, type EntityManager } from 'typeorm';
import { SYSTEM, recordAudit, recordAuthorityChange, type Actor } from '../audit.js';
import { Apps, Grants, type GrantRow } from '../entities.js';
import type { InstallationKeys } from '../keys.js';
import { recordPlatformEvent } from '../platform-events.js';
import { named, projectRules, type NamedRule } from '../roster/projection.js';
import {
  lockDistrict,
  moveClock,
  planPublication,
  publishLinks,
  publishShown,
} from '../roster/publication.js';
import { createStaging } from '../roster/staging.js';
import {
  fingerprintOf,
  recordGrantChanges,
  recordGrantRule,
  recordVisibleSet,
  rulesInUse,
} from '../roster/visible-sets.js';
import { withSession } from '../session.js';
import { brokenConstraint, firstRow, rows, type Sql } from '../sql.js';
import { issueToken, type IssuedToken } from './tokens.js';

/** A district's choice: which records, and which of the app's requested fields not. */
export interface SharingChoice {
  selection: Selection;
  hiddenFields: readonly QualifiedField[];
}

export interface ApprovedGrant extends IssuedToken {
  grant: GrantRow;
}

/** Authorises an app in a district and issues its token, in one transaction. */
export async function approveGrant(
  dataSource: DataSource,
  keys: InstallationKeys,
  command: { appId: AppId; districtId: DistrictId } & SharingChoice & GrantTerm,
  actor: Actor,
): Promise<ApprovedGrant> {
  const { appId, districtId } = command;
  const rule = await ruleFor(dataSource.manager, command);
  return orExists(
    publishRule(dataSource, districtId, rule, async (tx, shown, seq) => {
      const grant = { id: newId<GrantId>(), districtId, appId };
      await insertGrant(tx, grant, 'active', shown, command);
      return openGrant(tx, keys, grant, shown, seq, actor);
    }),
  );
}

/** What a district asks for, or says yes to: the grant is there at once, and opens nothing before it is published. */
export async function requestGrant(
  tx: EntityManager,
  command: { appId: AppId; districtId: DistrictId; awaits: GrantWait } & SharingChoice & GrantTerm,
  actor: Actor,
): Promise<GrantRow> {
  const { appId, districtId, awaits } = command;
  const shown = named(await ruleFor(tx, command));
  const grant = { id: newId<GrantId>(), districtId, appId };
  await orExists(insertGrant(tx, grant, 'requested', shown, { ...command, awaits }));
  await recordAudit(tx, actor, {
    action: 'grant.requested',
    subjectType: 'grant',
    subjectId: grant.id,
    districtId,
    after: { appId, ...shown.rule, awaits },
  });
  await recordPlatformEvent(tx, {
    type: 'grant.requested',
    appId,
    districtId,
    data: { grantId: grant.id, awaits },
  });
  return grantIn(tx, grant.id);
}

/** The app says yes to a district that asked: what the district chose is published next. */
export async function acceptRequest(tx: EntityManager, grant: GrantRow, actor: Actor): Promise<void> {
  if (grant.status !== 'requested' || grant.awaits !== 'app')
    throw new DomainError(
      'request-answered',
      `This request was answered before: the grant is ${grant.status}.`,
    );
  await tx.query(
    `update grants set awaits = 'publication', changed_at = now() where district_id = $1 and id = $2`,
    [grant.districtId, grant.id],
  );
  await recordAudit(tx, actor, {
    action: 'grant.accepted',
    subjectType: 'grant',
    subjectId: grant.id,
    districtId: grant.districtId,
  });
}

/** Opens a requested grant, in one transaction: its picture stands, it is active, its token is issued, and its app is told. */
export async function activateGrant(
  dataSource: DataSource,
  keys: InstallationKeys,
  grantId: GrantId,
  actor: Actor,
): Promise<ApprovedGrant> {
  const { districtId, selection, fields } = await grantIn(dataSource.manager, grantId);
  return publishRule(dataSource, districtId, { selection, fields }, async (tx, shown, seq) => {
    const grant = await grantIn(tx, grantId, true);
    if (grant.status !== 'requested' || grant.awaits !== 'publication')
      throw new DomainError('grant-changed', 'The request was taken back meanwhile.');
    await tx.query(
      `update grants set status = 'active', awaits = null, fingerprint = $3, changed_at = now()
       where district_id = $1 and id = $2`,
      [districtId, grantId, shown.fingerprint],
    );
    return openGrant(tx, keys, grant, shown, seq, actor);
  });
}

/** Does what was agreed to where rosters may not be read: opens requested grants, and finishes changes of others. */
export async function finishAwaiting(dataSource: DataSource, keys: InstallationKeys): Promise<void> {
  const waiting = await dataSource.manager.find(Grants, { where: { awaits: 'publication' } });
  await finishEach(waiting, async ({ id, districtId, status, narrowingTo }) => {
    if (status === 'requested') await activateGrant(dataSource, keys, id, SYSTEM);
    else if (narrowingTo) await finishNarrowing(dataSource, districtId, id, narrowingTo, SYSTEM);
  });
}

/** The work for each grant. One that fails keeps no other waiting; what failed is thrown at the end. */
async function finishEach(
  grants: readonly GrantRow[],
  work: (grant: GrantRow) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  for (const grant of grants) {
    try {
      await work(grant);
    } catch (error) {
      // Whoever changed or revoked the grant meanwhile has seen to it.
      if (!(error instanceof DomainError && error.code.startsWith('grant-'))) errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} grants could not be finished`);
}

type GrantPlace = Pick<GrantRow, 'id' | 'districtId' | 'appId'>;

async function insertGrant(
  tx: Sql,
  grant: GrantPlace,
  status: GrantStatus,
  { rule, fingerprint: mark }: NamedRule,
  { startsAt = null, endsAt = null, awaits = null }: GrantTerm & { awaits?: GrantWait | null },
): Promise<void> {
  await tx.query(
    `insert into grants (district_id, id, app_id, status, selection, fields, fingerprint, starts_at, ends_at, awaits)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      grant.districtId,
      grant.id,
      grant.appId,
      status,
      JSON.stringify(rule.selection),
      JSON.stringify(rule.fields),
      mark,
      startsAt,
      endsAt,
      awaits,
    ],
  );
}

/** What makes an active grant open: its rule from this seq on, its token, and that everybody is told. */
async function openGrant(
  tx: EntityManager,
  keys: InstallationKeys,
  place: GrantPlace,
  shown: NamedRule,
  seq: number,
  actor: Actor,
): Promise<ApprovedGrant> {
  const { id: grantId, districtId, appId } = place;
  await recordGrantRule(tx, { districtId, grantId, seq }, shown);
  const issued = await issueToken(tx, keys, place);
  const grant = await grantIn(tx, grantId);
  const { tokenId } = issued;
  const { startsAt, endsAt } = grant;
  await recordAudit(tx, actor, {
    action: 'grant.approved',
    subjectType: 'grant',
    subjectId: grantId,
    districtId,
    after: { appId, ...shown.rule, startsAt, endsAt, tokenId },
  });
  await recordPlatformEvent(tx, { type: 'grant.approved', appId, districtId, data: { grantId, tokenId } });
  await recordPlatformEvent(tx, { type: 'token.issued', appId, districtId, data: { grantId, tokenId } });
  // Apps of older days are called at their redirect URI.
  await tx.query(
    `insert into redirect_calls (district_id, grant_id, app_id, redirect_uri)
     select $1, $2, id, redirect_uris[1] from apps where id = $3 and cardinality(redirect_uris) > 0`,
    [districtId, grantId, appId],
  );
  // The app's key reaches one district more.
  await recordAuthorityChange(tx, 'app', appId);
  await recordAuthorityChange(tx, 'grant', grantId);
  return { ...issued, grant };
}

async function orExists<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (brokenConstraint(error) !== 'grants_one_in_force') throw error;
    throw new DomainError(
      'grant-exists',
      'This district already has a grant in force for this app: change it, or revoke it first.',
    );
  }
}

/**
 * Changes what a grant shares, and its term. The rule it is changed to is written down at once, and from then on until its
 * visible set stands the grant answers nothing; a change that is cut short is taken up again by finishNarrowings.
 */
export async function narrowGrant(
  dataSource: DataSource,
  grantId: GrantId,
  change: SharingChange & GrantTerm,
  actor: Actor,
): Promise<GrantRow> {
  const { grant, rule } = await dataSource.transaction((tx) =>
    writeNarrowing(tx, grantId, change, null, actor),
  );
  return rule ? finishNarrowing(dataSource, grant.districtId, grantId, rule, actor) : grant;
}

/** The same up to its publication, which finishAwaiting makes where rosters may be read. */
export async function requestNarrowing(
  tx: EntityManager,
  grantId: GrantId,
  change: SharingChange & GrantTerm,
  actor: Actor,
): Promise<void> {
  await writeNarrowing(tx, grantId, change, 'publication', actor);
}

async function writeNarrowing(
  tx: EntityManager,
  grantId: GrantId,
  change: SharingChange & GrantTerm,
  awaits: GrantWait | null,
  actor: Actor,
): Promise<{ grant: GrantRow; rule: SharingRule | null }> {
  const before = await grantIn(tx, grantId, true);
  requireAction(before, 'narrow');
  await changeTerm(tx, before, change, actor);
  const app = await tx.findOneByOrFail(Apps, { id: before.appId });
  const { selection, fields } = before;
  // Changes add up: one that comes while another is under way starts where that one leads.
  const now = before.narrowingTo ?? { selection, fields };
  const wanted = changedRule(now, app.requestedFields, change);
  if (isDeepStrictEqual(wanted, now)) return { grant: await grantIn(tx, grantId), rule: before.narrowingTo };
  requireSomething(wanted);
  requireFields(app.requiredFields, wanted.fields);
  await requireKnown(tx, before.districtId, wanted.selection);
  await beginNarrowing(tx, grantId, wanted, awaits);
  return { grant: before, rule: wanted };
}

async function changeTerm(tx: EntityManager, grant: GrantRow, term: GrantTerm, actor: Actor): Promise<void> {
  const { startsAt = grant.startsAt, endsAt = grant.endsAt } = term;
  const before = { startsAt: grant.startsAt, endsAt: grant.endsAt };
  const after = { startsAt, endsAt };
  if (isDeepStrictEqual(before, after)) return;
  requireTerm(startsAt, endsAt);
  await tx.query('update grants set starts_at = $2, ends_at = $3, changed_at = now() where id = $1', [
    grant.id,
    startsAt,
    endsAt,
  ]);
  const subject = { subjectType: 'grant', subjectId: grant.id, districtId: grant.districtId };
  await recordAudit(tx, actor, { action: 'grant.term-changed', ...subject, before, after });
  await recordAuthorityChange(tx, 'grant', grant.id);
}

function requireTerm(startsAt: Date | null, endsAt: Date | null): void {
  if (startsAt && endsAt && startsAt >= endsAt)
    throw new DomainError('selection-invalid', 'The grant would end before it starts.', [
      { field: 'endsAt', message: 'has to be later than startsAt' },
    ]);
}

/**
 * Takes up every change of a grant that a stopped process left half done, and brings grants up to a catalogue that has gained
 * fields: what they share stays as it was. The grants answer again afterwards.
 */
export async function finishNarrowings(dataSource: DataSource): Promise<void> {
  const grants = await dataSource.manager.find(Grants, { where: { status: In(['active', 'paused']) } });
  await finishEach(
    grants,
    async ({ id, districtId, narrowingTo, selection, fields, fingerprint: present }) => {
      const rule = narrowingTo ?? { selection, fields };
      if (!narrowingTo && fingerprint(rule) === present) return;
      if (!narrowingTo) await beginNarrowing(dataSource.manager, id, rule, null);
      await finishNarrowing(dataSource, districtId, id, rule, SYSTEM);
    },
  );
}

async function beginNarrowing(
  tx: EntityManager,
  grantId: GrantId,
  rule: SharingRule,
  awaits: GrantWait | null,
): Promise<void> {
  await tx.query('update grants set narrowing_to = $2, awaits = $3 where id = $1', [
    grantId,
    JSON.stringify(rule),
    awaits,
  ]);
  await recordAuthorityChange(tx, 'grant', grantId);
}

function finishNarrowing(
  dataSource: DataSource,
  districtId: DistrictId,
  grantId: GrantId,
  rule: SharingRule,
  actor: Actor,
): Promise<GrantRow> {
  return publishRule(dataSource, districtId, rule, async (tx, shown, seq) => {
    const before = await grantIn(tx, grantId, true);
    requireAction(before, 'narrow');
    const { narrowingTo, selection, fields } = before;
    // Another process may have taken it up as well.
    if (
      narrowingTo === null &&
      isDeepStrictEqual({ selection, fields }, rule) &&
      before.fingerprint === shown.fingerprint
    )
      return before;
    if (!isDeepStrictEqual(narrowingTo, rule))
      throw new DomainError(
        'grant-changed',
        'Another change of this grant came in between: look at it again.',
      );
    await tx.query(
      `update grants set selection = $2, fields = $3, fingerprint = $4, narrowing_to = null, awaits = null, changed_at = now()
       where id = $1`,
      [grantId, JSON.stringify(rule.selection), JSON.stringify(rule.fields), shown.fingerprint],
    );
    const place = { districtId, grantId, seq };
    const old = await fingerprintOf(tx, grantId);
    await recordGrantRule(tx, place, shown);
    if (old !== undefined) await recordGrantChanges(tx, place, old, shown.fingerprint);
    await recordAudit(tx, actor, {
      action: 'grant.narrowed',
      subjectType: 'grant',
      subjectId: grantId,
      districtId,
      before: { selection, fields },
      after: rule,
    });
    await recordPlatformEvent(tx, {
      type: 'grant.narrowed',
      appId: before.appId,
      districtId,
      data: { grantId },
    });
    await recordAuthorityChange(tx, 'grant', grantId);
    return grantIn(tx, grantId);
  });
}

const PAST_TENSE = { pause: 'paused', resume: 'resumed', revoke: 'revoked' } as const;

/** Pauses, resumes or revokes a grant: one row's update, which waits for no import. */
export async function moveGrant(
  dataSource: DataSource,
  grantId: GrantId,
  action: keyof typeof PAST_TENSE,
  actor: Actor,
): Promise<GrantRow> {
  return dataSource.transaction(async (tx) => {
    const before = await grantIn(tx, grantId, true);
    const status = requireAction(before, action);
    await tx.query(
      `update grants set status = $2, changed_at = now(), awaits = case when $2 = 'revoked' then null else awaits end
       where id = $1`,
      [grantId, status],
    );
    // Nobody is to be shown its tokens again.
    if (status === 'revoked') await tx.query('select drop_token_seals($1, $2)', [before.districtId, grantId]);
    await recordAudit(tx, actor, {
      action: `grant.${PAST_TENSE[action]}`,
      subjectType: 'grant',
      subjectId: grantId,
      districtId: before.districtId,
      before: { status: before.status },
      after: { status },
    });
    await recordPlatformEvent(tx, {
      type: `grant.${PAST_TENSE[action]}`,
      appId: before.appId,
      districtId: before.districtId,
      data: { grantId },
    });
    await recordAuthorityChange(tx, 'grant', grantId);
    return { ...before, status };
  });
}

function requireAction(grant: GrantRow, action: GrantAction): GrantStatus {
  const status = afterAction(grant.status, action);
  if (status) return status;
  const open = openActions(grant.status).join(', ') || 'nothing: approve the app anew';
  throw new DomainError(
    'grant-action-closed',
    `The grant is ${grant.status} and cannot be ${action === 'narrow' ? 'narrowed' : PAST_TENSE[action as 'pause']}; open to it: ${open}.`,
  );
}

/** The grant of this id; with a lock, kept from others until the transaction ends. */
export async function grantIn(tx: EntityManager, id: GrantId, lock = false): Promise<GrantRow> {
  if (lock) await tx.query('select from grants where id = $1 for no key update', [id]);
  const grant = await tx.findOneBy(Grants, { id });
  if (!grant) throw new DomainError('not-found', 'No grant has this id.');
  return grant;
}

export async function ruleFor(
  tx: EntityManager,
  choice: { appId: AppId; districtId: DistrictId } & SharingChoice & GrantTerm,
): Promise<SharingRule> {
  const { appId, districtId, selection, hiddenFields, startsAt = null, endsAt = null } = choice;
  requireTerm(startsAt, endsAt);
  const app = await tx.findOneBy(Apps, { id: appId });
  if (!app) throw new DomainError('not-found', 'No app has this id.');
  await requireKnown(tx, districtId, selection);
  const rule = approvedRule(app.requestedFields, selection, hiddenFields);
  requireSomething(rule);
  requireFields(app.requiredFields, rule.fields);
  return rule;
}

export function requireSomething(rule: SharingRule): void {
  if (Object.keys(rule.fields).length === 0)
    throw new DomainError('nothing-shared', 'With these fields hidden the grant would share nothing.');
}

/** A selection names what the roster has; a rule on attributes may speak of what is yet to come. */
export async function requireKnown(sql: Sql, districtId: DistrictId, selection: Selection): Promise<void> {
  const [district] = await rows(sql, 'select 1 from districts where id = $1', [districtId]);
  if (!district) throw new DomainError('not-found', 'No district has this id.');
  if (selection.type === 'schools') await requireRecords(sql, districtId, 'school', selection.schoolIds);
  if (selection.type === 'sections') await requireRecords(sql, districtId, 'section', selection.sectionIds);
}

async function requireRecords(
  sql: Sql,
  districtId: DistrictId,
  kind: 'school' | 'section',
  wanted: readonly RecordId[],
): Promise<void> {
  const known = await rows<{ id: string }>(sql, 'select known_records($1, $2, $3) id', [
    districtId,
    kind,
    wanted,
  ]);
  const ids = new Set(known.map(({ id }) => id));
  const unknown = wanted.filter((id) => !ids.has(id));
  if (unknown.length > 0)
    throw new DomainError(
      `unknown-${kind}`,
      `The district's roster has no ${kind} ${unknown.join(', ')}. Import the roster first, and take the ids from it.`,
    );
}

/** How often a rule is projected anew because an import came between. */
const ATTEMPTS_MAX = 20;

/**
 * Lets the work take a rule into use in the transaction that also publishes its visible set. The set is prepared outside the
 * lock; when the district's clock has moved meanwhile, it is prepared again.
 */
async function publishRule<T>(
  dataSource: DataSource,
  districtId: DistrictId,
  rule: SharingRule,
  work: (tx: EntityManager, named: NamedRule, seq: number) => Promise<T>,
): Promise<T> {
  const wanted = named(rule);
  const { fingerprint: mark, links } = wanted;
  return withSession(dataSource, async ({ client, runner, transaction }) => {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const base = (
        await firstRow<{ seq: number }>(runner, 'select seq from districts where id = $1', [districtId])
      )?.seq;
      const inUse = await rulesInUse(runner, districtId);
      const isNew = mark !== UNRESTRICTED && !inUse.some((each) => each.fingerprint === mark);
      if (isNew) {
        await createStaging(client);
        await projectRules(client, districtId, [wanted], 'all');
      }
      const done = await transaction(async (tx) => {
        const last = await lockDistrict(tx, districtId);
        if (last === undefined || last !== base) return undefined;
        const seq = last + 1;
        const at = new Date();
        if (isNew) {
          await planPublication(tx);
          await recordVisibleSet(tx, districtId, wanted, seq);
          const sets = { whole: [mark], partial: [], isFirst: true };
          await publishShown(tx, { districtId, seq, at, ...sets });
          if (links !== UNRESTRICTED) await publishLinks(tx, districtId, seq, [links]);
        }
        const result = await work(tx, wanted, seq);
        await moveClock(tx, districtId, seq, at, 'grant');
        return { result };
      });
      if (done) return done.result;
    }
    throw new DomainError(
      'import-running',
      'The roster keeps changing under this grant: try again in a minute.',
    );
  });
}
