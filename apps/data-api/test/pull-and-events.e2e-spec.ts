import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { narrowGrant } from '@hallpass/database';
import { SYSTEM, smallRoster, student, type TestDistrict } from '@hallpass/database/testing';
import { resolveField, type GrantId, type Selection, type SourceRecord } from '@hallpass/domain';
import fc from 'fast-check';
import { TestDataApi, bearer } from './fixtures.js';

let api: TestDataApi;
beforeAll(async () => {
  api = await TestDataApi.start();
  await api.limitRequests(10_000_000);
});
afterAll(() => api.stop());

// oxlint-disable-next-line typescript/no-explicit-any -- records of every kind
type Records = Map<string, any>;

/** The lists of a version, by the word that their events' types begin with. */
const LISTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'v1.2': {
    schools: 'schools',
    sections: 'sections',
    students: 'students',
    teachers: 'teachers',
    schooladmins: 'school_admins',
    studentcontacts: 'contacts',
  },
  'v2.1': {
    terms: 'terms',
    courses: 'courses',
    contacts: 'contacts',
    teachers: 'teachers',
    students: 'students',
    schools: 'schools',
    sections: 'sections',
    schooladmins: 'school_admins',
    districtadmins: 'district_admins',
  },
  'v3.0': {
    resources: 'resources',
    users: 'users',
    sections: 'sections',
    courses: 'courses',
    schools: 'schools',
    terms: 'terms',
  },
  'v3.1': {
    schools: 'schools',
    terms: 'terms',
    courses: 'courses',
    users: 'users',
    sections: 'sections',
    resources: 'resources',
  },
};
const versions = fc.constantFrom(...Object.keys(LISTS));

/** The records without their times: what is hidden may have moved those of an earlier rule. */
const timeless = (records: Records) =>
  Object.fromEntries(
    [...records]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { created: _c, last_modified: _m, updated: _u, ...rest }]) => [key, rest]),
  );

/** Everything, list by list, and the earliest cursor from which the events go on. */
async function pullAll(
  version: string,
  token: string,
  { at, between }: { at?: number; between?: () => Promise<void> } = {},
): Promise<{ records: Records; events: string }> {
  const records: Records = new Map();
  const cursors: string[] = [];
  const pin = at === undefined ? '' : `&at=${at}`;
  const lists = Object.entries(LISTS[version] ?? {});
  for (const [i, [type, collection]] of lists.entries()) {
    let next: string | undefined = `/${version}/${collection}?limit=3${pin}`;
    while (next) {
      const { status, body } = await api.get(next, token);
      expect([next, status]).toEqual([next, 200]);
      for (const each of body.data) {
        // Some lists of v1 and v2 give their items bare.
        const record = each.uri === undefined ? each : each.data;
        records.set(`${type} ${record.id}`, record);
      }
      const linkTo = (rel: string) => body.links.find((link: { rel: string }) => link.rel === rel)?.uri;
      next = linkTo('next');
      if (!next) cursors.push(linkTo('events'));
    }
    if (i === 1) await between?.();
  }
  const [events = ''] = cursors.sort();
  return { records, events };
}

type Step =
  | {
      do: 'import';
      gone: readonly string[];
      /** Resources that get another title. */
      titles: readonly string[];
      pupils: readonly (readonly [string, 'A' | 'B', string])[];
    }
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
  'student.enrollments',
  'user.email',
  'contact',
  'teacher',
  'course',
  'section.students',
  'school.phone',
  'resource.title',
  'resource.sections',
];

const importStep: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('import' as const),
  gone: fc.subarray(['a1', 'b1', 'teacher-b', 'parent-a1', 'staff-a', 'sec-b', 'art', 'guide'], {
    maxLength: 2,
  }),
  titles: fc.subarray(['book', 'loose']),
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
  titles,
  pupils,
}: {
  gone: readonly string[];
  titles: readonly string[];
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
    if (each.kind === 'resource')
      return [
        {
          ...each,
          ...(titles.includes(each.sourceId) ? { title: `${each.sourceId}, again` } : {}),
          courses: each.courses.filter(isLeft),
          sections: each.sections.filter(isLeft),
        },
      ];
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

async function seqOf({ id }: TestDistrict): Promise<number> {
  const [row] = await api.directory.dataSource.query<{ seq: string }[]>(
    'select seq from districts where id = $1',
    [id],
  );
  return Number(row?.seq);
}

/** Applies what happened since, event by event, in pages of a few. */
async function follow(records: Records, events: string, token: string): Promise<void> {
  let next: string | undefined = `${events}&limit=4`;
  let last = '';
  while (next) {
    const { status, body } = await api.get(next, token);
    expect([next, status]).toEqual([next, 200]);
    for (const { data: event } of body.data) {
      expect(event.id > last).toBe(true);
      last = event.id;
      const [type, action] = event.type.split('.');
      const key = `${type} ${event.data.object.id}`;
      if (action === 'deleted') records.delete(key);
      else records.set(key, event.data.object);
    }
    next = body.links.find((link: { rel: string }) => link.rel === 'next')?.uri;
  }
}

interface Told {
  data: { type: string; data: { object: { id: string } }; previous_attributes?: object };
}

describe('events of resources', () => {
  it('tell what changed, also what they are assigned to, which only their lists show', async () => {
    const district = await api.directory.district();
    const grant = await api.directory.grant(await api.directory.app(), district);
    const token = bearer(grant.token);
    const told = async (change: (each: SourceRecord) => SourceRecord[]) => {
      const { events } = await pullAll('v3.1', token);
      await api.directory.import(district.id, smallRoster().flatMap(change));
      const { body } = await api.get(events, token);
      return new Map(
        (body.data as Told[]).map(({ data: { type, data, previous_attributes: previous } }) => [
          data.object.id,
          [type, previous],
        ]),
      );
    };
    const [book, guide] = [district.idOf('resource', 'book'), district.idOf('resource', 'guide')];
    const only = (sourceId: string, changes: object) => (each: SourceRecord) => [
      each.kind === 'resource' && each.sourceId === sourceId ? { ...each, ...changes } : each,
    ];
    const renamed = only('book', { title: 'Another Book' });
    expect(await told(renamed)).toEqual(new Map([[book, ['resources.updated', { title: 'The Book' }]]]));
    const reassigned = only('guide', { sections: ['sec-b'] });
    expect(await told(reassigned)).toEqual(
      new Map([
        [book, ['resources.updated', { title: 'Another Book' }]],
        [guide, ['resources.updated', { updated: expect.stringMatching(/Z$/) }]],
      ]),
    );
    const without = (each: SourceRecord) => (each.sourceId === 'guide' ? [] : [each]);
    expect(await told(without)).toEqual(new Map([[guide, ['resources.deleted', undefined]]]));
  });
});

describe('whatever is imported and shared', () => {
  it('a pull and the events after it are the next pull, in every version', async () => {
    const app = await api.directory.app();
    await fc.assert(
      fc.asyncProperty(
        versions,
        fc.constantFrom(...SELECTIONS),
        steps,
        async (version, { selection }, list) => {
          const district = await api.directory.district();
          const { id, token: text } = await api.directory.grant(app, district, {
            selection: selection(district),
          });
          const token = bearer(text);
          const [first, ...rest] = list;
          // Something happens in the middle of the pull as well.
          const between = () => (first ? take(first, district, id) : Promise.resolve());
          const { records, events } = await pullAll(version, token, { between });
          for (const step of rest) await take(step, district, id);
          await follow(records, events, token);
          expect(timeless(records)).toEqual(timeless((await pullAll(version, token)).records));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('a pull under one rule is the picture it began with, and the events give every time it would show', async () => {
    const app = await api.directory.app();
    const imports = fc.array(importStep, { minLength: 1, maxLength: 3 });
    const hides = fc.subarray(FIELDS, { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('v2.1', 'v3.1'),
        fc.constantFrom(...SELECTIONS),
        hides,
        imports,
        async (version, { selection }, hidden, list) => {
          const district = await api.directory.district();
          const hiddenFields = hidden.flatMap(resolveField);
          const choice = { selection: selection(district), hiddenFields };
          const { id, token: text } = await api.directory.grant(app, district, choice);
          const token = bearer(text);
          const at = await seqOf(district);
          const { records: before, events } = await pullAll(version, token);
          for (const step of list) await take(step, district, id);
          expect((await pullAll(version, token, { at })).records).toEqual(before);
          await follow(before, events, token);
          expect(before).toEqual((await pullAll(version, token)).records);
        },
      ),
      { numRuns: 25 },
    );
  });
});
