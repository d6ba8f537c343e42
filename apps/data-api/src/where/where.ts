import { invalid } from '../reading/page-query.js';
import type { ObjectShape, Shape } from '../versions/shape.js';
import { parseComparison, type Comparison } from './comparison.js';

/** How many comparisons one condition may make of a record. */
export const CONDITIONS_MAX = 20;

/** A condition on a version's own documents, as they are shown: what is not shown is as if absent, and cannot be found out. */
export interface Where {
  /** The ids that the record must be among, where the condition says so. */
  ids: readonly string[] | undefined;
  matches(document: Readonly<Record<string, unknown>>): boolean;
}

interface Condition {
  path: readonly string[];
  comparisons: readonly Comparison[];
}

/**
 * Reads `where`: JSON in the manner of Mongo, `{"grade":"3","name.last":{"$regex":"^Mc"}}`. Undefined when it asks for nothing.
 * Throws a problem that names the field which the version does not know, or whose value cannot be compared.
 */
export function parseWhere(text: string | undefined, shape: ObjectShape): Where | undefined {
  if (text === undefined) return undefined;
  const conditions = Object.entries(parseObject(text)).map(([name, value]): Condition => {
    const path = name === '_id' ? ['id'] : name.split('.');
    return { path, comparisons: parseComparison(name, value, shapeAt(shape, path, name)) };
  });
  const total = conditions.reduce((sum, { comparisons }) => sum + comparisons.length, 0);
  if (total > CONDITIONS_MAX) throw invalid('where', `\`where\` has at most ${CONDITIONS_MAX} conditions.`);
  if (total === 0) return undefined;
  return {
    ids: idsOf(conditions),
    matches: (document) =>
      conditions.every(({ path, comparisons }) => {
        const value = valueAt(document, path);
        return comparisons.every((comparison) => comparison.holds(value));
      }),
  };
}

function parseObject(text: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  throw invalid('where', '`where` is a JSON object, URL-encoded: the fields, each with its value.');
}

function shapeAt(shape: ObjectShape, path: readonly string[], name: string): Shape {
  let at: Shape | undefined = shape;
  for (const part of path)
    at = at?.type === 'object' && Object.hasOwn(at.fields, part) ? at.fields[part] : undefined;
  if (!at) throw invalid('where', `\`${name.slice(0, 60)}\` is no field of this list in this version.`);
  return at;
}

function valueAt(document: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let value: unknown = document;
  for (const part of path) value = (value as Record<string, unknown> | undefined)?.[part];
  return value;
}

/** The shortest list of ids that some condition on the id demands. */
function idsOf(conditions: readonly Condition[]): readonly string[] | undefined {
  const lists = conditions
    .filter(({ path }) => path.length === 1 && path[0] === 'id')
    .flatMap(({ comparisons }) => comparisons.flatMap(({ among }) => (among ? [among] : [])));
  return lists.sort((a, b) => a.length - b.length)[0];
}
