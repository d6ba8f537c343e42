import {
  DomainError,
  UNRESTRICTED,
  afterAction,
  approvedRule,
  changedRule,
  fingerprint,
  newId,
  openActions,
  visibilityOf,
  type AppId,
  type DistrictId,
  type GrantAction,
  type GrantId,
  type GrantStatus,
  type QualifiedField,
  type Selection,
  type SharingChange,
  type SharingRule,
} from '@hallpass/domain';
import { isDeepStrictEqual } from 'node:util';
import { IsNull, Not, type DataSource, type EntityManager } from 'typeorm';
import { SYSTEM, recordAudit, recordAuthorityChange, type Actor } from '../audit.js';
import { Apps, Grants, type GrantRow } from '../entities.js';
import type { InstallationKeys } from '../keys.js';
import { projectRules } from '../roster/projection.js';
import {
  lockDistrict,
  moveClock,
  planPublication,
  publishLinks,
  publishShown,
} from '../roster/publication.js';
import { OPEN_SEQ, createStaging } from '../roster/staging.js';
import { recordVisibleSet, rulesInUse } from '../roster/visible-sets.js';
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
  command: { appId: AppId; districtId: DistrictId } & SharingChoice,
  actor: Actor,
): Promise<ApprovedGrant> {
  const { appId, districtId } = command;
  const rule = await ruleFor(dataSource, appId, districtId, command);
  try {
    return await publishRule(dataSource, districtId, rule, async (tx, mark) => {
      const grant = { id: newId<GrantId>(), districtId, appId };
      await tx.query(
        `insert into grants (district_id, id, app_id, status, selection, fields, fingerprint)
         values ($1, $2, $3, 'active', $4, $5, $6)`,
        [districtId, grant.id, appId, JSON.stringify(rule.selection), JSON.stringify(rule.fields), mark],
      );
      const issued = await issueToken(tx, keys, grant);
      await recordAudit(tx, actor, {
        action: 'grant.approved',
        subjectType: 'grant',
        subjectId: grant.id,
        districtId,
        after: { appId, ...rule, tokenId: issued.tokenId },
      });
      // The app's key reaches one district more.
      await recordAuthorityChange(tx, 'app', appId);
      return { ...issued, grant: await grantIn(tx, grant.id) };
    });
  } catch (error) {
    if (brokenConstraint(error) !== 'grants_one_in_force') throw error;
    throw new DomainError(
      'grant-exists',
      'This district already has a grant in force for this app: change it, or revoke it first.',
    );
  }
}

/**
 * Changes what a grant shares. The rule it is changed to is written down at once, and from then on until its visible set
 * stands the grant answers nothing; a change that is cut short is taken up again by finishNarrowings.
 */
export async function narrowGrant(
  dataSource: DataSource,
  grantId: GrantId,
  change: SharingChange,
  actor: Actor,
): Promise<GrantRow> {
  const { districtId, rule } = await dataSource.transaction(async (tx) => {
    const grant = await grantIn(tx, grantId, true);
    requireAction(grant, 'narrow');
    const app = await tx.findOneByOrFail(Apps, { id: grant.appId });
    // Changes add up: one that comes while another is under way starts where that one leads.
    const wanted = changedRule(grant.narrowingTo ?? grant, app.requestedFields, change);
    requireSomething(wanted);
    await requireSchools(tx, grant.districtId, wanted.selection);
    await tx.query('update grants set narrowing_to = $2 where id = $1', [grantId, JSON.stringify(wanted)]);
    await recordAuthorityChange(tx, 'grant', grantId);
    return { districtId: grant.districtId, rule: wanted };
  });
  return finishNarrowing(dataSource, districtId, grantId, rule, actor);
}

/** Takes up every change of a grant that a stopped process left half done; the grants answer again afterwards. */
export async function finishNarrowings(dataSource: DataSource): Promise<void> {
  const pending = await dataSource.manager.find(Grants, {
    where: { narrowingTo: Not(IsNull()), status: Not('revoked') },
  });
  for (const { districtId, id, narrowingTo } of pending) {
    try {
      if (narrowingTo) await finishNarrowing(dataSource, districtId, id, narrowingTo, SYSTEM);
    } catch (error) {
      // Whoever changed or revoked the grant meanwhile has seen to it.
      if (!(error instanceof DomainError && error.code.startsWith('grant-'))) throw error;
    }
  }
}

function finishNarrowing(
  dataSource: DataSource,
  districtId: DistrictId,
  grantId: GrantId,
  rule: SharingRule,
  actor: Actor,
): Promise<GrantRow> {
  return publishRule(dataSource, districtId, rule, async (tx, mark) => {
    const before = await grantIn(tx, grantId, true);
    requireAction(before, 'narrow');
    const { narrowingTo, selection, fields } = before;
    // Another process may have taken it up as well.
    if (narrowingTo === null && isDeepStrictEqual({ selection, fields }, rule)) return before;
    if (!isDeepStrictEqual(narrowingTo, rule))
      throw new DomainError(
        'grant-changed',
        'Another change of this grant came in between: look at it again.',
      );
    await tx.query(
      `update grants set selection = $2, fields = $3, fingerprint = $4, narrowing_to = null, changed_at = now()
       where id = $1`,
      [grantId, JSON.stringify(rule.selection), JSON.stringify(rule.fields), mark],
    );
    await recordAudit(tx, actor, {
      action: 'grant.narrowed',
      subjectType: 'grant',
      subjectId: grantId,
      districtId,
      before: { selection, fields },
      after: rule,
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
    await tx.query('update grants set status = $2, changed_at = now() where id = $1', [grantId, status]);
    await recordAudit(tx, actor, {
      action: `grant.${PAST_TENSE[action]}`,
      subjectType: 'grant',
      subjectId: grantId,
      districtId: before.districtId,
      before: { status: before.status },
      after: { status },
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
async function grantIn(tx: EntityManager, id: GrantId, lock = false): Promise<GrantRow> {
  const mode = lock ? ({ lock: { mode: 'pessimistic_write' } } as const) : {};
  const grant = await tx.findOne(Grants, { where: { id }, ...mode });
  if (!grant) throw new DomainError('not-found', 'No grant has this id.');
  return grant;
}

async function ruleFor(
  dataSource: DataSource,
  appId: AppId,
  districtId: DistrictId,
  choice: SharingChoice,
): Promise<SharingRule> {
  const app = await dataSource.manager.findOneBy(Apps, { id: appId });
  if (!app) throw new DomainError('not-found', 'No app has this id.');
  await requireSchools(dataSource.manager, districtId, choice.selection);
  const rule = approvedRule(app.requestedFields, choice.selection, choice.hiddenFields);
  requireSomething(rule);
  return rule;
}

function requireSomething(rule: SharingRule): void {
  if (Object.keys(rule.fields).length === 0)
    throw new DomainError('nothing-shared', 'With these fields hidden the grant would share nothing.');
}

async function requireSchools(sql: Sql, districtId: DistrictId, selection: Selection) {
  const [district] = await rows(sql, 'select 1 from districts where id = $1', [districtId]);
  if (!district) throw new DomainError('not-found', 'No district has this id.');
  if (selection.type !== 'schools') return;
  const known = await rows<{ id: string }>(
    sql,
    `select record_id id from record_versions
     where district_id = $1 and kind = 'school' and record_id = any ($2) and to_seq = ${OPEN_SEQ}`,
    [districtId, selection.schoolIds],
  );
  const ids = new Set(known.map(({ id }) => id));
  const unknown = selection.schoolIds.filter((id) => !ids.has(id));
  if (unknown.length > 0)
    throw new DomainError(
      'unknown-school',
      `The district's roster has no school ${unknown.join(', ')}. Import the roster first, and take the ids from it.`,
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
  work: (tx: EntityManager, fingerprint: string) => Promise<T>,
): Promise<T> {
  const visibility = visibilityOf(rule);
  const mark = fingerprint(visibility);
  return withSession(dataSource, async ({ client, runner, transaction }) => {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const base = (
        await firstRow<{ seq: number }>(runner, 'select seq from districts where id = $1', [districtId])
      )?.seq;
      const inUse = await rulesInUse(runner, districtId);
      const isNew = mark !== UNRESTRICTED && !inUse.some((each) => each.fingerprint === mark);
      if (isNew) {
        await createStaging(client);
        await projectRules(client, districtId, [{ fingerprint: mark, rule: visibility }]);
      }
      const done = await transaction(async (tx) => {
        const seq = await lockDistrict(tx, districtId);
        if (seq === undefined || seq !== base) return undefined;
        if (isNew) {
          await planPublication(tx);
          await recordVisibleSet(tx, districtId, mark, visibility, seq + 1);
          await publishShown(tx, districtId, seq + 1, [mark]);
          await publishLinks(tx, districtId, seq + 1, [mark]);
        }
        const result = await work(tx, mark);
        await moveClock(tx, districtId, seq + 1, new Date(), 'grant');
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
