import type { ProblemList, RecordKind, SourceId, SourceRecord } from '@hallpass/domain';

/** Which of these ids the district's present roster has. */
export type PreviousRecords = (kind: RecordKind, ids: readonly SourceId[]) => Promise<ReadonlySet<SourceId>>;

export interface RosterReading {
  readonly format: 'oneroster-1.1' | 'clever-csv';
  readonly problems: ProblemList;
  /**
   * Every record, kind by kind: schools, terms, courses, users, sections, resources. The files are read a second time for it, and
   * can fail or change meanwhile: look at `problems.isRefused` again when it ends, before publishing.
   */
  records(): AsyncIterable<SourceRecord>;
  /**
   * The records whose rows could not be read and which the district has: they stay as they are. They are not among
   * `records()`, but may be referred to by those.
   */
  readonly kept: ReadonlyMap<RecordKind, ReadonlySet<SourceId>>;
  /**
   * True when contacts, courses and terms have no rows of their own: those that the district has of a kept student or
   * section stay with it, if no other row names them.
   */
  readonly keepsRelated: boolean;
}

export interface ReadingOptions {
  problems: ProblemList;
  previous: PreviousRecords;
}
