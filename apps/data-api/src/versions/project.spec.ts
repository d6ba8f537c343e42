import { describe, expect, it } from '@jest/globals';
import { projectorOf } from './project.js';
import { flag, id, list, object, oneOf, open, text, without, withFields } from './shape.js';

const pet = object('Pet', {
  age: oneOf(['young', 'old'], { ancient: 'old' }),
  ext: open,
  friends: list(oneOf(['cat', 'dog'])),
  home: object('Home', { city: text, street: text }),
  ids: list(id),
  isTame: flag,
  name: text,
});
const project = projectorOf(pet);

describe('projectorOf', () => {
  it('copies what the shape names, in its order, and nothing else', () => {
    const shown = project({ secret: 'x', name: 'Rex', isTame: true, home: { city: 'Rome', cellar: 'x' } });
    expect(JSON.stringify(shown)).toBe('{"home":{"city":"Rome"},"isTame":true,"name":"Rex"}');
  });

  it('leaves out values that the version does not know, and gives renamed ones their earlier name', () => {
    expect(project({ age: 'ancient', friends: ['cat', 'ox', 'dog'] })).toEqual({
      age: 'old',
      friends: ['cat', 'dog'],
    });
    expect(project({ age: 'unborn' })).toEqual({});
  });

  it('shows nothing of another type, and no object that would be empty', () => {
    expect(project({ name: 5, isTame: 'yes', home: [], ids: 'x', ext: 'x' })).toEqual({});
    expect(project({ home: { cellar: 'x' }, name: null })).toEqual({});
  });

  it('shows open objects as they are, and lists of ids that are empty', () => {
    const ext = { any: { thing: [1, null] } };
    expect(project({ ext, ids: [] })).toEqual({ ext, ids: [] });
  });

  it('takes no value for another’s prototype', () => {
    expect(project(JSON.parse('{"__proto__":{"name":"Rex"},"age":"constructor"}') as object)).toEqual({});
  });
});

describe('a shape of another version', () => {
  it('lacks fields or has further ones, without a change to the first', () => {
    expect(Object.keys(without(pet, 'age', 'ext').fields)).toEqual([
      'friends',
      'home',
      'ids',
      'isTame',
      'name',
    ]);
    expect(Object.keys(withFields(pet, { hue: text }).fields)).toContain('hue');
    expect(Object.keys(pet.fields)).toHaveLength(7);
  });
});
