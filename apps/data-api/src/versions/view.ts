import {
  legacyIdOf,
  userIdOfLegacy,
  type DocumentOf,
  type RecordId,
  type RecordKind,
  type UserRole,
} from '@hallpass/domain';
import type { ObjectShape } from './shape.js';

export const VERSIONS = ['v1.1', 'v1.2', 'v2.0', 'v2.1', 'v3.0', 'v3.1'] as const;
export type Version = (typeof VERSIONS)[number];

/** What lies around a document while it is made: records it names, and whose contacts are listed. */
export interface Surroundings {
  course?: DocumentOf['course'];
  term?: DocumentOf['term'];
  student?: RecordId;
}

/** A record that a document names and whose fields a version shows in it. */
export interface Neighbour {
  kind: 'course' | 'term';
  idIn: (document: DocumentOf[RecordKind]) => RecordId | undefined;
}

/**
 * How a version makes its records: it shows the stored text, unless that holds something that came later; or it makes a
 * document of its own, undefined when there is nothing to make it of.
 */
export type Rendering =
  | { from: 'text'; later: RegExp | undefined }
  | {
      from: 'document';
      neighbours: readonly Neighbour[];
      build(document: DocumentOf[RecordKind], around: Surroundings): object | undefined;
    };

/** What a version shows of one kind of record, or of the users of one role: a collection. */
export interface View {
  version: Version;
  /** As it stands in paths and tags. */
  collection: string;
  /** For summaries: `a student`, `students`. */
  words: { one: string; many: string };
  /** Undefined of districts, which are no records. */
  kind: RecordKind | undefined;
  /** Where the collection is of users of this role, their ids are the role's legacy ids. */
  role?: UserRole;
  shape: ObjectShape;
  rendering: Rendering;
  /** What a record's links name, after `self`. */
  links: readonly string[];
  /** Whether lists tell how many pages there are: v1's do. */
  hasPaging: boolean;
}

/** The kind of a collection of records. */
export function kindOf({ kind, collection }: View): RecordKind {
  if (!kind) throw new Error(`${collection} are no records`);
  return kind;
}

/** The view's own id of a stored record. */
export function shownId(view: View, id: RecordId): RecordId {
  return view.role ? legacyIdOf(view.role, id) : id;
}

/** The stored id of a record, from the view's own. */
export function storedId(view: View, id: RecordId): RecordId {
  return view.role ? userIdOfLegacy(view.role, id) : id;
}

export function uriOf(view: View, shown: string): string {
  return `/${view.version}/${view.collection}/${shown}`;
}
