import type { PersonName, StudentSource } from '@hallpass/domain';
import { choiceOf } from '../cells/choices.js';
import { monthFirstDayOf } from '../cells/days.js';
import { gradeOf } from '../cells/grades.js';
import { present } from '../cells/present.js';
import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import type { Positions } from '../csv/header.js';
import { readFrlStatus } from '../words/lunch.js';
import { readRace } from '../words/race.js';
import { readSex } from '../words/sex.js';
import { readYesNo } from '../words/yes-no.js';
import type { STUDENTS } from './shapes.js';

export type StudentColumn = (typeof STUDENTS)['read'][number];

const SEX = { read: readSex, words: 'Send M, F or X.' };
const RACE = { read: readRace, words: 'Send one of the races of the format, such as Asian or Unknown.' };
const YES_NO = { read: readYesNo, words: 'Send Y or N.' };
const FRL = { read: readFrlStatus, words: 'Send Free, Reduced, Paid or Other.' };

/** What a row says of a student, but for the schools. */
export function studentFields(
  row: CsvRow,
  at: Positions<StudentColumn>,
  report: FileReport,
): Omit<StudentSource, 'schools'> {
  const yesNo = (column: StudentColumn) => choiceOf(row, at[column], column, YES_NO, report);
  const preferredName: PersonName = present({
    first: row.text(at.Preferred_first_name),
    middle: row.text(at.Preferred_middle_name),
    last: row.text(at.Preferred_last_name),
  });
  const location = present({
    address: row.text(at.Student_street) || row.text(at.Student_address),
    city: row.text(at.Student_city),
    state: row.text(at.Student_state),
    zip: row.text(at.Student_zip),
  });
  return {
    ...present({
      studentNumber: row.text(at.Student_number),
      stateId: row.text(at.State_id),
      username: row.text(at.Username),
      grade: gradeOf(row, at.Grade, 'Grade', report),
      graduationYear: row.text(at.Graduation_year),
      dob: monthFirstDayOf(row, at.Dob, 'Dob', report),
      gender: choiceOf(row, at.Gender, 'Gender', SEX, report),
      race: choiceOf(row, at.Race, 'Race', RACE, report),
      hispanicEthnicity: yesNo('Hispanic_Latino'),
      ellStatus: yesNo('Ell_status'),
      frlStatus: choiceOf(row, at.Frl_status, 'Frl_status', FRL, report),
      iepStatus: yesNo('Iep_status'),
      homeLanguage: row.text(at.Home_language),
      homeLanguageCode: row.text(at.Home_language_code),
      giftedStatus: yesNo('Gifted_status'),
      section504Status: yesNo('Section_504_status'),
    }),
    ...(Object.keys(preferredName).length > 0 && { preferredName }),
    ...(Object.keys(location).length > 0 && { location }),
  };
}
