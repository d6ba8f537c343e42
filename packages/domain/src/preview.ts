import type { RecordId } from './id.js';
import type { DocumentOf, RecordKind, UserDocument, UserRole } from './record.js';

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

/** The kind of record that holds what is counted. */
export function recordKindOf(kind: PreviewKind): RecordKind {
  return USER_KINDS.has(kind) ? 'user' : (kind as RecordKind);
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
