import { Problem } from '@hallpass/service-kit';
import { invalid, single } from '../reading/page-query.js';
import { queryOf, type RosterCall } from './roster-call.js';

/** How many records an included list may have. */
export const INCLUDED_MAX = 10_000;

/** What `include` asks for, each once; only what the record leads to can be included. */
export function includedNames(call: RosterCall, known: readonly string[]): string[] {
  if (known.length === 0) return [];
  const text = single(queryOf(call), 'include') ?? '';
  const names = [...new Set(text.split(',').map((name) => name.trim()))].filter(Boolean);
  if (names.some((name) => !known.includes(name)))
    throw invalid('include', `\`include\` takes ${known.join(', ')}, with commas between.`);
  return names;
}

export function tooManyIncluded(name: string): Problem {
  return new Problem('query-too-broad', {
    detail: `More than ${INCLUDED_MAX} ${name} would be included. Follow the record’s own link to them.`,
  });
}
