import { describe, expect, it } from '@jest/globals';
import { explainSharing, type ExplainFacts } from './explain.js';
import { allFields, resolveField } from './field.js';
import type { RecordId } from './id.js';
import { approvedRule } from './sharing-rule.js';

const schools = { type: 'schools' as const, schoolIds: ['a'.repeat(24) as RecordId] };
const hiding = (...hidden: string[]) => approvedRule(allFields(), schools, hidden.flatMap(resolveField));
const pupil: ExplainFacts = { kind: 'user', state: 'present', roles: ['student'], isShown: false };

describe('explainSharing', () => {
  it.each([
    ['shared', hiding(), { ...pupil, isShown: true }],
    ['not-selected', hiding(), pupil],
    ['role-not-shared', hiding('student'), pupil],
    ['kind-not-shared', hiding('user'), pupil],
    ['deleted', hiding(), { ...pupil, state: 'gone' }],
    ['never-seen', hiding(), { ...pupil, state: 'unknown' }],
  ] as const)('says %s', (verdict, rule, facts) => {
    expect(explainSharing(rule, facts)).toMatchObject({ verdict, because: expect.stringMatching(/\.$/) });
  });

  it('tells which fields of a shared record are shown, and which are not', () => {
    const { fields, hiddenFields } = explainSharing(hiding('student.dob'), { ...pupil, isShown: true });
    expect(hiddenFields).toEqual(['roles.student.dob']);
    expect(fields).toContain('roles.student.grade');
    expect(fields).not.toContain('roles.student.dob');
  });
});
