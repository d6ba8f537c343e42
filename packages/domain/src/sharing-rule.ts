import { createHash } from 'node:crypto';
import {
  allFields,
  allOfFields,
  commonFields,
  effectiveFields,
  fieldMask,
  onlyFields,
  sharedRoles,
  withoutFields,
  type FieldList,
  type QualifiedField,
} from './field.js';
import { RECORD_KINDS, USER_ROLES, type UserRole } from './record.js';
import { canonicalSelection, type Selection } from './selection.js';

/** What one district shares with one app: which records, and which fields of them. */
export interface SharingRule {
  selection: Selection;
  fields: FieldList;
}

/** The part of a rule that decides which records and which ends of references are seen, and so which links. */
export interface VisibilityRule {
  selection: Selection;
  /** The roles whose people are seen, in the order of USER_ROLES. */
  roles: readonly UserRole[];
}

export function visibilityOf(rule: SharingRule): VisibilityRule {
  return { selection: rule.selection, roles: sharedRoles(rule.fields) };
}

/** True when no record and no reference is cut. */
export function seesEverything(rule: VisibilityRule): boolean {
  return rule.selection.type === 'everything' && rule.roles.length === USER_ROLES.length;
}

/** The name of what cuts nothing: the roster itself is the visible set, and none has to be kept. */
export const UNRESTRICTED = '';

/**
 * The name of what a rule shows. Equal for rules that show the same records with the same fields, in whatever order they
 * are written, so that all their grants share one visible set; UNRESTRICTED for the rule that cuts nothing.
 */
export function fingerprint(rule: SharingRule): string {
  const isWhole =
    seesEverything(visibilityOf(rule)) && RECORD_KINDS.every((kind) => !fieldMask(rule.fields, kind));
  if (isWhole) return UNRESTRICTED;
  const fields = RECORD_KINDS.map((kind) => effectiveFields(rule.fields, kind)?.toSorted() ?? null);
  return named([canonicalSelection(rule.selection), fields]);
}

/** The name of the links that a rule's visibility shows, which its fields do not change. */
export function linksFingerprint(rule: SharingRule): string {
  const visibility = visibilityOf(rule);
  if (seesEverything(visibility)) return UNRESTRICTED;
  return named([canonicalSelection(visibility.selection), visibility.roles.toSorted()]);
}

function named(canonical: unknown): string {
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex').slice(0, 32);
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

/** From when, and until when, a grant is in force; null without such an end. What is left out stays as it is. */
export interface GrantTerm {
  startsAt?: Date | null;
  endsAt?: Date | null;
}

/** The rule after a change: what was hidden before stays hidden unless it is named to be shown. */
export function changedRule(before: SharingRule, requested: FieldList, change: SharingChange): SharingRule {
  const { selection = before.selection, hidden = [], shown = [] } = change;
  const fields = allOfFields(before.fields, onlyFields(requested, shown));
  return approvedRule(commonFields(fields, requested), selection, hidden);
}
