import { createHash } from 'node:crypto';
import {
  allFields,
  allOfFields,
  commonFields,
  onlyFields,
  sharedRoles,
  withoutFields,
  type FieldList,
  type QualifiedField,
} from './field.js';
import type { RecordId } from './id.js';
import { USER_ROLES, type UserRole } from './record.js';

/** Which records of the district a grant shares, before fields: all of them, or what belongs to the chosen schools. */
export type Selection = { type: 'everything' } | { type: 'schools'; schoolIds: readonly RecordId[] };

/** What one district shares with one app: which records, and which fields of them. */
export interface SharingRule {
  selection: Selection;
  fields: FieldList;
}

/** The part of a rule that decides which records and which ends of references are seen. Grants with equal ones share a visible set. */
export interface VisibilityRule {
  selection: Selection;
  /** The roles whose people are seen, in the order of USER_ROLES. */
  roles: readonly UserRole[];
}

export function visibilityOf(rule: SharingRule): VisibilityRule {
  return { selection: rule.selection, roles: sharedRoles(rule.fields) };
}

/** True when nothing is cut: the roster itself is the visible set, and none has to be kept. */
export function seesEverything(rule: VisibilityRule): boolean {
  return rule.selection.type === 'everything' && rule.roles.length === USER_ROLES.length;
}

/** A rule that sees everything, by name: it has no visible set, and no fingerprint. */
export const UNRESTRICTED = '';

/** Equal for equal rules, whatever the order of their schools; UNRESTRICTED for the rule that cuts nothing. */
export function fingerprint(rule: VisibilityRule): string {
  if (seesEverything(rule)) return UNRESTRICTED;
  const { selection, roles } = rule;
  const chosen = selection.type === 'schools' ? [...new Set(selection.schoolIds)].sort() : null;
  const canonical = JSON.stringify([selection.type, chosen, [...roles].sort()]);
  return createHash('sha256').update(canonical).digest('hex').slice(0, 32);
}

/** The rule that a district approves: the app's request, less what the district hides. */
export function approvedRule(
  requested: FieldList,
  selection: Selection,
  hidden: readonly QualifiedField[],
): SharingRule {
  return { selection, fields: commonFields(allFields(), withoutFields(requested, hidden)) };
}

/** How a district changes its mind about a grant. What is left out stays as it is. */
export interface SharingChange {
  selection?: Selection;
  /** Fields no longer shared. */
  hidden?: readonly QualifiedField[];
  /** Fields shared again, of those that the app asked for. */
  shown?: readonly QualifiedField[];
}

/** The rule after a change: what was hidden before stays hidden unless it is named to be shown. */
export function changedRule(before: SharingRule, requested: FieldList, change: SharingChange): SharingRule {
  const { selection = before.selection, hidden = [], shown = [] } = change;
  const fields = allOfFields(before.fields, onlyFields(requested, shown));
  return approvedRule(commonFields(fields, requested), selection, hidden);
}
