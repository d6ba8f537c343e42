import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { narrowGrant } from '@hallpass/database';
import { resolveField } from '@hallpass/domain';
import { SYSTEM, smallRoster, student, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { TestDataApi, basic, bearer } from './fixtures.js';

let api: TestDataApi;
let app: TestApp;
let district: TestDistrict;
let token: string;
const crowd = (count: number) => [
  ...smallRoster(),
  ...Array.from({ length: count }, (_, i) => student(`crowd-${i}`, ['A'])),
];

beforeAll(async () => {
  api = await TestDataApi.start();
  app = await api.directory.app();
  district = await api.directory.district(crowd(41));
  token = bearer((await api.directory.grant(app, district)).token);
});
afterAll(() => api.stop());

const rels = (body: { links: { rel: string; uri: string }[] }) =>
  Object.fromEntries(body.links.map(({ rel, uri }) => [rel, uri]));
const id = (sourceId: string) => district.idOf('user', sourceId);

describe('GET /v3.0/users', () => {
  it('200 gives every record once, in the order of ids, and marks the end', async () => {
    const { data, pages } = await api.pull('/v3.0/users?limit=7', token);
    const ids = data.map((each) => String(each.id));
    expect(ids).toHaveLength(50);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(pages).toBe(8);
  });

  it('200 gives root-relative links that keep the request and pin the picture', async () => {
    const { body } = await api.get('//v3.0//users?role=student&limit=2&', token);
    const { self, next, prev } = rels(body);
    const last = body.data[1].data.id;
    expect(self).toBe('/v3.0/users?role=student&limit=2');
    expect(next).toMatch(new RegExp(`^/v3\\.0/users\\?role=student&limit=2&starting_after=${last}&at=\\d+$`));
    expect(prev).toBeUndefined();
    expect(body.data[0].uri).toBe(`/v3.0/users/${body.data[0].data.id}`);
  });

  it('200 gives a full last page a next that leads to an empty one', async () => {
    const first = await api.get('/v3.0/users?limit=50', token);
    const empty = await api.get(String(rels(first.body)['next']), token);
    expect(empty.body.data).toEqual([]);
    expect(Object.keys(rels(empty.body)).sort()).toEqual(['events', 'prev', 'self']);
  });

  it('200 reads backwards, and from the end', async () => {
    const all = (await api.pull('/v3.0/users', token)).data.map((each) => each.id);
    const last = await api.get('/v3.0/users?limit=3&ending_before=last', token);
    expect(last.body.data.map((each: { data: { id: string } }) => each.data.id)).toEqual(all.slice(-3));
    expect(rels(last.body)).not.toHaveProperty('next');
    const before = await api.get(String(rels(last.body)['prev']), token);
    expect(before.body.data.map((each: { data: { id: string } }) => each.data.id)).toEqual(all.slice(-6, -3));
  });

  it.each([
    ['student', 45],
    ['teacher', 2],
    ['staff', 1],
    ['contact', 2],
    ['district_admin', 1],
  ])('200 gives those of the role %s', async (role, count) => {
    const { data } = await api.pull(`/v3.0/users?limit=10&role=${role}`, token);
    expect(data).toHaveLength(count);
    expect(data.every((each) => role in each.roles)).toBe(true);
    expect((await api.get(`/v3.0/users?count=true&role=${role}`, token)).body.count).toBe(count);
  });

  it('200 counts instead of listing', async () => {
    const { body } = await api.get('/v3.0/users?count=true', token);
    expect(body).toEqual({ count: 50, links: [{ rel: 'self', uri: '/v3.0/users?count=true' }] });
  });

  it('200 is one picture however many imports land during the pull', async () => {
    const busy = await api.directory.district(crowd(30));
    const other = bearer((await api.directory.grant(app, busy)).token);
    const before = await api.pull('/v3.0/users?limit=100', other);
    const during = await api.pull('/v3.0/users?limit=4', other, async (page) => {
      if (page > 3) return;
      await api.directory.import(busy.id, [
        ...crowd(30 - page).map((each) =>
          each.sourceId === 'a1' ? student('a1', ['B'], `2010-01-0${page}`) : each,
        ),
        student(`new-${page}`, ['A']),
      ]);
    });
    expect(during.data).toEqual(before.data);
    expect((await api.pull('/v3.0/users', other)).data).not.toEqual(before.data);
  });

  it('200 cuts an old picture by what is shared now', async () => {
    const shared = await api.directory.district();
    const { token: text, id: grantId } = await api.directory.grant(app, shared);
    const first = await api.get('/v3.0/users?limit=1', bearer(text));
    await narrowGrant(api.directory.dataSource, grantId, { hidden: resolveField('student.dob') }, SYSTEM);
    await api.heed();
    const rest = await api.pull(String(rels(first.body)['next']), bearer(text));
    expect(JSON.stringify(rest.data)).not.toContain('dob');
  });

  it('200 goes on with a pull whatever becomes of the rule, cut by what is shared now', async () => {
    const shared = await api.directory.district(crowd(30));
    const { token: text, id: grantId } = await api.directory.grant(app, shared);
    const narrow = (change: Parameters<typeof narrowGrant>[2]) =>
      narrowGrant(api.directory.dataSource, grantId, change, SYSTEM);
    const first = await api.get('/v3.0/users?limit=1', bearer(text));
    await narrow({ selection: { type: 'schools', schoolIds: [shared.idOf('school', 'A')] } });
    await api.heed();
    const narrowed = (await api.pull(String(rels(first.body)['next']), bearer(text))).data;
    const now = (await api.pull('/v3.0/users', bearer(text))).data;
    const after = (list: typeof now) => list.filter(({ id: each }) => each > first.body.data[0].data.id);
    expect(narrowed).toEqual(after(now));
    // Another roster and a wider rule meanwhile: the pull still shows what it began with, of what it may show now.
    await api.directory.import(shared.id, [...crowd(31), student('later', ['A'])]);
    await narrow({ selection: { type: 'everything' }, hidden: resolveField('student.dob') });
    await api.heed();
    const widened = await api.pull(String(rels(first.body)['next']), bearer(text));
    expect(widened.data.map(({ id: each }) => each)).not.toContain(shared.idOf('user', 'later'));
    // Of the whole pull: chance may have made this one the first.
    const pulled = [first.body.data[0].data.id, ...widened.data.map(({ id: each }) => each)];
    expect(pulled).toContain(shared.idOf('user', 'b2'));
    expect(JSON.stringify(widened.data)).not.toContain('"dob"');
  });

  it.each([
    ['limit=0', 400, 'request-invalid'],
    ['limit=-1', 400, 'request-invalid'],
    ['limit=abc', 400, 'request-invalid'],
    ['limit=1e3', 400, 'request-invalid'],
    ['limit=10001', 413, 'limit-too-large'],
    ['limit=99999999999999999999', 400, 'request-invalid'],
    ['limit=1&limit=2', 400, 'request-invalid'],
    ['starting_after=xyz', 400, 'request-invalid'],
    ["starting_after=' or 1=1 --", 400, 'request-invalid'],
    ['starting_after=%00', 400, 'request-invalid'],
    [`starting_after=${'0'.repeat(24)}&ending_before=last`, 400, 'request-invalid'],
    ['ending_before=first', 400, 'request-invalid'],
    ['role=pupil', 400, 'request-invalid'],
    ['count=maybe', 400, 'request-invalid'],
    ['at=-1', 400, 'cursor-invalid'],
    ['at=1.5', 400, 'cursor-invalid'],
    ['at=e1', 400, 'cursor-invalid'],
    ['at=999999999999999', 400, 'cursor-invalid'],
    ['at=9999999999999999999999', 400, 'cursor-invalid'],
  ])('%s → %i %s', async (query, status, code) => {
    const answer = await api.get(`/v3.0/users?${query}`, token);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.error).toEqual(answer.body.message);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it('410 tells a pull that took too long to begin again', async () => {
    const old = await api.directory.district();
    const text = bearer((await api.directory.grant(app, old)).token);
    const { body } = await api.get('/v3.0/users?limit=1', text);
    await api.directory.import(old.id, [...smallRoster(), student('later', ['A'])]);
    await api.directory.dataSource.query('update districts set floor_seq = seq where id = $1', [old.id]);
    const answer = await api.get(String(rels(body)['next']), text);
    expect([answer.status, answer.body.code]).toEqual([410, 'cursor-expired']);
  });

  it('takes an unknown parameter and a bare question mark as nothing', async () => {
    expect((await api.get('/v3.0/users?', token)).status).toBe(200);
    expect((await api.get('/v3.0/users?where=%7B%7D&x', token)).status).toBe(200);
  });
});

describe('records and sub-lists', () => {
  const list = async (path: string) => {
    const { status, body } = await api.get(path, token);
    expect(status).toBe(200);
    return body.data.map((each: { data: { id: string } }) => each.data.id).sort();
  };
  const ids = (...sourceIds: string[]) => sourceIds.map(id).sort();
  const one = (kind: 'school' | 'section' | 'course' | 'term', sourceId: string) =>
    district.idOf(kind, sourceId);

  it('gives one record with where to go from it', async () => {
    const { status, body } = await api.get(`/v3.0/users/${id('a1')}`, token);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      id: id('a1'),
      district: district.id,
      roles: { student: { grade: '8' } },
    });
    expect(rels(body)).toMatchObject({
      self: `/v3.0/users/${id('a1')}`,
      sections: `/v3.0/users/${id('a1')}/sections`,
    });
  });

  it.each([
    [
      'myteachers of a student',
      () => `/v3.0/users/${id('b1')}/myteachers`,
      () => ids('teacher-a', 'teacher-b'),
    ],
    ['mycontacts of a student', () => `/v3.0/users/${id('b2')}/mycontacts`, () => ids('teacher-a')],
    [
      'mystudents of a teacher who is a contact',
      () => `/v3.0/users/${id('teacher-a')}/mystudents`,
      () => ids('a1', 'a2', 'b1', 'b2'),
    ],
    ['mystudents of a student', () => `/v3.0/users/${id('a1')}/mystudents`, () => []],
    [
      'sections of a student',
      () => `/v3.0/users/${id('b1')}/sections`,
      () => [one('section', 'sec-a'), one('section', 'sec-b')].sort(),
    ],
    ['schools of a user', () => `/v3.0/users/${id('a1')}/schools`, () => [one('school', 'A')]],
    [
      'users of a section',
      () => `/v3.0/sections/${one('section', 'sec-b')}/users`,
      () => ids('b1', 'b2', 'teacher-b'),
    ],
    [
      'teachers of a section',
      () => `/v3.0/sections/${one('section', 'sec-b')}/users?role=teacher`,
      () => ids('teacher-b'),
    ],
    [
      'users of a school',
      () => `/v3.0/schools/${one('school', 'B')}/users`,
      () => ids('b1', 'b2', 'teacher-b'),
    ],
    [
      'home users of a school',
      () => `/v3.0/schools/${one('school', 'B')}/users?primary=true`,
      () => ids('b1', 'b2', 'teacher-b'),
    ],
    [
      'courses of a school',
      () => `/v3.0/schools/${one('school', 'B')}/courses`,
      () => [one('course', 'art')],
    ],
    ['terms of a school', () => `/v3.0/schools/${one('school', 'B')}/terms`, () => [one('term', 'T')]],
    [
      'schools of a term',
      () => `/v3.0/terms/${one('term', 'T')}/schools`,
      () => [one('school', 'A'), one('school', 'B')].sort(),
    ],
    [
      'sections of a course',
      () => `/v3.0/courses/${one('course', 'math')}/sections`,
      () => [one('section', 'sec-a')],
    ],
  ])('lists the %s', async (_name, path, expected) => {
    expect(await list(path())).toEqual(expected());
  });

  it('pages a sub-list for a key, which pins all its districts', async () => {
    const other = await api.directory.app();
    await api.directory.grant(other, district);
    const key = basic(other.apiKey);
    const path = `/v3.0/schools/${one('school', 'A')}/users`;
    expect((await api.pull(`${path}?limit=9`, key)).data.map((each) => each.id)).toEqual(
      await list(`${path}?limit=1000`),
    );
  });

  it('pages a sub-list as a list', async () => {
    const path = `/v3.0/schools/${one('school', 'A')}/users`;
    const { data, pages } = await api.pull(`${path}?limit=9`, token);
    expect(data.map((each) => each.id)).toEqual(await list(`${path}?limit=1000`));
    expect(pages).toBeGreaterThan(4);
  });

  it.each(['course', 'school', 'term', 'district'])('gives the %s of a section', async (target) => {
    const { status, body } = await api.get(`/v3.0/sections/${one('section', 'sec-a')}/${target}`, token);
    expect(status).toBe(200);
    expect(rels(body)['self']).toBe(`/v3.0/${target}s/${body.data.id}`);
  });

  it.each(['x', 'null', '%2e%2e', '0'.repeat(23), '0'.repeat(25), `${'0'.repeat(24)}'`, '%00'])(
    '404 for the id %s, as if absent',
    async (bad) => {
      const { status, body } = await api.get(`/v3.0/users/${bad}`, token);
      expect(status).toBe(404);
      expect(JSON.stringify(body)).not.toContain('stack');
    },
  );

  it('gives the district of the token alone', async () => {
    const { body } = await api.get('/v3.0/districts', token);
    expect(body.data).toHaveLength(1);
    expect(body.data[0].data).toMatchObject({
      id: district.id,
      state: 'success',
      last_sync: expect.any(String),
    });
  });
});

describe('a grant that does not share a kind or a field', () => {
  it.each(['schools', 'terms', 'courses', 'sections'])(
    'shows nobody in a list of %s, whatever role is asked for',
    async (path) => {
      const other = await api.directory.app();
      const hiddenFields = ['user.name', 'user.email', 'student.dob'].flatMap(resolveField);
      const { token: text } = await api.directory.grant(other, district, { hiddenFields });
      for (const credential of [bearer(text), basic(other.apiKey)]) {
        const plain = await api.get(`/v3.0/${path}`, credential);
        expect(plain.status).toBe(200);
        for (const role of ['student', 'teacher', 'contact', 'staff']) {
          const { body } = await api.get(`/v3.0/${path}?role=${role}`, credential);
          expect(body.data).toEqual(plain.body.data);
        }
      }
    },
  );

  it('shows neither the kind nor what would give it away', async () => {
    const { token: text } = await api.directory.grant(await api.directory.app(), district, {
      hiddenFields: ['course', 'section.students', 'teacher', 'user.email'].flatMap(resolveField),
    });
    const hidden = bearer(text);
    const sectionId = district.idOf('section', 'sec-a');
    expect((await api.get('/v3.0/courses', hidden)).body.data).toEqual([]);
    expect((await api.get('/v3.0/courses?count=true', hidden)).body.count).toBe(0);
    expect((await api.get(`/v3.0/courses/${district.idOf('course', 'math')}`, hidden)).status).toBe(404);
    const section = (await api.get(`/v3.0/sections/${sectionId}`, hidden)).body.data;
    for (const field of ['course', 'students', 'teacher']) expect(section).not.toHaveProperty(field);
    expect(section.teachers).toEqual([]);
    expect((await api.get(`/v3.0/sections/${sectionId}/users`, hidden)).body.data).toEqual([]);
    expect((await api.get(`/v3.0/users/${id('a1')}/sections`, hidden)).body.data).toEqual([]);
    const people = (await api.pull('/v3.0/users', hidden)).data;
    expect(people.map((each) => each.id)).not.toContain(id('teacher-b'));
    expect(JSON.stringify(people)).not.toMatch(/"email"|"teacher"/);
    // A teacher who is a contact is shown as the contact alone.
    expect(people.find((each) => each.id === id('teacher-a')).roles).toEqual({ contact: expect.anything() });
  });
});
