import { invalid } from '../reading/page-query.js';
import { projectorOf } from './project.js';
import type { Properties } from './renderer.js';
import type { ObjectShape, Shape } from './shape.js';

/** Shows of a document what was asked for. */
export type Selector = (document: object) => Properties;

const FIELDS_MAX = 100;
/** What every record shows, asked for or not. */
const ALWAYS = ['id', 'district'];

/** Reads `fields`: paths of what the version shows, with commas between. What the grant hides is absent, as it ever is. */
export function parseFields(text: string | undefined, shape: ObjectShape): Selector | undefined {
  if (text === undefined) return undefined;
  const paths = text.split(',').map((path) => path.trim());
  if (paths.length > FIELDS_MAX) throw invalid('fields', `\`fields\` names at most ${FIELDS_MAX} fields.`);
  const unknown = paths.filter((path) => !isIn(shape, path.split('.')));
  if (unknown.length > 0)
    throw invalid(
      'fields',
      `No ${shape.name} has the field ${unknown.join(', ')}. Fields are paths, as name.last.`,
    );
  const kept = [...ALWAYS.filter((name) => shape.fields[name]), ...paths].map((path) => path.split('.'));
  return projectorOf(only(shape, kept));
}

function isIn(shape: Shape, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true;
  const field = shape.type === 'object' ? shape.fields[name] : undefined;
  return field !== undefined && isIn(field, rest);
}

/** The shape with the fields at and below the paths. */
function only(shape: ObjectShape, paths: readonly (readonly string[])[]): ObjectShape {
  const fields = Object.entries(shape.fields).flatMap(([name, field]): [string, Shape][] => {
    const below = paths.filter(([head]) => head === name).map(([, ...rest]) => rest);
    if (below.length === 0) return [];
    const isWhole = field.type !== 'object' || below.some((rest) => rest.length === 0);
    return [[name, isWhole ? field : only(field, below)]];
  });
  return { ...shape, fields: Object.fromEntries(fields), required: [] };
}
