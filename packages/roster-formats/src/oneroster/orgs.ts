import type { SchoolSource } from '@hallpass/domain';
import { ByteColumn } from '../tables/columns.js';
import { RecordIds } from '../tables/record-ids.js';
import type { RosterFile } from '../tables/passes.js';
import { checkRows, remakeRows } from './records.js';
import type { ORGS } from './shapes.js';

type OrgColumn = (typeof ORGS)['read'][number];

const TYPE = { unread: 0, school: 1, district: 2, other: 3 } as const;
const TYPES = new Map<string, number>([
  ['school', TYPE.school],
  ['district', TYPE.district],
  ['department', TYPE.other],
  ['local', TYPE.other],
  ['state', TYPE.other],
  ['national', TYPE.other],
]);

/** Schools become records; of the other orgs only their being there is remembered. */
export class Orgs {
  readonly ids = new RecordIds();
  readonly #types = new ByteColumn();

  constructor(readonly file: RosterFile<OrgColumn>) {}

  async check(): Promise<void> {
    await checkRows(this.file, this.ids, (row, at, id) => {
      const { report } = this.file;
      const type = TYPES.get(row.text(at.type).toLowerCase());
      if (type === undefined) {
        const mend = 'Send school, district, department, local, state or national.';
        const place = { line: row.line, column: 'type' };
        report.skipped('value-unknown', 'The type of org is none of OneRoster 1.1.', mend, place);
        return false;
      }
      if (type === TYPE.school && row.text(at.name) === '') {
        const place = { line: row.line, column: 'name' };
        report.skipped('value-missing', 'The school has no name.', 'Give it one.', place);
        return false;
      }
      this.#types.set(id, type);
      return true;
    });
  }

  /** A kept org is a school: nothing else is asked after in the district's roster. */
  isSchool(sourceId: string): boolean {
    const id = this.ids.index.findText(sourceId);
    if (!this.ids.isReferable(id)) return false;
    const type = this.#types.get(id);
    return type === TYPE.school || type === TYPE.unread;
  }

  isDistrict(sourceId: string): boolean {
    return this.#types.get(this.ids.index.findText(sourceId)) === TYPE.district;
  }

  async *records(): AsyncGenerator<SchoolSource> {
    const schools = remakeRows(this.file, this.ids, (row, at, id): SchoolSource | undefined => {
      if (this.#types.get(id) !== TYPE.school) return undefined;
      const schoolNumber = row.text(at.identifier);
      const school: SchoolSource = {
        kind: 'school',
        sourceId: row.text(at.sourcedId),
        name: row.text(at.name),
      };
      return schoolNumber === '' ? school : { ...school, schoolNumber };
    });
    for await (const school of schools) if (school) yield school;
  }
}
