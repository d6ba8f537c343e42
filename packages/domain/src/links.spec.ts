import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyRule, documentOf, ids, shownOf, smallDistrict } from '../test/district.js';
import { allFields, resolveField, withoutFields } from './field.js';
import { isRelationShared, LinkBook, RELATIONS, type LinkRow, type Relation } from './links.js';
import type { KindedDocument } from './record.js';

function linksOf(documents: readonly KindedDocument[]): LinkRow[] {
  const book = new LinkBook();
  for (const each of documents) book.add(each);
  return [...book.rows()];
}

describe('links', () => {
  it('computed from shown documents lead only between shown records', async () => {
    await fc.assert(
      fc.asyncProperty(smallDistrict, anyRule, async (district, rule) => {
        const shown = await shownOf(rule, district);
        const seen = new Set<string>(shown.map(({ document }) => document.id));
        for (const { id, ids: ends } of linksOf(shown)) {
          expect(seen).toContain(id);
          for (const end of ends) expect(seen).toContain(end);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('of a narrower picture are among those of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(smallDistrict, anyRule, async (district, rule) => {
        const flat = (rows: LinkRow[]) =>
          rows
            // The primary school of a cut list is the first that is left.
            .filter(({ relation }) => relation !== 'school.primary-users')
            .flatMap(({ relation, id, ids: ends }) => ends.map((end) => `${relation} ${id} ${end}`));
        const whole = new Set(flat(linksOf(district)));
        for (const link of flat(linksOf(await shownOf(rule, district)))) expect(whole).toContain(link);
      }),
    );
  });

  it('are sorted lists without repetition, one for each record and relation', async () => {
    await fc.assert(
      fc.asyncProperty(smallDistrict, async (district) => {
        const rows = linksOf(district);
        for (const { ids: ends } of rows) expect(ends).toEqual([...new Set(ends)].sort());
        expect(new Set(rows.map(({ relation, id }) => `${relation} ${id}`)).size).toBe(rows.length);
      }),
    );
  });

  it('follow from one section, one person and one resource as the table of relations says', () => {
    const rows = linksOf([
      { kind: 'section', document: documentOf('section') },
      { kind: 'user', document: documentOf('user') },
      { kind: 'resource', document: documentOf('resource') },
    ]);
    const [A, B] = [ids.idOf('school', 'A'), ids.idOf('school', 'B')];
    const [S, C, T] = [ids.idOf('section', 'S'), ids.idOf('course', 'C'), ids.idOf('term', 'T')];
    const R = ids.idOf('resource', 'R');
    const [U, U2] = [ids.idOf('user', 'U'), ids.idOf('user', 'U2')];
    const expected: [Relation, string, string[]][] = [
      ['school.sections', A, [S]],
      ['course.sections', C, [S]],
      ['term.sections', T, [S]],
      ['school.courses', A, [C]],
      ['course.schools', C, [A]],
      ['school.terms', A, [T]],
      ['term.schools', T, [A]],
      ['student.sections', U, [S]],
      ['student.sections', U2, [S]],
      ['teacher.sections', U, [S]],
      ['school.users', A, [U]],
      ['school.users', B, [U]],
      ['school.primary-users', A, [U]],
      ['student.contacts', U2, [U]],
      ['section.resources', S, [R]],
      ['section.resources', ids.idOf('section', 'S2'), [R]],
      ['course.resources', C, [R]],
    ];
    const found = rows.map(({ relation, id, ids: ends }) => [relation, id, ends]);
    expect(new Set(found.map((row) => JSON.stringify(row)))).toEqual(
      new Set(expected.map((row) => JSON.stringify(row))),
    );
  });
});

describe('isRelationShared', () => {
  it('lets every relation be followed when every field is shared', () => {
    expect(RELATIONS.filter((relation) => !isRelationShared(allFields(), relation))).toEqual([]);
  });

  it.each<[string, Relation[]]>([
    ['section.students', ['student.sections']],
    ['section.teachers', ['teacher.sections']],
    ['section.course', ['school.courses', 'course.sections', 'course.schools']],
    ['section.term_id', ['school.terms', 'term.sections', 'term.schools']],
    ['course', ['school.courses', 'course.sections', 'course.schools', 'course.resources']],
    ['resource.sections', ['section.resources']],
    ['resource', ['section.resources', 'course.resources']],
    ['student.schools', ['school.users']],
    ['teacher.school', ['school.primary-users']],
    ['contact.student_relationships', ['student.contacts']],
  ])('hiding %s closes the relations that would give it away', (hidden, closed) => {
    const list = withoutFields(allFields(), resolveField(hidden));
    expect(RELATIONS.filter((relation) => !isRelationShared(list, relation))).toEqual(closed);
  });

  it('does not ask for the fields of a role that is not shared', () => {
    const list = withoutFields(allFields(), [...resolveField('staff')]);
    expect(isRelationShared(list, 'school.users')).toBe(true);
  });
});
