import { ProblemList, type RecordKind, type SourceRecord } from '@hallpass/domain';
import { readRoster, type RosterSource } from '../src/index.js';

/** A small whole roster: two schools, a student with a guardian, a teacher, an administrator, one class, two resources. */
export const ROSTER: Readonly<Record<string, string>> = {
  'manifest.csv': 'propertyName,value\noneroster.version,1.1\nfile.users,bulk\n',
  'orgs.csv':
    'sourcedId,status,name,type,identifier\nd1,,Alder,district,\ns1,,Oak School,school,101\ns2,,Elm School,school,102\n',
  'academicSessions.csv': 'sourcedId,status,title,startDate,endDate\nt1,,Year,2026-08-17,2027-06-04\n',
  'courses.csv': 'sourcedId,status,title,courseCode,subjects\nc1,,Algebra,ALG,Mathematics\n',
  'classes.csv':
    'sourcedId,status,title,grades,courseSourcedId,classCode,classType,schoolSourcedId,termSourcedIds,subjects,periods\n' +
    'k1,,Algebra A,09,c1,ALG-1,scheduled,s1,t1,,3\n',
  'users.csv':
    'sourcedId,status,orgSourcedIds,role,username,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n' +
    'u1,,s1,student,ada.l,Ada,Lovelace,,9001,ada@students.alder.example,,,g1,09,Secret99\n' +
    'u2,,s1,teacher,,Grace,Hopper,,T1,grace@alder.example,,,,,Secret99\n' +
    'u3,,d1,administrator,,Mary,Jackson,,,,,,,,\n' +
    'g1,,s1,parent,,Anne,Lovelace,,,,555-0101,,u1,,\n',
  'demographics.csv':
    'sourcedId,status,birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity\n' +
    'u1,,2012-05-06,female,false,true,false,false,false,false,true\n',
  'enrollments.csv':
    'sourcedId,status,classSourcedId,userSourcedId,role,primary,beginDate,endDate\n' +
    'e1,,k1,u1,student,,2026-08-17,2027-06-04\ne2,,k1,u2,teacher,true,2026-08-17,\n',
  'resources.csv':
    'sourcedId,status,vendorResourceId,title,roles\nr1,,V-1,Algebra book,"student,teacher"\nr2,,V-2,,administrator\n',
  'classResources.csv': 'sourcedId,status,classSourcedId,resourceSourcedId\nx1,,k1,r1\n',
  'courseResources.csv': 'sourcedId,status,courseSourcedId,resourceSourcedId\ny1,,c1,r1\ny2,,c1,r2\n',
};

type FileText = string | Buffer | undefined;

/** The files as a source, in pieces of `chunkBytes`. */
export function aSource(files: Readonly<Record<string, FileText>>, chunkBytes = 7): RosterSource {
  const there = Object.entries(files).filter(([, text]) => text !== undefined);
  return {
    name: 'a roster',
    list: () => there.map(([name]) => name),
    async *open(file) {
      const bytes = Buffer.from(files[file] ?? '');
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
    close: async () => {},
  };
}

export interface Outcome {
  problems: ProblemList;
  isRead: boolean;
  records: SourceRecord[];
  kept: Record<string, string[]>;
}

/** Reads ROSTER with some files changed or, as undefined, left out. */
export async function read(
  changes: Readonly<Record<string, FileText>> = {},
  {
    previous = {},
    chunkBytes = 7,
  }: { previous?: Partial<Record<RecordKind, string[]>>; chunkBytes?: number } = {},
): Promise<Outcome> {
  return readSource(aSource({ ...ROSTER, ...changes }, chunkBytes), previous);
}

export async function readSource(
  source: RosterSource,
  previous: Partial<Record<RecordKind, string[]>> = {},
  problems = new ProblemList(),
): Promise<Outcome> {
  const known = async (kind: RecordKind, ids: readonly string[]) =>
    new Set(ids.filter((id) => previous[kind]?.includes(id)));
  const reading = await readRoster(source, { problems, previous: known });
  const records: SourceRecord[] = [];
  if (reading) for await (const record of reading.records()) records.push(record);
  const kept = Object.fromEntries(
    [...(reading?.kept ?? [])].filter(([, ids]) => ids.size > 0).map(([kind, ids]) => [kind, [...ids]]),
  );
  return { problems, isRead: reading !== undefined, records, kept };
}

/** ROSTER's file with one text in it put for another. */
export function edited(file: string, from: string, to: string): Record<string, string> {
  const text = ROSTER[file]!;
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  return { [file]: text.replace(from, to) };
}

export function idsOf(outcome: Outcome, kind: RecordKind): string[] {
  return outcome.records.filter((record) => record.kind === kind).map(({ sourceId }) => sourceId);
}

/** The one record with that id. */
export function recordOf<Kind extends RecordKind>(outcome: Outcome, kind: Kind, sourceId: string) {
  const found = outcome.records.find((record) => record.kind === kind && record.sourceId === sourceId);
  return found as Extract<SourceRecord, { kind: Kind }> | undefined;
}

/** Problems as short lines: class code file:line column. */
export function briefly(problems: ProblemList): string[] {
  return problems.listed.map(({ class: found, code, file, line, column }) =>
    [found, code, `${file ?? ''}${line === undefined ? '' : `:${line}`}`, column]
      .filter((part) => part !== undefined && part !== '')
      .join(' '),
  );
}
