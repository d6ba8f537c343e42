import { describe, expect, it } from '@jest/globals';
import { csvOf } from '../src/csv.js';

describe('a sheet', () => {
  const of = (value: unknown) => csvOf({ v: (row: unknown) => row }, [value]).split('\r\n')[1];

  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@sum', "'@sum"],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    [7, '7'],
    [0.5, '0.5'],
    [null, ''],
    [true, 'true'],
    [new Date('2026-01-01T00:00:00Z'), '2026-01-01T00:00:00.000Z'],
  ])('%j is written as %s', (value, text) => {
    expect(of(value)).toBe(text);
  });

  it('has its headings also when it has nothing else', () => {
    expect(csvOf({ a: () => 1, b: () => 2 }, [])).toBe('a,b\r\n');
  });
});
