/**
 * What a version knows of a document, said once: rendering copies what a shape names and nothing else, the OpenAPI files are
 * written from it, and a `where` may ask for no other field.
 */
export type Shape = TextShape | FlagShape | ListShape | ObjectShape | OpenShape | EitherShape;

export interface TextShape {
  type: 'text';
  /** The values that the version knows; others are left out. */
  values?: readonly string[];
  /** What a value became that the version has under another name. */
  renamed?: Readonly<Record<string, string>>;
  format?: 'id' | 'date' | 'date-time';
}

export interface FlagShape {
  type: 'flag';
}

export interface ListShape {
  type: 'list';
  of: Shape;
}

export interface ObjectShape {
  type: 'object';
  /** As it is called in the OpenAPI file. */
  name: string;
  fields: Readonly<Record<string, Shape>>;
  required: readonly string[];
}

/** An object that is the district's own affair (`ext`): shown as it is. */
export interface OpenShape {
  type: 'open';
}

/** One of several forms: ids, or whole records that were asked to be included in their place. */
export interface EitherShape {
  type: 'either';
  of: readonly Shape[];
}

export const text: TextShape = { type: 'text' };
export const id: TextShape = { type: 'text', format: 'id' };
export const date: TextShape = { type: 'text', format: 'date' };
export const time: TextShape = { type: 'text', format: 'date-time' };
export const flag: FlagShape = { type: 'flag' };
export const open: OpenShape = { type: 'open' };

export function oneOf(values: readonly string[], renamed: Readonly<Record<string, string>> = {}): TextShape {
  return { type: 'text', values, renamed };
}

export function list(of: Shape): ListShape {
  return { type: 'list', of };
}

export function object(
  name: string,
  fields: Readonly<Record<string, Shape>>,
  required: readonly string[] = [],
): ObjectShape {
  return { type: 'object', name, fields, required };
}

/** The same object without some fields: what an earlier version had not yet. */
export function without(shape: ObjectShape, ...names: readonly string[]): ObjectShape {
  const fields = Object.fromEntries(Object.entries(shape.fields).filter(([name]) => !names.includes(name)));
  return { ...shape, fields, required: shape.required.filter((name) => !names.includes(name)) };
}

/** The same object with some fields added or replaced, in the order of the alphabet as ever. */
export function withFields(shape: ObjectShape, fields: Readonly<Record<string, Shape>>): ObjectShape {
  const all = Object.entries({ ...shape.fields, ...fields });
  return { ...shape, fields: Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
