import {
  fieldMask,
  fingerprint,
  isRelationShared,
  linksFingerprint,
  type DocumentOf,
  type FieldMask,
  type RecordKind,
  type Relation,
  type SharingRule,
} from '@hallpass/domain';

/** A sharing rule made ready for reading: the names of what it shows, and what its fields allow. */
export interface CompiledRule {
  fingerprint: string;
  /** Of the links between what it shows. */
  links: string;
  shares(kind: RecordKind): boolean;
  sharesRelation(relation: Relation): boolean;
  /** The document with the shared fields alone, for one that was stored under another rule. */
  mask<K extends RecordKind>(kind: K, document: DocumentOf[K]): DocumentOf[K];
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
  return {
    fingerprint: fingerprint(rule),
    links: linksFingerprint(rule),
    shares: (kind) => fields[kind] !== undefined,
    sharesRelation: (relation) => isRelationShared(fields, relation),
    mask(kind, document) {
      if (!masks.has(kind)) masks.set(kind, fieldMask(fields, kind));
      const mask = masks.get(kind);
      return mask ? (mask(document) as typeof document) : document;
    },
  };
}
