import { describe, expect, it } from '@jest/globals';
import { readDate } from '../src/words/date.js';
import { readGrade, singleGrade } from '../src/words/grade.js';
import { readSex } from '../src/words/sex.js';
import { readSubject } from '../src/words/subject.js';

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
