import { describe, expect, it } from '@jest/globals';
import {
  changesAnything,
  heldKinds,
  noChanges,
  supersedesHeld,
  ProblemList,
  PROBLEMS_LISTED_MAX,
  type ImportProblem,
} from './import-report.js';

const problem = (change: Partial<ImportProblem> = {}): ImportProblem => ({
  class: 'repaired',
  code: 'grade-repaired',
  file: 'users.csv',
  message: 'm',
  mend: 'm',
  ...change,
});

describe('heldKinds', () => {
  it.each([
    ['10 of 11: not more than 10 records', 10, 1, false],
    ['11 of 11', 11, 0, true],
    ['11 of 110: exactly 10 %', 11, 99, false],
    ['11 of 109: a little more', 11, 98, true],
    ['12 of 110', 12, 98, true],
    ['100 of 1000: exactly 10 %', 100, 900, false],
    ['101 of 1000', 101, 899, true],
    ['none of none', 0, 0, false],
  ])('%s', (_, deleted, unchanged, isHeld) => {
    const changes = noChanges();
    changes.user = { created: 0, updated: 0, deleted, unchanged };
    expect(heldKinds(changes)).toEqual(isHeld ? ['user'] : []);
  });

  it('measures against what was there before: updated counts, created does not', () => {
    const changes = noChanges();
    changes.user = { created: 1000, updated: 0, deleted: 11, unchanged: 98 };
    changes.section = { created: 0, updated: 1000, deleted: 11, unchanged: 0 };
    expect(heldKinds(changes)).toEqual(['user']);
  });

  it('names every kind that loses too much', () => {
    const changes = noChanges();
    changes.school = { created: 0, updated: 0, deleted: 11, unchanged: 0 };
    changes.course = { created: 0, updated: 0, deleted: 11, unchanged: 0 };
    expect(heldKinds(changes)).toEqual(['school', 'course']);
  });
});

describe('changesAnything', () => {
  it.each(['created', 'updated', 'deleted'] as const)('is true of one record %s', (what) => {
    const changes = noChanges();
    changes.term[what] = 1;
    expect(changesAnything(changes)).toBe(true);
  });

  it('is false when all is unchanged', () => {
    const changes = noChanges();
    changes.term.unchanged = 1000;
    expect(changesAnything(changes)).toBe(false);
  });
});

describe('ProblemList', () => {
  it('lists so many of one code in one file, and counts all of them', () => {
    const list = new ProblemList();
    for (let line = 1; line <= PROBLEMS_LISTED_MAX + 5; line += 1) list.add(problem({ line }));
    list.add(problem({ file: 'orgs.csv' }));
    expect(list.listed.length).toBe(PROBLEMS_LISTED_MAX + 1);
    expect(list.listed.at(-1)?.file).toBe('orgs.csv');
    expect(list.counts).toEqual([
      { class: 'repaired', code: 'grade-repaired', file: 'users.csv', count: PROBLEMS_LISTED_MAX + 5 },
      { class: 'repaired', code: 'grade-repaired', file: 'orgs.csv', count: 1 },
    ]);
  });

  it('is refused as soon as one problem refuses', () => {
    const list = new ProblemList();
    list.add(problem());
    list.add(problem({ class: 'skipped' }));
    expect(list.isRefused).toBe(false);
    const { file: _, ...whole } = problem({ class: 'refused', code: 'file-missing' });
    list.add(whole);
    expect(list.isRefused).toBe(true);
    expect(list.counts.at(-1)).toEqual({ class: 'refused', code: 'file-missing', count: 1 });
  });
});

describe('supersedesHeld', () => {
  it.each([
    ['running', false],
    ['held', true],
    ['published', true],
    ['unchanged', true],
    ['refused', false],
    ['failed', false],
    ['discarded', false],
  ] as const)('%s: %s', (status, expected) => {
    expect(supersedesHeld(status)).toBe(expected);
  });
});
