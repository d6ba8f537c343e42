import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { ALL_VERSIONS } from './all-versions.js';
import { controllersOf } from './controllers.js';
import type { Shape } from './shape.js';
import { VERSIONS } from './view.js';

const NEWER =
  /^(preferred_name|frl_status|iep_status|home_language|home_language_code|gifted_status|section_504_status|disability|lms_status|lms_state|lms_type|last_attendance_sync)$/;

function* fieldsOf(shape: Shape): Generator<[string, Shape]> {
  if (shape.type === 'list') yield* fieldsOf(shape.of);
  if (shape.type === 'either') for (const each of shape.of) yield* fieldsOf(each);
  if (shape.type !== 'object') return;
  for (const [name, field] of Object.entries(shape.fields)) {
    yield [name, field];
    yield* fieldsOf(field);
  }
}

const shapesOf = (version: string): Shape[] =>
  (ALL_VERSIONS.find((each) => each.version === version)?.routes ?? []).flatMap(({ form }) =>
    'shape' in form ? [form.shape] : [],
  );
const namesOf = (version: string) =>
  new Set(shapesOf(version).flatMap((shape) => [...fieldsOf(shape)].map(([name]) => name)));
const valuesOf = (version: string, field: string) =>
  shapesOf(version)
    .flatMap((shape) => [...fieldsOf(shape)])
    .flatMap(([name, each]) => (name === field && each.type === 'text' ? [each.values ?? []] : []));

describe('the tables', () => {
  it('are of all the versions, oldest first', () => {
    expect(ALL_VERSIONS.map(({ version }) => version)).toEqual([...VERSIONS]);
  });

  it.each(ALL_VERSIONS.map((table) => [table.version, table] as const))(
    '%s has no route twice',
    (_, { routes }) => {
      const keys = routes.map(({ method, path }) => `${method} ${path}`);
      expect(keys).toEqual([...new Set(keys)]);
    },
  );

  it.each(ALL_VERSIONS.map((table) => [table.version, table] as const))(
    '%s makes a method of its own of each route',
    (_, table) => {
      const methods = controllersOf(table).flatMap((each) =>
        Object.getOwnPropertyNames(each.prototype).filter((name) => name !== 'constructor'),
      );
      expect(methods).toHaveLength(table.routes.length);
    },
  );
});

describe('what came later', () => {
  it.each(VERSIONS.filter((version) => version !== 'v3.1'))('%s has no field of v3.1', (version) => {
    expect([...namesOf(version)].filter((name) => NEWER.test(name))).toEqual([]);
  });

  it.each(['v1.1', 'v1.2', 'v2.0'])(
    '%s has neither later grades nor genders, nor fields of v2.1',
    (version) => {
      expect(valuesOf(version, 'grade').flat()).not.toContain('InfantToddler');
      expect(valuesOf(version, 'gender').flat()).not.toContain('X');
      for (const name of ['ext', 'enrollments', 'login_methods'])
        expect(namesOf(version)).not.toContain(name);
    },
  );

  it.each(['v2.1', 'v3.0', 'v3.1'])('%s has both', (version) => {
    expect(valuesOf(version, 'grade').flat()).toContain('InfantToddler');
    expect(valuesOf(version, 'gender').flat()).toContain('X');
  });

  it('v1.1 knows one school of a person', () => {
    expect(valuesOf('v1.2', 'graduation_year')).not.toEqual([]);
    expect(valuesOf('v1.1', 'graduation_year')).toEqual([]);
  });
});
