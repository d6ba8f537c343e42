import { describe, expect, it } from '@jest/globals';
import { progressLine } from './pulling.js';

describe('progressLine', () => {
  it.each([
    [0, 2000, '░░░░░░░░░░ 0 %  0 of 2,000'],
    [500, 2000, '███░░░░░░░ 25 %  500 of 2,000'],
    [1999, 2000, '██████████ 99 %  1,999 of 2,000'],
    [2000, 2000, '██████████ 100 %  2,000 of 2,000'],
    [2100, 2000, '██████████ 100 %  2,100 of 2,000'],
    [2100, undefined, '2,100 records'],
    [0, 0, '0 records'],
  ])('shows %i of %s', (records, total, line) => {
    expect(progressLine(records, total, 10)).toBe(line);
  });
});
