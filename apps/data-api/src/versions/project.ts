import type { ListShape, ObjectShape, Shape, TextShape } from './shape.js';

type Projector = (value: unknown) => unknown;
type Properties = Record<string, unknown>;

/** Compiles a shape to what copies a document's known fields, in the shape's order; what is empty is absent. */
export function projectorOf(shape: ObjectShape): (document: object) => Properties {
  const fields = compileFields(shape);
  return (document) => copy(document as Properties, fields);
}

interface FieldProjector {
  name: string;
  project: Projector;
}

function compileFields({ fields }: ObjectShape): FieldProjector[] {
  return Object.entries(fields).map(([name, shape]) => ({ name, project: compile(shape) }));
}

function copy(source: Properties, fields: readonly FieldProjector[]): Properties {
  const target: Properties = {};
  for (const { name, project } of fields) {
    const value = source[name];
    if (value === undefined) continue;
    const shown = project(value);
    if (shown !== undefined) target[name] = shown;
  }
  return target;
}

function compile(shape: Shape): Projector {
  switch (shape.type) {
    case 'text':
      return compileText(shape);
    case 'flag':
      return (value) => (typeof value === 'boolean' ? value : undefined);
    case 'open':
      return (value) => (isObject(value) ? value : undefined);
    case 'list':
      return compileList(shape);
    case 'either':
      throw new Error('what is included is not projected');
    case 'object': {
      const fields = compileFields(shape);
      return (value) => {
        if (!isObject(value)) return undefined;
        const shown = copy(value, fields);
        return Object.keys(shown).length > 0 ? shown : undefined;
      };
    }
  }
}

function compileText({ values, renamed }: TextShape): Projector {
  if (!values) return (value) => (typeof value === 'string' ? value : undefined);
  const shown = new Map(values.map((value) => [value, value]));
  for (const [value, name] of Object.entries(renamed ?? {})) shown.set(value, name);
  return (value) => shown.get(value as string);
}

function compileList({ of }: ListShape): Projector {
  // Lists of ids are long, and their texts need no look.
  if (of.type === 'text' && !of.values) return (value) => (Array.isArray(value) ? value : undefined);
  const project = compile(of);
  return (value) =>
    Array.isArray(value) ? value.map(project).filter((each) => each !== undefined) : undefined;
}

function isObject(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
