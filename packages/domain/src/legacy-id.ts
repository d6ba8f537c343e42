import type { RecordId } from './id.js';
import type { UserRole } from './record.js';

/** What a role does to the id of its user: an exclusive or with one hex digit. A student's legacy id is the user's own. */
const MARKS: Readonly<Record<UserRole, number>> = {
  student: 0,
  teacher: 1,
  staff: 2,
  contact: 3,
  district_admin: 4,
};

/** Late enough that lists keep their order, and before the counter in which ids carried from elsewhere often end. */
const MARKED_DIGIT = 17;

/**
 * The id that a person's role has in API v1 and v2, where students, teachers, staff and contacts are records of their own. It
 * follows from the user's id and leads back to it, so that no version needs a table of ids: a list of teachers pages by the
 * users' index, and a section's teachers are renamed as they are read.
 */
export function legacyIdOf(role: UserRole, userId: RecordId): RecordId {
  const digit = Number.parseInt(userId.charAt(MARKED_DIGIT), 16) ^ MARKS[role];
  return (userId.slice(0, MARKED_DIGIT) + digit.toString(16) + userId.slice(MARKED_DIGIT + 1)) as RecordId;
}

/** The user whose role has this legacy id. */
export const userIdOfLegacy = legacyIdOf;
