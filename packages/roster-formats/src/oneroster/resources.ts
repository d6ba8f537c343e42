import { RESOURCE_ROLES, type ResourceRole, type ResourceSource } from '@hallpass/domain';
import { present } from '../cells/present.js';
import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import type { RosterFile } from '../tables/passes.js';
import { RecordIds } from '../tables/record-ids.js';
import { listed } from '../tables/references.js';
import { Assignments } from './assignments.js';
import type { Classes } from './classes.js';
import type { Courses } from './courses.js';
import { checkRows, remakeRows } from './records.js';
import type { CLASS_RESOURCES, COURSE_RESOURCES, RESOURCES } from './shapes.js';
import { readUserRole } from './user-role.js';

type ResourceColumn = (typeof RESOURCES)['read'][number];

/** The files in which resources are assigned. */
export interface AssignmentFiles {
  classes: RosterFile<(typeof CLASS_RESOURCES)['read'][number]>;
  courses: RosterFile<(typeof COURSE_RESOURCES)['read'][number]>;
}

/** Resources, and the classes and courses that have them. */
export class Resources {
  readonly ids = new RecordIds();
  readonly #toClasses: Assignments<'classSourcedId'>;
  readonly #toCourses: Assignments<'courseSourcedId'>;

  constructor(
    readonly file: RosterFile<ResourceColumn>,
    files: AssignmentFiles,
    of: { classes: Classes; courses: Courses },
  ) {
    this.#toClasses = new Assignments(files.classes, 'classSourcedId', this.ids, of.classes.ids);
    this.#toCourses = new Assignments(files.courses, 'courseSourcedId', this.ids, of.courses.ids);
  }

  async check(): Promise<void> {
    await checkRows(this.file, this.ids, (row, at) => {
      const { report } = this.file;
      if (row.text(at.vendorResourceId) === '') {
        const place = { line: row.line, column: 'vendorResourceId' };
        const mend = 'Send the id that the vendor gives it.';
        report.skipped('value-missing', 'The resource has no vendorResourceId.', mend, place);
        return false;
      }
      rolesOf(row, at.roles, report);
      return true;
    });
  }

  /** Wants the resources, classes and courses settled. A resource of which an assignment cannot be read becomes doubtful. */
  async checkAssignments(): Promise<void> {
    await this.#toClasses.check();
    await this.#toCourses.check();
  }

  records(muted: FileReport): AsyncGenerator<ResourceSource> {
    return remakeRows(this.file, this.ids, (row, at, id): ResourceSource => {
      return {
        kind: 'resource',
        sourceId: row.text(at.sourcedId),
        resourceId: row.text(at.vendorResourceId),
        ...present({ title: row.text(at.title) }),
        roles: rolesOf(row, at.roles, muted),
        courses: this.#toCourses.of(id),
        sections: this.#toClasses.of(id),
      };
    });
  }
}

/** Whom it is for: of the roles of OneRoster the two that a class has, or both where the cell says nothing. */
function rolesOf(row: CsvRow, cell: number, report: FileReport): ResourceRole[] {
  const words = listed(row.text(cell));
  if (words.length === 0) return [...RESOURCE_ROLES];
  const roles = words.map((word) => {
    const role = readUserRole(word);
    if (role === undefined) {
      const mend = 'Send student, teacher, administrator, aide, proctor, guardian, parent or relative.';
      const place = { line: row.line, column: 'roles' };
      report.repaired('value-unknown', 'A role is none of OneRoster 1.1; it was left out.', mend, place);
    }
    return role;
  });
  return RESOURCE_ROLES.filter((role) => roles.includes(role));
}
