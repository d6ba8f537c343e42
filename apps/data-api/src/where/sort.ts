import { invalid } from '../reading/page-query.js';
import type { ObjectShape, Shape } from '../versions/shape.js';

type Document = Readonly<Record<string, unknown>>;

/** An order of a version's own documents, as they are shown: what is not shown is as if absent, and cannot be found out. */
export type Order = (a: Document, b: Document) => number;

/**
 * Reads `sort`: a field, or `-` and a field for the other way. Undefined where the order of ids is asked for, in which lists are
 * given anyway. Throws a problem that names the fields there are to sort by.
 */
export function parseSort(text: string | undefined, shape: ObjectShape): Order | undefined {
  const name = text?.trim() ?? '';
  if (name === '' || name === 'id' || name === '_id') return undefined;
  const isDescending = name.startsWith('-');
  const field = isDescending ? name.slice(1) : name;
  const path = field === '_id' ? 'id' : field;
  const known = sortableFields(shape);
  if (!known.includes(path))
    throw invalid('sort', `\`sort\` is one of ${known.join(', ')}; with \`-\` before it the other way.`);
  const parts = path.split('.');
  const sign = isDescending ? -1 : 1;
  return (a, b) => sign * compare(valueAt(a, parts), valueAt(b, parts));
}

/** The paths of a shape whose values are texts or truths. */
function sortableFields({ fields }: ObjectShape, prefix = ''): string[] {
  return Object.entries(fields).flatMap(([name, shape]: [string, Shape]) => {
    if (shape.type === 'object') return sortableFields(shape, `${prefix}${name}.`);
    return shape.type === 'text' || shape.type === 'flag' ? [`${prefix}${name}`] : [];
  });
}

function valueAt(document: Document, path: readonly string[]): string | boolean | undefined {
  let value: unknown = document;
  for (const part of path) value = (value as Document | undefined)?.[part];
  return value as string | boolean | undefined;
}

/** As in Mongo, what is absent comes before all else. */
function compare(a: string | boolean | undefined, b: string | boolean | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  return a < b ? -1 : 1;
}
