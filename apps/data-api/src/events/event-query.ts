import { isId, type RecordId } from '@hallpass/domain';
import { invalid, parsePageQuery, single, type PageQuery, type RawQuery } from '../reading/page-query.js';

/** What event lists understand besides their paging. */
export const EVENT_PARAMETERS = ['record_type', 'school', 'created_since'] as const;
export type EventParameter = (typeof EVENT_PARAMETERS)[number];

/** What an event list is asked for besides its paging. */
export interface EventQuery extends PageQuery {
  /** Of these types alone (`users`, `sections`); undefined of all. */
  recordTypes: ReadonlySet<string> | undefined;
  /** Of what belongs to this school alone. */
  school: RecordId | undefined;
  createdSince: Date | undefined;
}

/** Reads the query of an event list, whose version tells events of so many types. */
export function parseEventQuery(query: RawQuery, types: readonly string[]): EventQuery {
  return {
    ...parsePageQuery(query, []),
    recordTypes: parseTypes([query['record_type'], query['record_type[]']].flat(), types),
    school: parseSchool(single(query, 'school')),
    createdSince: parseInstant(single(query, 'created_since')),
  };
}

function parseTypes(given: readonly (string | undefined)[], types: readonly string[]) {
  const wanted = given.flatMap((text) => (text ? text.split(',') : []));
  if (wanted.length === 0) return undefined;
  const unknown = wanted.filter((each) => !types.includes(each));
  if (unknown.length > 0) throw invalid('record_type', `\`record_type\` is one of ${types.join(', ')}.`);
  return new Set(wanted);
}

function parseSchool(text: string | undefined): RecordId | undefined {
  if (text === undefined) return undefined;
  if (!isId(text)) throw invalid('school', '`school` is a school’s id, 24 hex characters.');
  return text as RecordId;
}

function parseInstant(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const instant = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : undefined;
  if (!instant || Number.isNaN(instant.getTime()))
    throw invalid(
      'created_since',
      'Could not parse created_since: it has to be a valid W3C datetime, as 2026-08-15T00:00:00Z.',
    );
  return instant;
}
