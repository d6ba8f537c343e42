import type { SourceId, UserRole } from '@hallpass/domain';
import type { PreviousRecords } from '../roster-reading.js';
import type { RecordIds } from '../tables/record-ids.js';

/**
 * A user's source id. Student 100 and teacher 100 are two people to Clever, whose files number each on their own, so the
 * file is part of it.
 */
export function userId(role: UserRole, id: string): SourceId {
  return `${role}:${id}`;
}

/** The source id of what has none of its own and is known by several words; different words, different ids. */
export function joinedId(words: readonly string[]): SourceId {
  return words.map((word) => word.replaceAll('%', '%25').replaceAll('/', '%2F')).join('/');
}

/** The words of a joined id. */
export function wordsOf(id: SourceId): string[] {
  return id.split('/').map((word) => word.replaceAll('%2F', '/').replaceAll('%25', '%'));
}

/** Keeps those users of one file whose rows cannot be read and whom the district has. */
export async function settleUsers(ids: RecordIds, role: UserRole, previous: PreviousRecords): Promise<void> {
  await ids.settle(async (unsettled) => {
    const own = new Map(unsettled.map((id) => [userId(role, id), id]));
    const known = await previous('user', [...own.keys()]);
    return new Set(Array.from(known, (id) => own.get(id)!));
  });
}
