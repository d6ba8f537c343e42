import {
  DomainError,
  UNRESTRICTED,
  afterAction,
  approvedRule,
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
  type SharingRule,
} from '@hallpass/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { recordAudit, recordAuthorityChange, type Actor } from '../audit.js';
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
import { brokenConstraint, firstRow, rows } from '../sql.js';
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

/** Changes what a grant shares. Until the new visible set stands, the grant answers nothing. */
export async function narrowGrant(
  dataSource: DataSource,
  grantId: GrantId,
  choice: Partial<SharingChoice>,
  actor: Actor,
): Promise<GrantRow> {
  const before = await grantIn(dataSource.manager, grantId);
  requireAction(before, 'narrow');
  const { appId, districtId } = before;
  const rule = await ruleFor(dataSource, appId, districtId, {
    selection: choice.selection ?? before.selection,
    hiddenFields: choice.hiddenFields ?? [],
    ...(choice.hiddenFields ? {} : { fields: before.fields }),
  });
  await dataSource.transaction(async (tx) => {
    await tx.query('update grants set is_narrowing = true where id = $1', [grantId]);
    await recordAuthorityChange(tx, 'grant', grantId);
  });
  return publishRule(dataSource, districtId, rule, async (tx, mark) => {
    await tx.query(
      `update grants set selection = $2, fields = $3, fingerprint = $4, is_narrowing = false, changed_at = now()
       where id = $1`,
      [grantId, JSON.stringify(rule.selection), JSON.stringify(rule.fields), mark],
    );
    await recordAudit(tx, actor, {
      action: 'grant.narrowed',
      subjectType: 'grant',
      subjectId: grantId,
      districtId,
      before: { selection: before.selection, fields: before.fields },
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
  choice: SharingChoice & { fields?: SharingRule['fields'] },
): Promise<SharingRule> {
  const app = await dataSource.manager.findOneBy(Apps, { id: appId });
  if (!app) throw new DomainError('not-found', 'No app has this id.');
  await requireSchools(dataSource, districtId, choice.selection);
  const rule = approvedRule(choice.fields ?? app.requestedFields, choice.selection, choice.hiddenFields);
  if (Object.keys(rule.fields).length === 0)
    throw new DomainError('nothing-shared', 'With these fields hidden the grant would share nothing.');
  return rule;
}

async function requireSchools(dataSource: DataSource, districtId: DistrictId, selection: Selection) {
  const [district] = await rows(dataSource, 'select 1 from districts where id = $1', [districtId]);
  if (!district) throw new DomainError('not-found', 'No district has this id.');
  if (selection.type !== 'schools') return;
  const known = await rows<{ id: string }>(
    dataSource,
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
const ATTEMPTS_MAX = 5;

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
