import { isId, type Id, type RecordId } from './id.js';
import { USER_ROLES, type RecordKind, type UserRole } from './record.js';

export const CHANGE_TYPES = ['created', 'updated', 'deleted'] as const;
export type ChangeType = (typeof CHANGE_TYPES)[number];

/** What became of a record, as somebody who sees a part of it was shown it. */
export type Change<D extends object> =
  | { type: 'created'; object: D }
  | { type: 'updated'; object: D; previousAttributes: Record<string, unknown> }
  | { type: 'deleted'; object: { id: RecordId } };

/** Says when, and is no difference. A resource calls its last change `updated`. */
const TIMES = new Set(['created', 'last_modified', 'updated']);

/**
 * What a record's two appearances say has happened; undefined when they are alike but for their times: what is hidden has
 * changed then, or nothing. Both are as shown, so nothing that is hidden can be told.
 */
export function changeOf<D extends { id?: string }>(
  id: RecordId,
  before: D | undefined,
  after: D | undefined,
): Change<D> | undefined {
  if (!after) return before && { type: 'deleted', object: { id } };
  if (!before) return { type: 'created', object: after };
  const previous = previousAttributes(before, after, true);
  if (Object.keys(previous).length === 0) return undefined;
  return { type: 'updated', object: after, previousAttributes: previous };
}

/** What the fields that differ were before; null for those that were not there. Only objects are looked into. */
function previousAttributes(before: object, after: object, isTop: boolean): Record<string, unknown> {
  const previous: Record<string, unknown> = {};
  const [old, now] = [
    new Map<string, unknown>(Object.entries(before)),
    new Map<string, unknown>(Object.entries(after)),
  ];
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    if (isTop && TIMES.has(key)) continue;
    const [was, is] = [old.get(key), now.get(key)];
    if (isObject(was) && isObject(is)) {
      const inner = previousAttributes(was, is, false);
      if (Object.keys(inner).length > 0) previous[key] = inner;
    } else if (JSON.stringify(was) !== JSON.stringify(is)) previous[key] = was ?? null;
  }
  return previous;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where an event stands among all events of an installation: publications in their order, records in that of their ids' ends. */
export interface EventPlace {
  edition: number;
  /** The last 15 digits of the record's id. */
  tail: string;
}
export type EventId = Id<'event'>;

/** Of an edition and a tail, the last digit of an event's id says which of the record's appearances it is about. */
const CODES: readonly (RecordKind | UserRole)[] = [
  'school',
  'term',
  'course',
  'user',
  'section',
  ...USER_ROLES,
  // What came later follows: an id that was given out keeps its meaning.
  'resource',
];
const EDITION_DIGITS = 8;
const TAIL_DIGITS = 15;

/** An event's id: 24 hex characters as every id, in the order of events, and the place to go on from. */
export function eventId(edition: number, recordId: RecordId, what: RecordKind | UserRole): EventId {
  const head = edition.toString(16).padStart(EDITION_DIGITS, '0');
  return `${head}${tailOf(recordId)}${CODES.indexOf(what).toString(16)}` as EventId;
}

/** After every event of an edition: where a pull of that picture hands over. */
export function lastEventIdOf(edition: number): EventId {
  return `${edition.toString(16).padStart(EDITION_DIGITS, '0')}${'f'.repeat(TAIL_DIGITS + 1)}` as EventId;
}

/** The place that an event's id names; undefined for what is no id. */
export function eventPlace(id: string): EventPlace | undefined {
  if (!isId(id)) return undefined;
  return {
    edition: Number.parseInt(id.slice(0, EDITION_DIGITS), 16),
    tail: id.slice(EDITION_DIGITS, EDITION_DIGITS + TAIL_DIGITS),
  };
}

/** The end of a record's id, by which a publication's events are ordered. */
export function tailOf(recordId: RecordId): string {
  return recordId.slice(-TAIL_DIGITS);
}
