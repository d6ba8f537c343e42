import type { RecordId } from './id.js';
import {
  RECORD_KINDS,
  type DocumentOf,
  type RecordKind,
  type UserDocument,
  type UserRole,
} from './record.js';

/** What a preview counts: people by what they are, for a district thinks of pupils and teachers, not of users. */
export const PREVIEW_KINDS = [
  'school',
  'term',
  'course',
  'section',
  'resource',
  'student',
  'teacher',
  'staff',
  'contact',
  'district_admin',
] as const;
export type PreviewKind = (typeof PREVIEW_KINDS)[number];

const USER_KINDS: ReadonlySet<PreviewKind> = new Set<PreviewKind & UserRole>([
  'student',
  'teacher',
  'staff',
  'contact',
  'district_admin',
]);

/** What may be listed of a roster's changes: a kind of record, or the people of a role. */
export const LISTED_KINDS = [...new Set<RecordKind | PreviewKind>([...RECORD_KINDS, ...PREVIEW_KINDS])];
export type ListedKind = RecordKind | PreviewKind;

/** The kind of record that holds what is counted. */
export function recordKindOf(kind: ListedKind): RecordKind {
  return USER_KINDS.has(kind as PreviewKind) ? 'user' : (kind as RecordKind);
}

/** As what a document is counted: itself, or each role of a person. */
export function previewKindsOf<K extends RecordKind>(kind: K, document: DocumentOf[K]): PreviewKind[] {
  if (kind !== 'user') return [kind];
  return Object.keys((document as UserDocument).roles) as (PreviewKind & UserRole)[];
}

/** What people call a record: a name, or what it has in the place of one. */
export function titleOf<K extends RecordKind>(kind: K, document: DocumentOf[K]): string {
  if (kind === 'user') {
    const { name, email, id } = document as UserDocument;
    const spoken = [name?.last, name?.first].filter(Boolean).join(', ');
    return spoken || email || id;
  }
  const { id, ...rest } = document as { id: RecordId; name?: string; title?: string; number?: string };
  return rest.name ?? rest.title ?? rest.number ?? id;
}

/** More of a name is not searched, nor sorted by. */
const SEARCHED_LENGTH = 200;

/** A record's name as it is searched and sorted by: in small letters, on one line. */
export function searchedTitle(title: string): string {
  return title
    .replace(/\p{Cc}+/gu, ' ')
    .toLowerCase()
    .slice(0, SEARCHED_LENGTH);
}
