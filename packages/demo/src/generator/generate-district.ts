import type { SourceRecord } from '@hallpass/domain';
import { classLines, courseLines, enrollmentLines, orgLines, sessionLines } from './class-lines.js';
import { inChunks } from './csv-lines.js';
import { plain } from './names.js';
import { People } from './people.js';
import { Picture } from './picture.js';
import { districtShape, type DistrictShape } from './shape.js';
import { classResourceLines, courseResourceLines, resourceLines } from './resources.js';
import { SourceIds } from './source-id.js';
import { sourceRecords } from './source-records.js';
import { demographicLines, userLines, type Cast } from './user-lines.js';

export interface DistrictOptions {
  /** The same options make the same bytes. */
  seed: number;
  students: number;
  name: string;
  /** Of the e-mail addresses; made from the name, under .example, when left out. */
  domain?: string;
  /**
   * When given, a later picture of the same district: about this share of its users changed in grade, e-mail, telephone
   * or sections, some of them left, and some came.
   */
  changedShare?: number;
}

export interface GeneratedFile {
  name: string;
  /** The text in pieces, made as they are asked for. */
  chunks(): Iterable<string>;
}

export interface GeneratedDistrict {
  readonly name: string;
  readonly shape: DistrictShape;
  /** A OneRoster 1.1 CSV roster in bulk mode. */
  files(): Iterable<GeneratedFile>;
  /** The records that those files are read as, made as they are asked for. */
  records(): Iterable<SourceRecord>;
}

/** A believable district of made-up people. */
export function generateDistrict(options: DistrictOptions): GeneratedDistrict {
  const { seed, students, name, changedShare = 0 } = options;
  const domain = options.domain ?? `${plain(name)}.example`;
  const shape = districtShape({ students });
  const picture = new Picture(seed, shape, students, changedShare);
  const cast: Cast = { picture, people: new People(picture, domain), ids: new SourceIds(seed) };
  const lines: Readonly<Record<string, () => Iterable<string>>> = {
    manifest: manifestLines,
    orgs: () => orgLines(cast, name),
    academicSessions: () => sessionLines(cast),
    courses: () => courseLines(cast),
    classes: () => classLines(cast),
    users: () => userLines(cast),
    demographics: () => demographicLines(cast),
    enrollments: () => enrollmentLines(cast),
    resources: () => resourceLines(cast),
    courseResources: () => courseResourceLines(cast),
    classResources: () => classResourceLines(cast),
  };
  const files = Object.entries(lines).map(([file, of]) => ({
    name: `${file}.csv`,
    chunks: () => inChunks(of()),
  }));
  return { name, shape, files: () => files, records: () => sourceRecords(cast) };
}

const BULK = [
  'academicSessions',
  'classes',
  'classResources',
  'courseResources',
  'courses',
  'demographics',
  'enrollments',
  'orgs',
  'resources',
  'users',
];
const ABSENT = ['categories', 'lineItems', 'results'];

function* manifestLines(): Generator<string> {
  yield 'propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\n';
  for (const file of BULK) yield `file.${file},bulk\n`;
  for (const file of ABSENT) yield `file.${file},absent\n`;
  yield 'source.systemName,Hallpass district generator\nsource.systemCode,hallpass-demo\n';
}
