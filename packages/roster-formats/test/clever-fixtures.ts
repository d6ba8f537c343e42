import type { RecordKind } from '@hallpass/domain';
import { aSource, readSource, type Outcome } from './fixtures.js';

/** A small whole roster as Clever's SFTP files: two schools, two students with contacts, two teachers, a clerk, two sections. */
export const CLEVER: Readonly<Record<string, string>> = {
  'schools.csv':
    'School_id,School_name,School_number,State_id,Nces_id,Low_grade,High_grade,Principal,Principal_email,School_address,School_city,School_state,School_zip,School_phone\n' +
    's1,Oak School,101,ST1,NC1,9,12,P. Oak,oak@example.com,1 Oak St,Elm,NY,10001,555-0100\n' +
    's2,Elm School,102,,,,,,,,,,,\n',
  'students.csv':
    'School_id,Student_id,Student_number,State_id,Last_name,Middle_name,First_name,Grade,Gender,Dob,Race,Hispanic_Latino,Home_language,Ell_status,Frl_status,Iep_status,Student_street,Student_city,Student_state,Student_zip,Student_email,Contact_relationship,Contact_type,Contact_name,Contact_phone,Contact_phone_type,Contact_email,Username,Password\n' +
    's1,1,9001,ST9,Lovelace,King,Ada,9,F,05/06/2012,Asian,N,Spanish,Y,Reduced,N,2 Elm St,Elm,NY,10002,ada@example.com,Mother,Primary,Anne Lovelace,555-010-0101,Cell,anne@example.com,ada.l,Secret99\n' +
    's1,1,9001,ST9,Lovelace,King,Ada,9,F,05/06/2012,Asian,N,Spanish,Y,Reduced,N,2 Elm St,Elm,NY,10002,ada@example.com,Grandfather,Emergency,George Byron,555-010-0102,,,ada.l,Secret99\n' +
    's2,2,,,Turing,,Alan,,,,,,,,,,,,,,,,,,,,,,\n',
  'teachers.csv':
    'School_id,Teacher_id,Teacher_number,State_teacher_id,Last_name,Middle_name,First_name,Teacher_email,Title,Username,Password\n' +
    's1,1,T1,ST1,Hopper,B,Grace,grace@example.com,Teacher,grace.h,Secret99\n' +
    's1,2,,,Jackson,,Mary,mary@example.com,,,\n',
  'staff.csv':
    'School_id,Staff_id,Staff_email,First_name,Last_name,Department,Title,Username,Password,Role\n' +
    's1,1,carla@example.com,Carla,Clerk,Office,Registrar,carla,Secret99,\n',
  'sections.csv':
    'School_id,Section_id,Teacher_id,Teacher_2_id,Teacher_3_id,Name,Section_number,Grade,Course_name,Course_number,Course_description,Period,Subject,Term_name,Term_start,Term_end\n' +
    's1,k1,1,2,,Algebra A,ALG-1,9,Algebra,ALG,About x,3,Math,Fall,8/17/2026,12/18/2026\n' +
    's2,k2,2,,,,,,Algebra,ALG,,,,Fall,8/17/2026,12/18/2026\n',
  'enrollments.csv': 'School_id,Section_id,Student_id\ns1,k1,1\ns2,k2,1\ns2,k2,2\n',
};

type FileText = string | Buffer | undefined;

/** Reads CLEVER with some files changed or, as undefined, left out. */
export async function readClever(
  changes: Readonly<Record<string, FileText>> = {},
  previous: Partial<Record<RecordKind, string[]>> = {},
): Promise<Outcome> {
  return readSource(aSource({ ...CLEVER, ...changes }), previous);
}

/** CLEVER's file with one text in it put for another. */
export function editedClever(file: string, from: string, to: string): Record<string, string> {
  const text = CLEVER[file]!;
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  return { [file]: text.replace(from, to) };
}

/** CLEVER's file with rows added to it. */
export function addedClever(file: string, ...rows: string[]): Record<string, string> {
  return { [file]: `${CLEVER[file]}${rows.join('\n')}\n` };
}
