import { ROLE_BITS } from '@hallpass/database';
import {
  RECORD_KINDS,
  USER_ROLES,
  cutDocument,
  membersOf,
  schoolsOf,
  type KindedDocument,
  type RecordId,
  type RecordKind,
  type Shows,
  type UserRole,
} from '@hallpass/domain';
import type { CompiledRule } from './compiled-rule.js';

/** Finds, of the records of a kind, those that the rule of now shows, with the roles it shows of people as a role mask. */
export type FindShown = (
  kind: RecordKind,
  ids: readonly RecordId[],
) => Promise<ReadonlyMap<RecordId, number>>;

/**
 * Cuts documents that were stored under an earlier rule of the grant by the rule of now: records that it does not show are
 * out, and so are its hidden fields and every reference to what it does not show. Undefined stands for what is out.
 */
export async function cutLate(
  rule: CompiledRule,
  kind: RecordKind,
  texts: readonly string[],
  findShown: FindShown,
): Promise<(string | undefined)[]> {
  const documents = texts.map((text): KindedDocument => ({ kind, document: JSON.parse(text) as never }));
  const shows = await showsOf(documents, findShown);
  return documents.map((each) => {
    if (!rule.shares(kind)) return undefined;
    const shown = cutDocument(kind, each.document, shows);
    return shown && JSON.stringify(rule.mask(kind, shown));
  });
}

async function showsOf(documents: readonly KindedDocument[], findShown: FindShown): Promise<Shows> {
  const wanted = new Map<RecordKind, Set<RecordId>>(RECORD_KINDS.map((kind) => [kind, new Set()]));
  for (const each of documents) for (const [kind, id] of idsIn(each)) wanted.get(kind)?.add(id);
  const found = new Map<RecordKind, ReadonlyMap<RecordId, number>>();
  await Promise.all(
    [...wanted].map(async ([kind, ids]) => {
      if (ids.size > 0) found.set(kind, await findShown(kind, [...ids]));
    }),
  );
  return (what, id) => {
    if (!isRole(what)) return found.get(what)?.has(id) ?? false;
    return ((found.get('user')?.get(id) ?? 0) & ROLE_BITS[what]) !== 0;
  };
}

function isRole(what: Parameters<Shows>[0]): what is UserRole {
  return (USER_ROLES as readonly string[]).includes(what);
}

/** The record itself and all that it refers to. */
function* idsIn({ kind, document }: KindedDocument): Generator<[RecordKind, RecordId]> {
  yield [kind, document.id];
  if (kind === 'section') {
    if (document.school) yield ['school', document.school];
    if (document.course) yield ['course', document.course];
    if (document.term_id) yield ['term', document.term_id];
    for (const id of membersOf(document)) yield ['user', id];
  } else if (kind === 'user') {
    for (const id of schoolsOf(document)) yield ['school', id];
    for (const { school } of document.roles.student?.enrollments ?? []) yield ['school', school];
    for (const { student } of document.roles.contact?.student_relationships ?? []) yield ['user', student];
  } else if (kind === 'resource') {
    for (const id of document.courses ?? []) yield ['course', id];
    for (const id of document.sections ?? []) yield ['section', id];
  }
}
