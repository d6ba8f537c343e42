import { describe, expect, it } from '@jest/globals';
import { DomainError } from './domain-error.js';
import type { DistrictId, RecordId } from './id.js';
import type { SectionDocument, UserDocument } from './record.js';
import {
  CHOSEN_KINDS,
  attributesOf,
  canonicalSelection,
  chooserOf,
  parseSelection,
  type Condition,
  type Selection,
} from './selection.js';

const id = (letter: string) => letter.repeat(24) as RecordId;
const district = id('d') as unknown as DistrictId;
const section: SectionDocument = {
  id: id('a'),
  district,
  name: 'Algebra I',
  grade: '9',
  subject: 'math',
  school: id('b'),
  course: id('c'),
};
const pupil: UserDocument = {
  id: id('e'),
  district,
  roles: { student: { grade: '5', schools: [id('b'), id('f')] }, staff: { title: 'Aide', schools: [] } },
};

const isChosen = (kind: 'section' | 'student' | 'staff', ...conditions: Condition[]) => {
  const chooser = chooserOf({ type: 'rules', rules: [{ kind, conditions }] });
  return kind === 'section'
    ? chooser.isSectionChosen(section, { name: 'Algebra', number: 'M9' })
    : chooser.isPersonChosen(kind, pupil);
};

describe('a condition', () => {
  it.each([
    ['section', 'subject', 'is', ['math'], true],
    ['section', 'subject', 'is', ['MATH'], true],
    ['section', 'subject', 'is', ['mat'], false],
    ['section', 'name', 'contains', ['gebra'], true],
    ['section', 'name', 'contains', ['geometry'], false],
    ['section', 'grade', 'in', ['8', '9'], true],
    ['section', 'grade', 'in', ['7', '8'], false],
    ['section', 'grade', 'is-not', ['9'], false],
    ['section', 'grade', 'is-not', ['8'], true],
    ['section', 'period', 'is-not', ['8'], true],
    ['section', 'period', 'is', ['8'], false],
    ['section', 'course', 'is', ['m9'], true],
    ['section', 'course', 'contains', ['alg'], true],
    ['student', 'school', 'is', [id('f')], true],
    ['student', 'school', 'is-not', [id('f')], false],
    ['student', 'grade', 'is', ['5'], true],
    ['staff', 'title', 'is', ['aide'], true],
    ['staff', 'department', 'contains', ['x'], false],
  ] as const)('of a %s: %s %s %j is %s', (kind, attribute, operator, values, expected) => {
    expect(isChosen(kind, { attribute, operator, values })).toBe(expected);
  });

  it('holds beside every other one of its rule, and any rule is enough', () => {
    const math: Condition = { attribute: 'subject', operator: 'is', values: ['math'] };
    const tenth: Condition = { attribute: 'grade', operator: 'is', values: ['10'] };
    expect(isChosen('section', math, tenth)).toBe(false);
    const rules = [tenth, math].map((each) => ({ kind: 'section' as const, conditions: [each] }));
    expect(chooserOf({ type: 'rules', rules }).isSectionChosen(section, undefined)).toBe(true);
  });
});

describe('parseSelection', () => {
  const rule = { kind: 'student', conditions: [{ attribute: 'grade', operator: 'is', values: ['5'] }] };

  it.each([
    { type: 'everything' },
    { type: 'schools', schoolIds: [id('a')] },
    { type: 'sections', sectionIds: [id('a'), id('b')] },
    { type: 'rules', rules: [rule] },
  ] as Selection[])('takes %j as it is', (selection) => {
    expect(parseSelection(selection)).toEqual(selection);
  });

  it('knows every attribute of every kind', () => {
    for (const kind of CHOSEN_KINDS)
      for (const attribute of attributesOf(kind)) {
        const conditions = [{ attribute, operator: 'in', values: ['x', 'y'] }];
        expect(() => parseSelection({ type: 'rules', rules: [{ kind, conditions }] })).not.toThrow();
      }
  });

  it.each([
    [undefined, 'type'],
    [{ type: 'nothing' }, 'type'],
    [{ type: 'schools', schoolIds: [] }, 'schoolIds'],
    [{ type: 'schools', schoolIds: ['x'] }, 'schoolIds.0'],
    [{ type: 'sections', sectionIds: 'x' }, 'sectionIds'],
    [{ type: 'rules', rules: [] }, 'rules'],
    [{ type: 'rules', rules: [{ ...rule, kind: 'contact' }] }, 'rules.0.kind'],
    [{ type: 'rules', rules: [{ kind: 'student', conditions: [] }] }, 'rules.0.conditions'],
    [withCondition({ attribute: 'shoe' }), 'rules.0.conditions.0.attribute'],
    [withCondition({ operator: 'matches' }), 'rules.0.conditions.0.operator'],
    [withCondition({ values: [] }), 'rules.0.conditions.0.values'],
    [withCondition({ values: ['5', '6'] }), 'rules.0.conditions.0.values'],
    [withCondition({ values: [5] }), 'rules.0.conditions.0.values'],
    [withCondition({ values: ['x'.repeat(201)] }), 'rules.0.conditions.0.values'],
  ])('refuses %j, naming %s', (value, field) => {
    const faultsOf = () => {
      try {
        parseSelection(value);
      } catch (error) {
        return error instanceof DomainError ? error.faults.map((fault) => fault.field) : [];
      }
      return [];
    };
    expect(faultsOf()).toContain(field);
  });

  function withCondition(change: object) {
    return { type: 'rules', rules: [{ ...rule, conditions: [{ ...rule.conditions[0], ...change }] }] };
  }
});

describe('canonicalSelection', () => {
  const conditions: Condition[] = [
    { attribute: 'grade', operator: 'in', values: ['5', '6'] },
    { attribute: 'gender', operator: 'is', values: ['x'] },
  ];
  const rules = (of: Condition[]): Selection => ({
    type: 'rules',
    rules: [{ kind: 'student', conditions: of }],
  });

  it('is equal whatever the order, and the case of values', () => {
    const turned = [
      { attribute: 'gender', operator: 'is' as const, values: ['X'] },
      { attribute: 'grade', operator: 'in' as const, values: ['6', '5', '5'] },
    ];
    expect(canonicalSelection(rules(turned))).toEqual(canonicalSelection(rules(conditions)));
    expect(canonicalSelection(rules(conditions.slice(1)))).not.toEqual(canonicalSelection(rules(conditions)));
  });
});
