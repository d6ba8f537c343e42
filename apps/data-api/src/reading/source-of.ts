import type { RecordKind } from '@hallpass/domain';

/** What a list is of: a kind, and of users perhaps those of a role. */
export interface SourceOf {
  kind: RecordKind;
  /** A bit of role_mask; 0 for all. */
  roleBit: number;
}
