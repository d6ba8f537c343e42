import { describe, expect, it } from '@jest/globals';
import { readContactType, readPhoneType, readRelationship } from '../src/words/contact.js';
import { readDate, readMonthFirst } from '../src/words/date.js';
import { isDateLike, readGrade, singleGrade } from '../src/words/grade.js';
import { readFrlStatus } from '../src/words/lunch.js';
import { readPersonName } from '../src/words/person-name.js';
import { readRace } from '../src/words/race.js';
import { readSex } from '../src/words/sex.js';
import { readSubject } from '../src/words/subject.js';
import { readYesNo } from '../src/words/yes-no.js';

describe('grades', () => {
  it.each([
    ['01', '1'],
    ['1', '1'],
    ['12', '12'],
    ['13', '13'],
    ['K', 'Kindergarten'],
    ['KG', 'Kindergarten'],
    ['kindergarten', 'Kindergarten'],
    ['PK', 'PreKindergarten'],
    ['Pre-Kindergarten', 'PreKindergarten'],
    ['TK', 'TransitionalKindergarten'],
    ['IT', 'InfantToddler'],
    ['PR', 'Preschool'],
    ['PS', 'PostGraduate'],
    ['Postgraduate', 'PostGraduate'],
    ['UG', 'Ungraded'],
    ['Other', 'Other'],
  ])('%s is %s exactly', (text, grade) => {
    expect(readGrade(text)).toEqual({ low: grade, high: grade, isExact: true });
  });

  it.each([
    ['Grade 1', '1', '1'],
    ['Grade PK', 'PreKindergarten', 'PreKindergarten'],
    ['grade K', 'Kindergarten', 'Kindergarten'],
    ['4th Grade', '4', '4'],
    ['99', 'Other', 'Other'],
    ['Multiple', 'Other', 'Other'],
    ['0', 'Kindergarten', 'Kindergarten'],
    ['-1', 'PreKindergarten', 'PreKindergarten'],
    ['8-Jun', '6', '8'],
    ['12-Sep', '9', '12'],
    ['5-Jan', '1', '5'],
    ['Jun-8', '6', '8'],
    ['6-8', '6', '8'],
    ['K-5', 'Kindergarten', '5'],
    ['K2', 'Kindergarten', '2'],
    ['09 to 12', '9', '12'],
  ])('%s is %s to %s, repaired', (text, low, high) => {
    expect(readGrade(text)).toEqual({ low, high, isExact: false });
  });

  it.each(['', 'blue', '14', '31-Dec', '2026-06-08', 'constructor', '__proto__', '8-Jux'])(
    '%p is none',
    (text) => {
      expect(readGrade(text)).toBeUndefined();
    },
  );

  it.each([
    ['8-Jun', true],
    ['Jun-8', true],
    ['6-8', false],
    ['99', false],
  ])('%s was taken for a date: %s', (text, isIt) => expect(isDateLike(text)).toBe(isIt));

  it('a range, or several, come to Other in a field of one', () => {
    expect(singleGrade([readGrade('8-Jun')!])).toBe('Other');
    expect(singleGrade([readGrade('01')!, readGrade('02')!])).toBe('Other');
    expect(singleGrade([readGrade('01')!, readGrade('1')!])).toBe('1');
    expect(singleGrade([])).toBeUndefined();
  });
});

describe('dates', () => {
  it.each([
    ['2012-05-06', '2012-05-06', true],
    ['2012-05-06T00:00:00.000Z', '2012-05-06', false],
    ['20120506', '2012-05-06', false],
    ['5/6/2012', '2012-05-06', false],
    ['25/6/2012', '2012-06-25', false],
    ['2024-02-29', '2024-02-29', true],
  ])('%s is %s', (text, date, isExact) => expect(readDate(text)).toEqual({ date, isExact }));

  it.each(['', '2023-02-29', '2012-13-01', '0001-01-01', '12/13', 'May 6', '2012-05-06 or so'])(
    '%p is none',
    (text) => expect(readDate(text)).toBeUndefined(),
  );
});

describe('subjects', () => {
  it.each([
    ['English', 'english/language arts'],
    ['Mathematics', 'math'],
    ['Physical Education', 'PE and health'],
    ['PhysEd', 'PE and health'],
    ['Social Studies', 'social studies'],
    ['World Language', 'language'],
    ['Language Arts', 'english/language arts'],
    ['Art', 'arts and music'],
    ['Computer Science', 'technology and engineering'],
    ['Science', 'science'],
    ['Homeroom', 'homeroom/advisory'],
    ['Business', 'other'],
    ['', undefined],
  ])('%s is %s', (text, subject) => expect(readSubject(text)).toBe(subject));
});

describe('sexes', () => {
  it.each([
    ['male', 'M'],
    ['F', 'F'],
    ['Non-binary', 'X'],
    ['constructor', undefined],
  ])('%s is %s', (text, sex) => expect(readSex(text)).toBe(sex));
});

describe('the words of Clever', () => {
  it.each([
    ['8/17/2026', '2026-08-17'],
    ['08/17/2026', '2026-08-17'],
    ['17/8/2026', undefined],
    ['2026-08-17', undefined],
  ])('%s, month first, is %s', (text, date) => expect(readMonthFirst(text)).toBe(date));

  it.each([
    [readFrlStatus, 'F', 'Free'],
    [readFrlStatus, 'reduced', 'Reduced'],
    [readFrlStatus, 'N', 'Paid'],
    [readFrlStatus, 'Y', 'Other'],
    [readFrlStatus, 'blue', undefined],
    [readYesNo, 'yes', 'Y'],
    [readYesNo, '0', 'N'],
    [readYesNo, 'blue', undefined],
    [readRace, 'W', 'Caucasian'],
    [readRace, 'black or african american', 'Black or African American'],
    [readRace, 'Two or More', 'Two or More Races'],
    [readRace, 'constructor', undefined],
    [readRelationship, 'Step-Mother', 'Parent'],
    [readRelationship, 'neighbour', 'Other'],
    [readContactType, 'parent/guardian', 'Parent/Guardian'],
    [readContactType, '', 'Other'],
    [readPhoneType, 'Mobile', 'Cell'],
    [readPhoneType, '', undefined],
  ])('%p of %s is %s', (read, text, value) => expect(read(text)).toBe(value));

  it.each([
    ['Ann Lovelace', { first: 'Ann', last: 'Lovelace' }],
    ['Ann Maria Lovelace', { first: 'Ann Maria', last: 'Lovelace' }],
    ['Lovelace, Ann', { first: 'Ann', last: 'Lovelace' }],
    ['Ann', { first: 'Ann' }],
    [',', {}],
    ['', {}],
  ])('%j is %j', (text, name) => expect(readPersonName(text)).toEqual(name));
});
