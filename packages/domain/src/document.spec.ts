import { describe, expect, it } from '@jest/globals';
import { documentOf, fullRecords, ids, leavesOf } from '../test/district.js';
import { toDocument } from './document.js';
import { FIELD_CATALOGUE } from './field.js';
import { RECORD_KINDS, type DocumentOf, type SourceRecord } from './record.js';

describe('toDocument', () => {
  // Stored text is served as it is to whoever is shared every field of the catalogue: so nothing may lie outside it.
  it.each(RECORD_KINDS)('every leaf of a full %s is in the catalogue, or is its identity', (kind) => {
    const leaves = leavesOf(documentOf(kind)).filter((path) => !['id', 'district'].includes(path));
    const known = leaves.filter((path) => !/^roles\.[a-z_]+\.legacy_id$/.test(path));
    expect(known.filter((path) => !FIELD_CATALOGUE[kind].includes(path))).toEqual([]);
  });

  it.each(RECORD_KINDS)('every field in the catalogue of %s is one that a document can have', (kind) => {
    const leaves = leavesOf(documentOf(kind));
    const branches =
      kind === 'user' ? Object.keys(documentOf('user').roles).map((role) => `roles.${role}`) : [];
    expect(FIELD_CATALOGUE[kind].filter((path) => ![...leaves, ...branches].includes(path))).toEqual([]);
  });

  it('renders equal records to equal text, whatever the order of their pupils', () => {
    const section = fullRecords.find((each) => each.kind === 'section');
    if (section?.kind !== 'section') throw new Error('no section');
    const turned: SourceRecord = { ...section, students: [...section.students].reverse() };
    expect(JSON.stringify(toDocument(turned, ids))).toBe(JSON.stringify(toDocument(section, ids)));
  });

  it('begins each document with its id', () => {
    for (const kind of RECORD_KINDS)
      expect(JSON.stringify(documentOf(kind))).toMatch(/^\{"id":"[0-9a-f]{24}"/);
  });

  it('leaves out what is absent', () => {
    const { document } = toDocument({ kind: 'course', sourceId: 'C' }, ids);
    expect(Object.keys(document)).toEqual(['id', 'district']);
  });

  it('names a person as the district’s own system does, and not at all where that has no word for it', () => {
    const user = fullRecords.find((each) => each.kind === 'user');
    if (user?.kind !== 'user') throw new Error('no user');
    const sisIdOf = (sisId?: string | null) => {
      const { document } = toDocument({ ...user, ...(sisId === undefined ? {} : { sisId }) }, ids);
      const { roles } = document as DocumentOf['user'];
      return [roles.student?.sis_id, roles.teacher?.sis_id, roles.contact?.sis_id];
    };
    expect(sisIdOf()).toEqual(Array(3).fill(user.sourceId));
    expect(sisIdOf('100')).toEqual(['100', '100', '100']);
    expect(sisIdOf(null)).toEqual([undefined, undefined, undefined]);
  });

  it('takes the first teacher and the first school for the primary ones', () => {
    expect(documentOf('section').teacher).toBe(ids.idOf('user', 'U'));
    expect(documentOf('user').roles.student?.school).toBe(ids.idOf('school', 'A'));
  });

  it('gives a pupil’s legacy id the user’s own, and each other role its own', () => {
    const { id, roles } = documentOf('user');
    const legacy = Object.values(roles).map((role) => role.legacy_id);
    expect(roles.student?.legacy_id).toBe(id);
    expect(new Set(legacy).size).toBe(5);
  });
});
