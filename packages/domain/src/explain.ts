import { FIELD_CATALOGUE, effectiveFields, sharedRoles, type FieldPath } from './field.js';
import type { RecordKind, UserRole } from './record.js';
import type { Selection } from './selection.js';
import type { SharingRule } from './sharing-rule.js';

/** Why an app does or does not see a record, apart from whether its grant answers at all. */
export const SHARING_VERDICTS = [
  'shared',
  'kind-not-shared',
  'role-not-shared',
  'not-selected',
  'deleted',
  'never-seen',
] as const;
export type SharingVerdict = (typeof SHARING_VERDICTS)[number];

export interface SharingExplanation {
  verdict: SharingVerdict;
  /** One sentence for people; no name, no value of a record. */
  because: string;
  /** Of a shared record: the fields that are shown where the record has them. */
  fields?: readonly FieldPath[];
  /** Of a shared record: the fields that are not. */
  hiddenFields?: readonly FieldPath[];
}

/** What is known of the record that is asked about. */
export interface ExplainFacts {
  kind: RecordKind;
  /** Whether the roster has it now; `gone` when it once had. */
  state: 'present' | 'gone' | 'unknown';
  /** Of a user, the roles it has in the roster. */
  roles: readonly UserRole[];
  /** Whether the grant's visible set holds it. */
  isShown: boolean;
}

/** Explains a rule's verdict on a record: the first reason that keeps it from being shown, or what is shown of it. */
export function explainSharing(rule: SharingRule, facts: ExplainFacts): SharingExplanation {
  const { kind, state, roles, isShown } = facts;
  if (state === 'unknown')
    return {
      verdict: 'never-seen',
      because: 'The district’s roster has never had a record of this kind and id.',
    };
  if (state === 'gone')
    return { verdict: 'deleted', because: 'An import no longer had it: the record was deleted.' };
  const fields = effectiveFields(rule.fields, kind);
  if (!fields)
    return {
      verdict: 'kind-not-shared',
      because: `The grant shares no field of any record of kind ${kind}.`,
    };
  if (isShown) {
    const hiddenFields = FIELD_CATALOGUE[kind].filter((path) => !fields.includes(path));
    return { verdict: 'shared', because: BECAUSE_SHARED[rule.selection.type], fields, hiddenFields };
  }
  const shared = sharedRoles(rule.fields);
  if (kind === 'user' && !roles.some((role) => shared.includes(role)))
    return {
      verdict: 'role-not-shared',
      because: `The person is ${roles.join(' and ')}; the grant shares ${shared.join(', ') || 'no role'}.`,
    };
  return { verdict: 'not-selected', because: BECAUSE_NOT_SELECTED[rule.selection.type] };
}

const BECAUSE_SHARED: Readonly<Record<Selection['type'], string>> = {
  everything: 'The grant shares every record.',
  schools: 'It is a chosen school, or belongs to one.',
  sections: 'It is a chosen section, or belongs to one.',
  rules: 'A rule chooses it, or it belongs to what a rule chooses.',
};

const BECAUSE_NOT_SELECTED: Readonly<Record<Selection['type'], string>> = {
  everything: 'None of its shared roles leads to a shared record.',
  schools: 'It is none of the chosen schools and belongs to none of them.',
  sections: 'It is none of the chosen sections and belongs to none of them.',
  rules: 'No rule chooses it, and it belongs to nothing that a rule chooses.',
};
