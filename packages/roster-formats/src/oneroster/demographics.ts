import { RACES, type StudentSource } from '@hallpass/domain';
import type { CsvRow } from '../csv/csv-row.js';
import type { Positions } from '../csv/header.js';
import { ByteColumn, IntColumn } from '../tables/columns.js';
import { ID_STATE, type RecordIds } from '../tables/record-ids.js';
import { raceOf } from '../words/race.js';
import { readSex } from '../words/sex.js';
import { readTruth } from '../words/truth.js';
import { dayOf } from '../cells/days.js';
import type { RosterFile } from '../tables/passes.js';
import { readStatus } from './records.js';
import { reportUnknown } from '../tables/references.js';
import type { DEMOGRAPHICS } from './shapes.js';

type DemographicColumn = (typeof DEMOGRAPHICS)['read'][number];
export type Demographic = Pick<StudentSource, 'dob' | 'gender' | 'race' | 'hispanicEthnicity'>;

const SEXES = ['M', 'F', 'X'] as const;
/** In the order of RACE_FLAGS. */
const FLAG_COLUMNS = [
  'americanIndianOrAlaskaNative',
  'asian',
  'blackOrAfricanAmerican',
  'nativeHawaiianOrOtherPacificIslander',
  'white',
] as const;
const SEEN = 0x80;

/** Demographics by the number of the user: five bytes a person, as they come in a file of their own. */
export class Demographics {
  /** YYYYMMDD; 0 for none. */
  readonly #births = new IntColumn();
  /** Bits 0-1: one more than the place in SEXES. 2-4: of RACES. 5-6: Hispanic, 1 no, 2 yes. 7: a row was seen. */
  readonly #facts = new ByteColumn();

  constructor(readonly file: RosterFile<DemographicColumn>) {}

  async check(users: RecordIds): Promise<void> {
    for await (const { at, rows } of this.file.batches()) {
      for (const row of rows) this.#checkRow(row, at, users);
    }
  }

  of(user: number): Demographic {
    const facts = this.#facts.get(user);
    const birth = String(this.#births.get(user));
    const [sex, race, hispanic] = [facts & 3, (facts >> 2) & 7, (facts >> 5) & 3];
    return {
      ...(birth === '0' ? {} : { dob: `${birth.slice(0, 4)}-${birth.slice(4, 6)}-${birth.slice(6)}` }),
      ...(sex === 0 ? {} : { gender: SEXES[sex - 1]! }),
      ...(race === 0 ? {} : { race: RACES[race - 1]! }),
      ...(hispanic === 0 ? {} : { hispanicEthnicity: hispanic === 2 ? 'Y' : 'N' }),
    };
  }

  #checkRow(row: CsvRow, at: Positions<DemographicColumn>, users: RecordIds): void {
    const { report } = this.file;
    const place = { line: row.line, column: 'sourcedId' };
    const user = users.index.find(row, at.sourcedId);
    if (row.fault !== undefined) return users.markDoubtful(user);
    const sourceId = row.text(at.sourcedId);
    if (sourceId === '') {
      const mend = 'Give the row the id of its user.';
      return report.skipped('id-blank', 'The row has no id.', mend, place);
    }
    if (users.stateOf(user) === ID_STATE.unknown) return reportUnknown(report, sourceId, place);
    if (this.#facts.get(user) !== 0) {
      const mend = 'Give each user one row.';
      return report.skipped('id-repeated', 'The user has a row already; this one was not read.', mend, place);
    }
    const status = readStatus(row, at.status, report);
    if (status === undefined) users.markDoubtful(user);
    if (status === 'present') this.#keep(row, at, user);
  }

  #keep(row: CsvRow, at: Positions<DemographicColumn>, user: number): void {
    const birth = dayOf(row, at.birthDate, 'birthDate', this.file.report);
    if (birth !== undefined) this.#births.set(user, Number(birth.replaceAll('-', '')));
    const sexText = row.text(at.sex);
    const sex = readSex(sexText);
    if (sex === undefined && sexText !== '') this.#reportUnknown(row, 'sex');
    const race = this.#raceOf(row, at);
    const hispanic = this.#truthOf(row, at, 'hispanicOrLatinoEthnicity');
    this.#facts.set(
      user,
      SEEN |
        (sex === undefined ? 0 : SEXES.indexOf(sex) + 1) |
        ((race === undefined ? 0 : RACES.indexOf(race) + 1) << 2) |
        ((hispanic === undefined ? 0 : hispanic ? 2 : 1) << 5),
    );
  }

  #raceOf(row: CsvRow, at: Positions<DemographicColumn>) {
    const flags = FLAG_COLUMNS.map((column) => this.#truthOf(row, at, column) === true);
    return raceOf(flags, this.#truthOf(row, at, 'demographicRaceTwoOrMoreRaces') === true);
  }

  #truthOf(row: CsvRow, at: Positions<DemographicColumn>, column: DemographicColumn): boolean | undefined {
    const text = row.text(at[column]);
    const truth = readTruth(text);
    if (truth === undefined && text !== '') this.#reportUnknown(row, column);
    return truth;
  }

  #reportUnknown(row: CsvRow, column: string): void {
    const mend = column === 'sex' ? 'Send male, female or other.' : 'Send true or false.';
    const message = 'The value is none of OneRoster 1.1; it was left out.';
    this.file.report.repaired('value-unknown', message, mend, { line: row.line, column });
  }
}
