import { describe, expect, it } from '@jest/globals';
import { LruMap } from './lru-map.js';
import { PageBook } from './page-book.js';

const MINUTE = 60_000;

describe('PageBook', () => {
  it('remembers where the pages of a pull end, and on which picture', () => {
    const book = new PageBook();
    book.note('pull', { pin: '5', count: 30 }, 1, 'a', 0);
    book.note('pull', { pin: '5', count: 30 }, 2, 'b', MINUTE);
    const pull = book.find('pull', MINUTE);
    expect(pull).toMatchObject({ pin: '5', count: 30 });
    expect([...(pull?.ends ?? [])]).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    expect(book.find('another', MINUTE)).toBeUndefined();
  });

  it('begins anew with a first page, and with another picture', () => {
    const book = new PageBook();
    book.note('pull', { pin: '5', count: 30 }, 1, 'a', 0);
    book.note('pull', { pin: '6', count: 31 }, 2, 'b', 0);
    expect([...(book.find('pull', 0)?.ends ?? [])]).toEqual([[2, 'b']]);
    book.note('pull', { pin: '6', count: 31 }, 1, 'c', 0);
    expect([...(book.find('pull', 0)?.ends ?? [])]).toEqual([[1, 'c']]);
  });

  it('forgets a pull that has rested too long', () => {
    const book = new PageBook();
    book.note('pull', { pin: '5', count: 30 }, 1, 'a', 0);
    expect(book.find('pull', 16 * MINUTE)).toBeUndefined();
  });
});

describe('LruMap', () => {
  it('forgets what was used longest ago', () => {
    const map = new LruMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.get('a')).toBe(1);
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
    map.delete('a');
    expect(map.get('a')).toBeUndefined();
  });
});
