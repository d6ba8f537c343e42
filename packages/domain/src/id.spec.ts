import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isId, newId, parseId, recordIdOf } from './id.js';

describe('isId', () => {
  it.each([
    ['24 lower-case hex characters', '0123456789abcdef01234567', true],
    ['upper case', '0123456789ABCDEF01234567', false],
    ['23 characters', '0123456789abcdef0123456', false],
    ['25 characters', '0123456789abcdef012345678', false],
    ['a letter beyond f', '0123456789abcdef0123456g', false],
    ['a line end', '0123456789abcdef01234567\n', false],
    ['nothing', '', false],
  ])('%s', (_, text, expected) => {
    expect(isId(text)).toBe(expected);
  });

  it('is true of every fresh id, and no two are equal', () => {
    const fresh = Array.from({ length: 1000 }, () => newId());
    expect(fresh.every(isId)).toBe(true);
    expect(new Set(fresh).size).toBe(1000);
  });
});

describe('parseId', () => {
  it('folds upper case', () => {
    expect(parseId('0123456789ABCDEF01234567')).toBe('0123456789abcdef01234567');
  });

  it('never throws and never returns what is not an id', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseId(text);
        return parsed === undefined || isId(parsed);
      }),
    );
  });
});

describe('recordIdOf', () => {
  const key = Buffer.alloc(32, 1);

  it('gives the same id for the same district, kind and source id', () => {
    expect(recordIdOf(key, 'user', '42')).toBe(recordIdOf(key, 'user', '42'));
  });

  it('gives another id for another district, kind or source id', () => {
    const all = [
      recordIdOf(key, 'user', '42'),
      recordIdOf(Buffer.alloc(32, 2), 'user', '42'),
      recordIdOf(key, 'school', '42'),
      recordIdOf(key, 'user', '43'),
    ];
    expect(new Set(all).size).toBe(4);
  });

  it('is an id whatever the source id', () => {
    fc.assert(fc.property(fc.string(), (sourceId) => isId(recordIdOf(key, 'user', sourceId))));
  });
});
