import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { legacyIdOf, resolveField, type RecordKind, type UserRole } from '@hallpass/domain';
import { student, type TestDistrict } from '@hallpass/database/testing';
import { TestDataApi, basic, bearer } from './fixtures.js';
import { fullRoster } from './full-roster.js';

const V1 = ['v1.1', 'v1.2'];
const LEGACY = [...V1, 'v2.0', 'v2.1'];
const ALL = [...LEGACY, 'v3.0', 'v3.1'];
const TIME = expect.stringMatching(/^\d{4}-.*Z$/);
const LOCATION = {
  address: '1 Elm St',
  city: 'Alder',
  lat: '45.1',
  lon: '-122.1',
  state: 'OR',
  zip: '97001',
};

let api: TestDataApi;
let district: TestDistrict;
let token: string;

beforeAll(async () => {
  api = await TestDataApi.start();
  district = await api.directory.district(fullRoster());
  token = bearer((await api.directory.grant(await api.directory.app(), district)).token);
});
afterAll(() => api.stop());

const one = (kind: RecordKind, sourceId: string): string => district.idOf(kind, sourceId);
const as = (role: UserRole, sourceId: string): string => legacyIdOf(role, district.idOf('user', sourceId));
const get = async (path: string, authorization = token) => {
  const answer = await api.get(path, authorization);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.body;
};
const dataOf = async (path: string) => (await get(path)).data;
const rels = (body: { links: { rel: string; uri: string }[] }) =>
  Object.fromEntries(body.links.map(({ rel, uri }) => [rel, uri]));
const idsOf = (body: { data: { data: { id: string } }[] }) => body.data.map(({ data }) => data.id);

describe('a student', () => {
  const v1 = () => ({
    created: TIME,
    credentials: { district_username: 'sam' },
    district: district.id,
    dob: '2008-02-03',
    ell_status: 'Y',
    email: 'sam@alder.example',
    grade: 'PostGraduate',
    hispanic_ethnicity: 'N',
    id: one('user', 's1'),
    last_modified: TIME,
    location: LOCATION,
    name: { first: 'Sam', last: 'Student', middle: 'Q' },
    race: 'Asian',
    school: one('school', 'A'),
    sis_id: 's1',
    state_id: 'OR-42',
    student_number: '42',
  });
  const enrollments = () =>
    [
      { end_date: '2027-06-04', school: one('school', 'A'), start_date: '2026-08-15' },
      { school: one('school', 'B'), start_date: '2026-09-01' },
    ].sort((a, b) => (a.school < b.school ? -1 : 1));
  const v12 = () => ({ ...v1(), graduation_year: '2027', schools: [one('school', 'A'), one('school', 'B')] });

  it.each([
    ['v1.1', v1],
    ['v1.2', v12],
    ['v2.0', v12],
    ['v2.1', () => ({ ...v12(), enrollments: enrollments(), gender: 'X', grade: '13' })],
  ])('of %s has what the version knows, in its order, and nothing else', async (version, expected) => {
    const data = await dataOf(`/${version}/students/${one('user', 's1')}`);
    expect(data).toEqual(expected());
    expect(Object.keys(data)).toEqual(Object.keys(data).sort());
  });

  it.each(['v3.0', 'v3.1'])('of %s is a role of a user', async (version) => {
    const { roles } = await dataOf(`/${version}/users/${one('user', 's1')}`);
    expect(roles.student).toMatchObject({
      grade: '13',
      gender: 'X',
      legacy_id: one('user', 's1'),
      enrollments: enrollments(),
    });
  });

  it('shows a gender that older versions know in all of them', async () => {
    for (const version of LEGACY)
      expect((await dataOf(`/${version}/students/${one('user', 's2')}`)).gender).toBe('F');
  });
});

describe('grades before v2.1', () => {
  it.each(['v1.1', 'v1.2', 'v2.0'])('%s has later ones under the names that were there', async (version) => {
    expect(await dataOf(`/${version}/schools/${one('school', 'A')}`)).toMatchObject({
      low_grade: 'Kindergarten',
      high_grade: 'PostGraduate',
    });
    expect((await dataOf(`/${version}/students/${one('user', 's2')}`)).grade).toBe('Other');
    expect((await dataOf(`/${version}/sections/${one('section', 'sec')}`)).grade).toBe('Other');
  });
});

describe('a section', () => {
  const common = () => ({
    created: TIME,
    district: district.id,
    id: one('section', 'sec'),
    last_modified: TIME,
    name: 'Math 1',
    period: '3',
    school: one('school', 'A'),
    section_number: '11',
    sis_id: 'sec',
    students: [one('user', 's1')],
    subject: 'math',
    teacher: as('teacher', 't1'),
    teachers: [as('teacher', 't1'), as('teacher', 't2')],
  });
  const v1 = () => ({
    ...common(),
    course_name: 'Math',
    course_number: 'M1',
    grade: 'Other',
    term: { end_date: '2026-12-20', name: 'Fall', start_date: '2026-08-15' },
  });
  const v2 = () => ({ ...common(), course: one('course', 'math'), term_id: one('term', 'T') });

  it.each([
    ['v1.1', v1],
    ['v1.2', v1],
    ['v2.0', () => ({ ...v2(), grade: 'Other' })],
    ['v2.1', () => ({ ...v2(), grade: 'Ungraded' })],
  ])('of %s names its teachers by their own ids', async (version, expected) => {
    const path = `/${version}/sections`;
    expect(await dataOf(`${path}/${one('section', 'sec')}`)).toEqual(expected());
    const listed = await dataOf(path);
    expect(listed.map(({ data }: { data: { name: string } }) => data.name).sort()).toEqual([
      'Art 3',
      'Math 1',
    ]);
    expect(listed.find(({ data }: { data: { name: string } }) => data.name === 'Math 1').data).toEqual(
      expected(),
    );
  });

  it.each(V1)('of %s has no course or term where the grant shares none', async (version) => {
    const hiddenFields = ['course', 'term.name'].flatMap(resolveField);
    const grant = await api.directory.grant(await api.directory.app(), district, { hiddenFields });
    const body = await get(`/${version}/sections/${one('section', 'sec')}`, bearer(grant.token));
    expect(body.data).not.toHaveProperty('course_name');
    expect(body.data.term).toEqual({ end_date: '2026-12-20', start_date: '2026-08-15' });
  });
});

describe('people with ids of their own', () => {
  const roles: [string, UserRole, string][] = [
    ['teachers', 'teacher', 't1'],
    ['school_admins', 'staff', 't1'],
    ['district_admins', 'district_admin', 'd1'],
    ['contacts', 'contact', 'p1'],
  ];

  it.each(LEGACY.flatMap((version) => roles.map((role) => [version, ...role] as const)))(
    '%s/%s gives a %s by its legacy id, and by no other',
    async (version, collection, role, sourceId) => {
      const own = as(role, sourceId);
      const body = await get(`/${version}/${collection}/${own}`);
      expect([body.data.id, rels(body)['self']]).toEqual([own, `/${version}/${collection}/${own}`]);
      for (const other of ['student', 'teacher', 'staff', 'contact', 'district_admin'] as const) {
        if (other === role) continue;
        expect((await api.get(`/${version}/${collection}/${as(other, sourceId)}`, token)).status).toBe(404);
      }
      const ids =
        collection === 'district_admins' && version.startsWith('v1')
          ? (await dataOf(`/${version}/${collection}`)).map(({ id }: { id: string }) => id)
          : idsOf(await get(`/${version}/${collection}`));
      expect(ids).toContain(own);
    },
  );

  it.each(LEGACY)('%s pages through teachers by their own ids', async (version) => {
    const first = await get(`/${version}/teachers?limit=1`);
    const second = await get(String(rels(first)['next']));
    const rest = await get(String(rels(second)['next']));
    expect([...idsOf(first), ...idsOf(second)]).toEqual([as('teacher', 't1'), as('teacher', 't2')].sort());
    expect(rest.data).toEqual([]);
    expect(idsOf(await get(String(rels(second)['prev'])))).toEqual(idsOf(first));
    expect(idsOf(await get(`/${version}/teachers?limit=1&ending_before=last`))).toEqual(idsOf(second));
  });

  it.each([...LEGACY])('%s shows no role that the grant does not share', async (version) => {
    const hiddenFields = resolveField('teacher');
    const grant = await api.directory.grant(await api.directory.app(), district, { hiddenFields });
    const path = `/${version}/teachers`;
    expect((await get(path, bearer(grant.token))).data).toEqual([]);
    expect((await api.get(`${path}/${as('teacher', 't1')}`, bearer(grant.token))).status).toBe(404);
    expect((await get(`/${version}/school_admins`, bearer(grant.token))).data).toHaveLength(2);
  });

  it.each(LEGACY)(
    '%s lists at a school those who teach there, not those who are staff there',
    async (version) => {
      const at = async (school: string) =>
        idsOf(await get(`/${version}/schools/${one('school', school)}/teachers`)).sort();
      expect(await at('A')).toEqual([as('teacher', 't1')]);
      expect(await at('B')).toEqual([as('teacher', 't1'), as('teacher', 't2')].sort());
    },
  );
});

describe('a contact', () => {
  const common = () => ({
    district: district.id,
    email: 'pat@pine.example',
    id: as('contact', 'p1'),
    name: 'Pat R Pine',
    phone: '(555) 555-0102',
    phone_type: 'Cell',
    relationship: 'Grandparent',
    type: 'Family',
  });

  it('of v1 has its first student; of v2 all of them', async () => {
    const path = `contacts/${as('contact', 'p1')}`;
    const v1 = { ...common(), student: one('user', 's1') };
    expect(await dataOf(`/v1.1/${path}`)).toEqual(v1);
    expect(await dataOf(`/v1.2/${path}`)).toEqual({ ...v1, sis_id: 'p1' });
    const v2 = { ...common(), sis_id: 'p1', students: [one('user', 's1'), one('user', 's2')] };
    for (const version of ['v2.0', 'v2.1']) expect(await dataOf(`/${version}/${path}`)).toEqual(v2);
  });

  it.each(V1)('of a student in %s comes bare, as what it is to that student', async (version) => {
    const [contact, ...others] = await dataOf(`/${version}/students/${one('user', 's2')}/contacts`);
    expect(others).toEqual([]);
    expect(contact).toMatchObject({
      id: as('contact', 'p1'),
      relationship: 'Parent',
      type: 'Parent/Guardian',
      student: one('user', 's2'),
    });
  });

  it.each(V1)('in %s leads to its student', async (version) => {
    const body = await get(`/${version}/contacts/${as('contact', 'p1')}/student`);
    expect(body.data.id).toBe(one('user', 's1'));
    expect(body.links).toEqual([{ rel: 'self', uri: `/${version}/students/${one('user', 's1')}` }]);
  });
});

describe('an admin', () => {
  it('has a middle name in v1 and none in v2', async () => {
    const path = `district_admins/${as('district_admin', 'd1')}`;
    const name = { first: 'Dee', last: 'Oak' };
    const admin = {
      district: district.id,
      email: 'dee@alder.example',
      id: as('district_admin', 'd1'),
      title: 'IT',
    };
    expect(await dataOf(`/v1.1/${path}`)).toEqual({ ...admin, name: { ...name, middle: 'M' } });
    expect(await dataOf(`/v2.1/${path}`)).toEqual({ ...admin, name });
  });

  it('of a school has a department in v2 alone', async () => {
    const admin = {
      credentials: { district_username: 'ann.b' },
      district: district.id,
      email: 'ann@alder.example',
      id: as('staff', 't1'),
      schools: [one('school', 'B')],
      staff_id: 'st-9',
      title: 'Head',
    };
    const v1 = await dataOf(`/v1.2/school_admins/${as('staff', 't1')}`);
    expect(v1).toEqual({ ...admin, name: { first: 'Ann', last: 'Alder', middle: 'B' } });
    const v2 = await dataOf(`/v2.1/school_admins/${as('staff', 't1')}`);
    expect(v2).toEqual({ ...admin, name: { first: 'Ann', last: 'Alder' }, department: 'Maths' });
  });

  it.each(V1)(
    '%s lists district admins bare, and with their address for show_links=true',
    async (version) => {
      const bare = await get(`/${version}/district_admins`);
      expect(bare.data[0]).toMatchObject({ id: as('district_admin', 'd1'), title: 'IT' });
      const linked = await get(`/${version}/district_admins?show_links=true`);
      expect(linked.data).toEqual([
        { data: bare.data[0], uri: `/${version}/district_admins/${as('district_admin', 'd1')}` },
      ]);
      expect((await get(`/${version}/districts/${district.id}/admins`)).data).toEqual(bare.data);
      // Recorded: this list has no count.
      expect(await get(`/${version}/district_admins?count=true`)).toMatchObject({ data: bare.data });
    },
  );
});

describe('what is peculiar to v1', () => {
  it.each(V1)('%s says how the district’s roster fares', async (version) => {
    const { data } = await get(`/${version}/districts/${district.id}/status`);
    expect(data).toEqual([{ data: { id: district.id, last_sync: TIME, state: 'running' } }]);
  });

  it.each(V1)('%s lists the grades that a teacher teaches, as it calls them', async (version) => {
    expect(await dataOf(`/${version}/teachers/${as('teacher', 't1')}/grade_levels`)).toEqual(['3', 'Other']);
  });

  it.each([
    ['districts', () => district.id, ['schools', 'teachers', 'students', 'sections', 'events']],
    ['schools', () => one('school', 'A'), ['district', 'teachers', 'students', 'sections', 'events']],
    ['sections', () => one('section', 'sec'), ['district', 'teacher', 'students', 'school', 'events']],
    [
      'students',
      () => one('user', 's1'),
      ['district', 'sections', 'school', 'teachers', 'contacts', 'events'],
    ],
    [
      'teachers',
      () => as('teacher', 't1'),
      ['district', 'school', 'students', 'sections', 'grade_levels', 'events'],
    ],
    ['school_admins', () => as('staff', 't1'), ['schools']],
  ])('%s lead on as recorded', async (collection, id, names) => {
    const uri = `/v1.1/${collection}/${id()}`;
    const { links } = await get(uri);
    expect(links).toEqual([{ rel: 'self', uri }, ...names.map((rel) => ({ rel, uri: `${uri}/${rel}` }))]);
  });

  it('includes what a record leads to, whole', async () => {
    const path = `/v1.2/students/${one('user', 's1')}?include=schools,teachers`;
    const { data, links } = await get(path);
    expect(data.schools.map(({ name }: { name: string }) => name).sort()).toEqual([
      'Alder School',
      'Birch School',
    ]);
    expect(data.teachers).toHaveLength(2);
    expect(links).toHaveLength(7);
    const whole = await get(`/v1.1/districts/${district.id}?include=schools,sections`);
    expect([whole.data.schools.length, whole.data.sections.length]).toEqual([2, 2]);
  });

  it.each(['POST', 'PATCH', 'PUT', 'DELETE'] as const)(
    '501 for %s: nothing is written here',
    async (method) => {
      for (const version of ALL) {
        const { status, body } = await api.ask(method, `/${version}/students/${one('user', 's1')}`, token);
        expect([status, body.code]).toEqual([501, 'not-implemented']);
      }
    },
  );

  it('501 for properties, which its first clients ask for', async () => {
    const { status, body } = await api.get(`/v1.1/students/${one('user', 's1')}/properties`, token);
    expect([status, body.code]).toEqual([501, 'not-implemented']);
  });
});

describe('districts', () => {
  it.each([
    ['v1.1', { name: expect.any(String) }],
    ['v1.2', { name: expect.any(String) }],
    ['v2.0', { name: expect.any(String), state: 'success', last_sync: TIME }],
    ['v2.1', { name: expect.any(String), state: 'success', last_sync: TIME }],
    ['v3.0', { name: expect.any(String), state: 'success', last_sync: TIME }],
    ['v3.1', { name: expect.any(String), state: 'success', last_sync: TIME }],
  ])('%s has what the version knows of one', async (version, fields) => {
    const document = { id: district.id, ...fields };
    expect(await dataOf(`/${version}/districts/${district.id}`)).toEqual(document);
    const list = await get(`/${version}/districts`);
    expect(list.data).toEqual([{ data: document, uri: `/${version}/districts/${district.id}` }]);
    expect((await get(`/${version}/districts?count=true`)).count).toBe(1);
  });

  it('of a key are paged, sifted and counted as records are', async () => {
    const app = await api.directory.app();
    const all = [district, await api.directory.district([]), await api.directory.district([])];
    for (const each of all) await api.directory.grant(app, each);
    const ids = all.map((each) => each.id as string).sort();
    const key = basic(app.apiKey);
    const pages = await api.pull('/v1.2/districts?limit=2', key);
    expect(pages.data.map(({ id }) => id as string)).toEqual(ids);
    expect((await get('/v1.2/districts?limit=2', key)).paging).toEqual({ current: 1, total: 2, count: 3 });
    expect(idsOf(await get('/v1.2/districts?limit=2&page=2', key))).toEqual(ids.slice(2));
    expect(idsOf(await get('/v1.2/districts?limit=2&ending_before=last', key))).toEqual(ids.slice(1));
    const where = (condition: object) => `where=${encodeURIComponent(JSON.stringify(condition))}`;
    expect(idsOf(await get(`/v1.2/districts?${where({ id: district.id })}`, key))).toEqual([district.id]);
    const named = where({ name: { $regex: `${district.id}$` } });
    expect((await get(`/v1.2/districts?count=true&${named}`, key)).count).toBe(1);
  });
});

describe('/me', () => {
  it.each([...ALL.map((version) => [`/${version}/me`, version]), ['/me', 'v3.1']])(
    '%s says which district a token is of',
    async (path, version) => {
      const body = await get(path);
      expect(body).toEqual({
        type: 'district',
        data: { id: district.id, district: district.id, type: 'district' },
        links: [
          { rel: 'self', uri: path },
          { rel: 'canonical', uri: `/${version}/districts/${district.id}` },
        ],
      });
    },
  );

  it('answers a key of one district as its token, and one of several not at all', async () => {
    const app = await api.directory.app();
    await api.directory.grant(app, district);
    expect((await get('/me', basic(app.apiKey))).data.id).toBe(district.id);
    await api.directory.grant(app, await api.directory.district([]));
    await api.heed();
    const { status, body } = await api.get('/me', basic(app.apiKey));
    expect([status, body.code]).toEqual([404, 'not-found']);
    expect(body.error).toContain('/districts');
  });

  it('401 without a credential', async () => {
    const { status, body } = await api.get('/me');
    expect([status, typeof body.error]).toEqual([401, 'string']);
  });
});

describe('versions that are not served', () => {
  it.each(['/v9.9/students', '/v1.0/students', '/v4.0/users?limit=1', '/v2/students', '//v1.3/me', '/v9.9'])(
    '%s 404, in the words that clients know',
    async (path) => {
      const { status, body } = await api.get(path, token);
      expect([status, body.code]).toEqual([404, 'version-unsupported']);
      expect([body.error, body.message, body.data]).toEqual([
        'version not supported',
        'version not supported',
        null,
      ]);
    },
  );

  it.each(['/v1.1/users', '/v3.1/students', '/v2.1/nothing', '/v1.1'])(
    '%s 404: no such path in the version',
    async (path) => {
      const { status, body } = await api.get(path, token);
      expect([status, body.code, typeof body.error]).toEqual([404, 'route-unknown', 'string']);
    },
  );
});

describe('what came with v3.1', () => {
  const later = {
    frl_status: 'Free',
    gifted_status: 'Y',
    home_language: 'Spanish',
    home_language_code: 'spa',
    iep_status: 'Y',
    preferred_name: { first: 'Sammy' },
    section_504_status: 'N',
  };

  it('is shown there, and in no older version', async () => {
    const path = `users/${one('user', 's1')}`;
    const newest = await dataOf(`/v3.1/${path}`);
    expect(newest.roles.student).toMatchObject(later);
    const before = await dataOf(`/v3.0/${path}`);
    const { roles, ...rest } = newest;
    const earlier = Object.fromEntries(Object.entries(roles.student).filter(([name]) => !(name in later)));
    expect(before).toEqual({ ...rest, roles: { student: earlier } });
    for (const version of [...LEGACY, 'v3.0']) {
      const list = await api.get(`/${version}/${version === 'v3.0' ? 'users' : 'students'}`, token);
      expect([version, list.text.match(/frl_|gifted_|home_lang|iep_|preferred_|section_504|Sammy/)]).toEqual([
        version,
        null,
      ]);
    }
  });

  it('hides with its field, and leaves the texts of those who have none of it as they are stored', async () => {
    const hiddenFields = ['frl_status', 'preferred_name'].flatMap((field) =>
      resolveField(`student.${field}`),
    );
    const grant = await api.directory.grant(await api.directory.app(), district, { hiddenFields });
    const { data } = await get(`/v3.1/users/${one('user', 's1')}`, bearer(grant.token));
    expect(data.roles.student).not.toHaveProperty('frl_status');
    expect(data.roles.student).not.toHaveProperty('preferred_name');
    const plain = [`users/${one('user', 's2')}`, `sections/${one('section', 'sec')}`];
    for (const path of plain) expect(await dataOf(`/v3.0/${path}`)).toEqual(await dataOf(`/v3.1/${path}`));
  });
});

describe.each(['v3.0', 'v3.1'])('resources in %s', (version) => {
  const listed = async (path: string, authorization = token) =>
    idsOf(await get(`/${version}/${path}`, authorization));
  const some = (...ids: string[]) => ids.sort();
  const [book, key] = [() => one('resource', 'book'), () => one('resource', 'key')];

  it('have what the version knows, in its order, and nothing else', async () => {
    const body = await get(`/${version}/resources/${book()}`);
    expect(Object.entries(body.data)).toEqual(
      Object.entries({
        created: TIME,
        district: district.id,
        id: book(),
        resource_id: 'vendor-7',
        roles: ['teacher', 'student'],
        title: 'Algebra, the book',
        updated: TIME,
      }),
    );
    expect(Object.keys(rels(body))).toEqual(['self', 'courses', 'sections', 'users']);
    expect((await get(`/${version}/resources`)).data).toHaveLength(2);
  });

  it('are found from what they are assigned to, and lead back there', async () => {
    const [sec, art, math] = [one('section', 'sec'), one('section', 'sec-3'), one('course', 'math')];
    expect(await listed(`sections/${sec}/resources`)).toEqual(some(book(), key()));
    expect(await listed(`sections/${art}/resources`)).toEqual([book()]);
    expect(await listed(`courses/${math}/resources`)).toEqual([book()]);
    expect(await listed(`resources/${book()}/sections`)).toEqual(some(sec, art));
    expect(await listed(`resources/${book()}/courses`)).toEqual([math]);
    expect(await listed(`resources/${key()}/courses`)).toEqual([]);
  });

  it('are of those people of their sections whom they are for', async () => {
    const [s1, s2, t1, t2] = ['s1', 's2', 't1', 't2'].map((each) => one('user', each)) as [
      string,
      string,
      string,
      string,
    ];
    expect(await listed(`users/${s1}/resources`)).toEqual([book()]);
    expect(await listed(`users/${t2}/resources`)).toEqual(some(book(), key()));
    expect(await listed(`users/${one('user', 'p1')}/resources`)).toEqual([]);
    expect(await listed(`resources/${book()}/users`)).toEqual(some(s1, s2, t1, t2));
    expect(await listed(`resources/${book()}/users?role=student`)).toEqual(some(s1, s2));
    expect(await listed(`resources/${book()}/users?role=staff`)).toEqual(some(t1, t2));
    expect(await listed(`resources/${key()}/users`)).toEqual(some(t1, t2));
    expect(await listed(`resources/${key()}/users?role=student`)).toEqual([]);
  });

  it.each([
    ['resource.roles', 'users/s1/resources'],
    ['resource.sections', 'users/s1/resources'],
    ['section.students', 'users/s1/resources'],
    ['resource', 'users/s1/resources'],
    ['resource.sections', 'sections/sec/resources'],
    ['resource.courses', 'courses/math/resources'],
    ['section', 'resources/book/sections'],
    ['section', 'resources/book/users'],
  ])('without %s tell no more by way of %s', async (hidden, path) => {
    const hiddenFields = resolveField(hidden);
    const grant = await api.directory.grant(await api.directory.app(), district, { hiddenFields });
    const [collection = '', name = '', list = ''] = path.split('/');
    const id = one(collection.replace(/s$/, '') as RecordKind, name);
    expect(await listed(`${collection}/${id}/${list}`, bearer(grant.token))).toEqual([]);
  });

  it('show what the grant shares of their sections', async () => {
    const selection = { type: 'schools' as const, schoolIds: [district.idOf('school', 'B')] };
    const grant = await api.directory.grant(await api.directory.app(), district, { selection });
    const narrow = bearer(grant.token);
    expect(await listed('resources', narrow)).toEqual([book()]);
    expect(await listed(`resources/${book()}/sections`, narrow)).toEqual([one('section', 'sec-3')]);
    expect(await listed(`resources/${book()}/courses`, narrow)).toEqual([]);
    expect((await api.get(`/${version}/resources/${key()}`, narrow)).status).toBe(404);
  });
});

describe('paging, as recorded', () => {
  let crowd: string;
  let crowdIds: string[];
  let crowdDistrict: TestDistrict;

  beforeAll(async () => {
    const roster = [...fullRoster(), ...Array.from({ length: 43 }, (_, i) => student(`c${i}`, ['A']))];
    crowdDistrict = await api.directory.district(roster);
    crowd = bearer((await api.directory.grant(await api.directory.app(), crowdDistrict)).token);
    crowdIds = (await api.pull('/v1.1/students?limit=1000', crowd)).data.map(({ id }) => id as string);
    if (crowdIds.length !== 45) throw new Error(`the crowd has ${crowdIds.length} students`);
  });

  it('v1 tells it when no cursor was sent, and not with one', async () => {
    const first = await get('/v1.1/students?limit=10', crowd);
    expect(first.paging).toEqual({ current: 1, total: 5, count: 45 });
    expect(Object.keys(rels(first))).toEqual(['self', 'next']);
    const second = await get(String(rels(first)['next']), crowd);
    expect(second).not.toHaveProperty('paging');
    expect(Object.keys(rels(second)).sort()).toEqual(['next', 'prev', 'self']);
    const last = await get('/v1.1/students?limit=10&ending_before=last', crowd);
    expect(last).not.toHaveProperty('paging');
    expect(idsOf(last)).toEqual(crowdIds.slice(-10));
    expect(rels(last)).not.toHaveProperty('next');
  });

  it('of an empty list is zero throughout', async () => {
    const empty = bearer(
      (await api.directory.grant(await api.directory.app(), await api.directory.district([]))).token,
    );
    for (const path of ['/v1.1/students', '/v1.1/students?page=3', '/v1.2/sections?where=%7B%7D'])
      expect((await get(path, empty)).paging).toEqual({ current: 0, total: 0, count: 0 });
  });

  it('is not told of school admins, nor by later versions', async () => {
    for (const path of ['/v1.1/school_admins', '/v2.1/students', '/v2.0/teachers', '/v3.0/users'])
      expect(await get(path, crowd)).not.toHaveProperty('paging');
  });

  it('of a sub-list counts that list', async () => {
    const path = `/v1.2/schools/${crowdDistrict.idOf('school', 'A')}/students`;
    expect((await get(`${path}?limit=10`, crowd)).paging).toEqual({ current: 1, total: 5, count: 44 });
    expect((await get(`${path}?count=true`, crowd)).count).toBe(44);
    expect((await get(`/v1.2/districts/${crowdDistrict.id}/students?limit=40`, crowd)).paging.count).toBe(45);
  });

  it.each(['/v1.1/students', '/v1.2/districts/DISTRICT/students', '/v1.2/schools/SCHOOL/students'])(
    '%s: a client that counts pages comes to the end, and sees each record once',
    async (template) => {
      const path = template
        .replace('DISTRICT', crowdDistrict.id)
        .replace('SCHOOL', crowdDistrict.idOf('school', 'A'));
      const seen: string[] = [];
      let page = 0;
      let total = 1;
      while (page !== total) {
        const body = await get(`${path}?page=${page + 1}&limit=10`, crowd);
        expect(body.paging.current).toBe(page + 1);
        ({ current: page, total } = body.paging);
        seen.push(...idsOf(body));
        expect(page).toBeLessThan(10);
      }
      expect(seen).toEqual([...new Set(seen)].sort());
      expect(seen).toHaveLength(template.includes('SCHOOL') ? 44 : 45);
    },
  );

  it('a numbered pull stays on the picture of its first page', async () => {
    const busy = await api.directory.district([
      ...fullRoster(),
      ...Array.from({ length: 8 }, (_, i) => student(`c${i}`, ['A'])),
    ]);
    const authorization = bearer((await api.directory.grant(await api.directory.app(), busy)).token);
    const whole = idsOf(await get('/v1.2/students', authorization));
    const seen = idsOf(await get('/v1.2/students?page=1&limit=4', authorization));
    await api.directory.import(busy.id, [
      ...fullRoster(),
      ...Array.from({ length: 9 }, (_, i) => student(`c${i}`, ['A'])),
    ]);
    for (const page of [2, 3])
      seen.push(...idsOf(await get(`/v1.2/students?page=${page}&limit=4`, authorization)));
    expect(seen).toEqual(whole);
    expect((await get('/v1.2/students?page=1&limit=4', authorization)).paging.count).toBeGreaterThan(
      whole.length,
    );
  });

  it('a numbered pull whose picture is gone goes on with the present one', async () => {
    const old = await api.directory.district(fullRoster());
    const authorization = bearer((await api.directory.grant(await api.directory.app(), old)).token);
    await get('/v1.2/students?page=1&limit=1', authorization);
    await api.directory.import(old.id, [...fullRoster(), student('c1', ['A'])]);
    await api.directory.dataSource.query('update districts set floor_seq = seq where id = $1', [old.id]);
    const body = await get('/v1.2/students?page=2&limit=1', authorization);
    expect(body.paging).toEqual({ current: 2, total: 3, count: 3 });
  });

  it('any page can be asked for by number, and one beyond the last is empty', async () => {
    const fresh = bearer((await api.directory.grant(await api.directory.app(), crowdDistrict)).token);
    expect(idsOf(await get('/v1.2/students?page=4&limit=7', fresh))).toEqual(crowdIds.slice(21, 28));
    const beyond = await get('/v1.2/students?page=40&limit=7', fresh);
    expect([beyond.data, beyond.paging]).toEqual([[], { current: 40, total: 7, count: 45 }]);
  });

  it.each([
    ['a base that ends in a slash', '//v1.1/students?limit=1', '/v1.1/students?limit=1'],
    ['a bare question mark', '/v1.1/districts?', '/v1.1/districts'],
    ['Python’s limit', '/v1.1/students?limit=1000', '/v1.1/students?limit=1000'],
  ])('understands %s', async (_, path, self) => {
    expect(rels(await get(path, crowd))['self']).toBe(self);
  });

  it('links carry what was asked, with the picture and without the page', async () => {
    const body = await get('/v1.2/students?where=%7B%7D&limit=2&page=2', crowd);
    const last = idsOf(body).at(-1) ?? '';
    expect(rels(body)['next']).toMatch(
      new RegExp(`^/v1\\.2/students\\?where=%7B%7D&limit=2&starting_after=${last}&at=\\d+$`),
    );
  });
});

describe('an API key', () => {
  it.each(ALL)('reads the union of its districts in %s', async (version) => {
    const app = await api.directory.app();
    const second = await api.directory.district(fullRoster());
    for (const each of [district, second]) await api.directory.grant(app, each);
    const key = basic(app.apiKey);
    const path = version.startsWith('v3')
      ? `/${version}/users?role=student&limit=3`
      : `/${version}/students?limit=3`;
    const { data } = await api.pull(path, key);
    const expected = [district, second].flatMap((each) =>
      ['s1', 's2'].map((id) => each.idOf('user', id) as string),
    );
    expect(data.map(({ id }) => id as string)).toEqual(expected.sort());
    const sections = await api.pull(`/${version}/sections`, key);
    expect(sections.data).toHaveLength(4);
    if (version.startsWith('v1'))
      expect(sections.data.filter((each) => each.course_name === 'Math')).toHaveLength(2);
  });
});
