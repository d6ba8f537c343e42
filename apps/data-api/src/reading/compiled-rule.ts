import {
  fieldMask,
  fingerprint,
  isRelationShared,
  visibilityOf,
  type FieldMask,
  type RecordDocument,
  type RecordKind,
  type Relation,
  type SharingRule,
} from '@hallpass/domain';

/** A sharing rule made ready for reading: its visible set's name, and what cuts each kind's documents. */
export interface CompiledRule {
  fingerprint: string;
  shares(kind: RecordKind): boolean;
  sharesRelation(relation: Relation): boolean;
  /** The text of a document with the shared fields alone; the very text when all are. */
  cut(kind: RecordKind, text: string): string;
}

const compiled = new WeakMap<SharingRule, CompiledRule>();

/** Compiles a rule once for as long as its grant stays in the cache. */
export function compileRule(rule: SharingRule): CompiledRule {
  let known = compiled.get(rule);
  if (!known) compiled.set(rule, (known = compile(rule)));
  return known;
}

function compile(rule: SharingRule): CompiledRule {
  const { fields } = rule;
  const masks = new Map<RecordKind, FieldMask | undefined>();
  const maskOf = (kind: RecordKind) => {
    if (!masks.has(kind)) masks.set(kind, fieldMask(fields, kind));
    return masks.get(kind);
  };
  return {
    fingerprint: fingerprint(visibilityOf(rule)),
    shares: (kind) => fields[kind] !== undefined,
    sharesRelation: (relation) => isRelationShared(fields, relation),
    cut(kind, text) {
      const mask = maskOf(kind);
      return mask ? JSON.stringify(mask(JSON.parse(text) as RecordDocument)) : text;
    },
  };
}
