import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { briefly, type Outcome } from './fixtures.js';
import { readClever } from './clever-fixtures.js';

const COLUMNS =
  'Student_id,Contact_name,Contact_type,Contact_relationship,Contact_phone,Contact_phone_type,Contact_email,Contact_sis_id';

/** The contacts of students 1 and 2, from rows of contacts.csv; students.csv names none. */
async function contactsFrom(rows: readonly string[]): Promise<Outcome> {
  return readClever({
    'students.csv':
      'School_id,Student_id,First_name,Last_name\ns1,1,Ada,Lovelace\ns2,2,Alan,Turing\ns1,3,Ann,Byron\n',
    'contacts.csv': `${COLUMNS}\n${rows.join('\n')}\n`,
  });
}

const byText = (one: string, other: string) => one.localeCompare(other);

/** Each contact as its source id and its students. */
function briefContacts({ records }: Outcome): string[] {
  return records.flatMap((record) => {
    if (record.kind !== 'user' || !record.roles.contact) return [];
    const students = record.roles.contact.relationships.map(({ student }) => student.replace('student:', ''));
    return [`${record.sourceId.replace('contact:', '')} of ${students.join(' ')}`];
  });
}

describe('the contacts of a Clever roster', () => {
  it('come with every field, from repeated rows of their student', async () => {
    const { records } = await readClever();
    const contacts = records.filter((record) => record.kind === 'user' && record.roles.contact);
    expect(contacts).toEqual([
      {
        kind: 'user',
        sourceId: 'contact:mail:anne@example.com',
        sisId: null,
        name: { first: 'Anne', last: 'Lovelace' },
        email: 'anne@example.com',
        roles: {
          contact: {
            phone: '555-010-0101',
            phoneType: 'Cell',
            relationships: [{ student: 'student:1', relationship: 'Parent', type: 'Primary' }],
          },
        },
      },
      {
        kind: 'user',
        sourceId: 'contact:named:george byron/5550100102',
        sisId: null,
        name: { first: 'George', last: 'Byron' },
        roles: {
          contact: {
            phone: '555-010-0102',
            relationships: [{ student: 'student:1', relationship: 'Grandparent', type: 'Emergency' }],
          },
        },
      },
    ]);
  });

  it.each([
    [
      'the same e-mail in another case: one',
      ['1,Ann X,,,,,Ann@example.com,', '2,A. X,,,,,ann@example.com,'],
      ['mail:ann@example.com of 1 2'],
    ],
    [
      'the same name and phone, written otherwise: one',
      ['1,Ann  X,,,(555) 010-0101,,,', '2,ann x,,,555.010.0101,,,'],
      ['named:ann x/5550100101 of 1 2'],
    ],
    [
      'the same name and phone, and an e-mail in one row alone: one',
      ['1,Ann X,,,5550100101,,,', '2,Ann X,,,5550100101,,ann@example.com,'],
      ['mail:ann@example.com of 1 2'],
    ],
    ['the same name alone: two', ['1,Ann X,,,,,,', '2,Ann X,,,,,,'], ['of:1/ann x of 1', 'of:2/ann x of 2']],
    [
      'the same phone alone: two',
      ['1,Ann X,,,5550100101,,,', '2,Bob X,,,5550100101,,,'],
      ['named:ann x/5550100101 of 1', 'named:bob x/5550100101 of 2'],
    ],
    [
      'the same name and a phone that is none: two',
      ['1,Ann X,,,000-000-0000,,,', '2,Ann X,,,000-000-0000,,,'],
      ['of:1/ann x of 1', 'of:2/ann x of 2'],
    ],
    [
      'two parents of one student with a common e-mail: two, and each is one for the sibling',
      [
        '1,Ann X,,,,,x@example.com,',
        '1,Bob X,,,,,x@example.com,',
        '2,Ann X,,,,,X@example.com,',
        '2,Bob X,,,,,x@example.com,',
      ],
      ['mail:x@example.com/ann x of 1 2', 'mail:x@example.com/bob x of 1 2'],
    ],
    [
      'an e-mail of many names: each name another',
      ['1,Ann X,,,,,none@example.com,', '2,Bob Y,,,,,none@example.com,', '3,Cy Z,,,,,none@example.com,'],
      [
        'mail:none@example.com/ann x of 1',
        'mail:none@example.com/bob y of 2',
        'mail:none@example.com/cy z of 3',
      ],
    ],
    [
      'an id of their own: that, whatever else they say',
      ['1,Ann X,,,,,ann@example.com,C1', '2,Anna,,,,,other@example.com,C1', '3,Ann X,,,,,ann@example.com,'],
      ['id:C1 of 1 2', 'mail:ann@example.com of 3'],
    ],
    [
      'the same row twice: once',
      ['1,Ann X,,,,,ann@example.com,', '1,Ann X,,,,,ann@example.com,'],
      ['mail:ann@example.com of 1'],
    ],
  ])('%s', async (_, rows, contacts) => {
    const outcome = await contactsFrom(rows);
    expect(outcome.problems.listed).toEqual([]);
    expect(briefContacts(outcome)).toEqual(contacts);
  });

  it('keep an id of their own as the one of the district’s system, and have none otherwise', async () => {
    const { records } = await contactsFrom(['1,Ann X,,,,,,C1', '2,Bob,,,,,,']);
    const sisIds = records.flatMap((each) =>
      each.kind === 'user' && each.roles.contact ? [each.sisId] : [],
    );
    expect(sisIds).toEqual(['C1', null]);
  });

  it('are the same whatever the order of the rows', async () => {
    const some = (values: readonly string[]) => fc.constantFrom(...values);
    const row = fc
      .tuple(
        some(['1', '2', '3']),
        some(['Ann X', 'Bob X', '']),
        some(['5550100101', '5550100102', '']),
        some(['ann@example.com', 'x@example.com', '']),
        some(['', '', 'C1']),
      )
      .map(([student, name, phone, email, id]) => `${student},${name},,,${phone},,${email},${id}`);
    const shuffled = fc
      .array(row, { minLength: 1, maxLength: 8 })
      .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })));
    const sorted = (outcome: Outcome) =>
      briefContacts(outcome)
        .map((each) =>
          each
            .split(' of ')
            .map((part) => part.split(' ').toSorted(byText).join(' '))
            .join(' of '),
        )
        .toSorted(byText);
    await fc.assert(
      fc.asyncProperty(shuffled, async ([rows, others]) => {
        expect(sorted(await contactsFrom(others))).toEqual(sorted(await contactsFrom(rows)));
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['1,,,,5550100101,,,', 'repaired value-missing contacts.csv:2 Contact_name'],
    ['1,Ann,,,,,nobody,', 'repaired value-malformed contacts.csv:2 Contact_email'],
    ['9,Ann,,,,,,', 'repaired reference-unknown contacts.csv:2 Student_id'],
    [',Ann,,,,,,', 'skipped id-blank contacts.csv:2 Student_id'],
    ['1,Ann', 'skipped row-wrong-width contacts.csv:2'],
  ])('%s: %s', async (row, problem) => {
    expect(briefly((await contactsFrom([row])).problems)).toEqual([problem]);
  });
});
