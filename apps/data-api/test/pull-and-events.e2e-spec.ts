import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { approveGrant, narrowGrant } from '@hallpass/database';
import { SYSTEM, smallRoster, student, type TestDistrict } from '@hallpass/database/testing';
import {
  RECORD_KINDS,
  resolveField,
  type EventPlace,
  type GrantId,
  type Selection,
  type SourceRecord,
} from '@hallpass/domain';
import fc from 'fast-check';
import { ChangeReader } from '../src/events/change-reader.js';
import { compileRule } from '../src/reading/compiled-rule.js';
import { TestDataApi, bearer } from './fixtures.js';

let api: TestDataApi;
beforeAll(async () => {
  api = await TestDataApi.start();
});
afterAll(() => api.stop());

// oxlint-disable-next-line typescript/no-explicit-any -- records of every kind
type Records = Map<string, any>;
const LISTS = { school: 'schools', term: 'terms', course: 'courses', user: 'users', section: 'sections' };

/** The records without their times: what is hidden may have moved those of an earlier rule. */
const timeless = (records: Records) =>
  Object.fromEntries(
    [...records]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { created: _c, last_modified: _m, ...rest }]) => [key, rest]),
  );

async function pullAll(token: string, at?: number): Promise<Records> {
  const records: Records = new Map();
  for (const kind of RECORD_KINDS) {
    const { data } = await api.pull(
      `/v3.0/${LISTS[kind]}?limit=3${at === undefined ? '' : `&at=${at}`}`,
      token,
    );
    for (const each of data) records.set(`${kind} ${each.id}`, each);
  }
  return records;
}

type Step =
  | { do: 'import'; gone: readonly string[]; pupils: readonly (readonly [string, 'A' | 'B', string])[] }
  | {
      do: 'share';
      selection: (district: TestDistrict) => Selection;
      hidden: readonly string[];
      shown: readonly string[];
    };

const school = (name: string) => ({
  selection: (district: TestDistrict): Selection => ({
    type: 'schools',
    schoolIds: [district.idOf('school', name)],
  }),
});
const SELECTIONS: { selection: (district: TestDistrict) => Selection }[] = [
  { selection: () => ({ type: 'everything' }) },
  school('A'),
  school('B'),
  { selection: (district) => ({ type: 'sections', sectionIds: [district.idOf('section', 'sec-a')] }) },
  {
    selection: () => ({
      type: 'rules',
      rules: [
        { kind: 'student', conditions: [{ attribute: 'grade', operator: 'is', values: ['8'] }] },
        { kind: 'section', conditions: [{ attribute: 'name', operator: 'contains', values: ['art'] }] },
      ],
    }),
  },
];
const FIELDS = [
  'student.dob',
  'user.email',
  'contact',
  'teacher',
  'course',
  'section.students',
  'school.phone',
];

const importStep: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('import' as const),
  gone: fc.subarray(['a1', 'b1', 'teacher-b', 'parent-a1', 'staff-a', 'sec-b', 'art'], { maxLength: 2 }),
  pupils: fc.array(
    fc.tuple(
      fc.constantFrom('a2', 'b2', 'new-1', 'new-2'),
      fc.constantFrom('A' as const, 'B' as const),
      fc.constantFrom('2010-01-01', '2011-01-01'),
    ),
    { maxLength: 3 },
  ),
});
const shareStep: fc.Arbitrary<Step> = fc
  .tuple(
    fc.constantFrom(...SELECTIONS),
    fc.subarray(FIELDS, { maxLength: 2 }),
    fc.subarray(FIELDS, { maxLength: 2 }),
  )
  .map(([{ selection }, hidden, shown]) => ({ do: 'share', selection, hidden, shown }));
const steps = fc.array(fc.oneof(importStep, shareStep), { minLength: 1, maxLength: 5 });

/** A roster whose references lead to what it has: who is gone is gone from everywhere. */
function rosterOf({
  gone,
  pupils,
}: {
  gone: readonly string[];
  pupils: readonly (readonly [string, 'A' | 'B', string])[];
}) {
  const isLeft = (id: string) => !gone.includes(id);
  const changed = new Map(pupils.map(([id, at, dob]) => [id, student(id, [at], dob)]));
  const records: SourceRecord[] = smallRoster().flatMap((each): SourceRecord[] => {
    if (!isLeft(each.sourceId)) return [];
    if (each.kind === 'section') {
      const { course, ...rest } = each;
      const kept = {
        ...rest,
        teachers: each.teachers.filter(isLeft),
        students: each.students.filter(isLeft),
      };
      return [course !== undefined && isLeft(course) ? { ...kept, course } : kept];
    }
    if (each.kind !== 'user') return [each];
    const pupil = changed.get(each.sourceId);
    changed.delete(each.sourceId);
    const { contact } = each.roles;
    if (!contact) return [pupil ?? each];
    const relationships = contact.relationships.filter((relation) => isLeft(relation.student));
    return [{ ...each, roles: { ...each.roles, contact: { ...contact, relationships } } }];
  });
  return [...records, ...changed.values()];
}

async function take(step: Step, district: TestDistrict, grantId: GrantId): Promise<void> {
  if (step.do === 'import') {
    const outcome = await api.directory.import(district.id, rosterOf(step));
    if (outcome.status === 'held') throw new Error('the roster is too small to be held');
    return;
  }
  const change = {
    selection: step.selection(district),
    hidden: step.hidden.flatMap(resolveField),
    shown: step.shown.filter((each) => !step.hidden.includes(each)).flatMap(resolveField),
  };
  await narrowGrant(api.directory.dataSource, grantId, change, SYSTEM).catch((error: unknown) => {
    // A school or a section may be gone.
    if (!String((error as { code?: string }).code).startsWith('unknown-')) throw error;
  });
  await api.heed();
}

/** The district's seq and the edition, now. */
async function clockOf({ id }: TestDistrict): Promise<[number, number]> {
  const [now] = await api.directory.dataSource.query<{ seq: string; edition: string }[]>(
    'select d.seq, e.edition from districts d, editions e where d.id = $1',
    [id],
  );
  return [Number(now?.seq), Number(now?.edition)];
}

/** Applies what happened after a place, read in pages of a few. */
async function follow(records: Records, district: TestDistrict, grantId: GrantId, from: EventPlace) {
  const [grant] = await api.directory.dataSource.query<{ selection: Selection; fields: object }[]>(
    'select selection, fields from grants where id = $1',
    [grantId],
  );
  const rule = compileRule(grant as never);
  const place = { districtId: district.id, grantId, rule, at: null };
  let at: EventPlace | undefined = from;
  for (;;) {
    const range = { kinds: RECORD_KINDS, recordId: undefined, from: at, isBack: false, limit: 4 };
    const { changes, isFull, last } = await api.app.get(ChangeReader).read([place], range);
    for (const { kind, recordId, after } of changes) {
      if (after) records.set(`${kind} ${recordId}`, after);
      else records.delete(`${kind} ${recordId}`);
    }
    if (!isFull || !last) return;
    at = last;
  }
}

describe('whatever is imported and shared', () => {
  it('a pull and the events after it are the next pull', async () => {
    const app = await api.directory.app();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SELECTIONS), steps, async ({ selection }, list) => {
        const district = await api.directory.district();
        const { grant, token: text } = await approveGrant(
          api.directory.dataSource,
          api.directory.keys,
          { appId: app.id, districtId: district.id, selection: selection(district), hiddenFields: [] },
          SYSTEM,
        );
        const token = bearer(text);
        const replica = await pullAll(token);
        const [, edition] = await clockOf(district);
        for (const step of list) await take(step, district, grant.id);
        await follow(replica, district, grant.id, { edition: edition + 1, tail: '' });
        expect(timeless(replica)).toEqual(timeless(await pullAll(token)));
      }),
      { numRuns: 40 },
    );
  });

  it('a pull under one rule is the picture it began with, and the events give every time it would show', async () => {
    const app = await api.directory.app();
    const imports = fc.array(importStep, { minLength: 1, maxLength: 3 });
    const hides = fc.subarray(FIELDS, { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SELECTIONS),
        hides,
        imports,
        async ({ selection }, hidden, list) => {
          const district = await api.directory.district();
          const hiddenFields = hidden.flatMap(resolveField);
          const choice = { selection: selection(district), hiddenFields };
          const { id: grantId, token: text } = await api.directory.grant(app, district, choice);
          const token = bearer(text);
          const [at, edition] = await clockOf(district);
          const before = await pullAll(token);
          for (const step of list) await take(step, district, grantId);
          expect(await pullAll(token, at)).toEqual(before);
          await follow(before, district, grantId, { edition: edition + 1, tail: '' });
          expect(before).toEqual(await pullAll(token));
        },
      ),
      { numRuns: 25 },
    );
  });
});
