import type { TermSource } from '@hallpass/domain';
import type { FileReport } from '../csv/file-report.js';
import { RecordIds } from '../tables/record-ids.js';
import { dayOf } from '../cells/days.js';
import type { RosterFile } from '../tables/passes.js';
import { checkRows, remakeRows } from './records.js';
import { present } from '../cells/present.js';
import type { SESSIONS } from './shapes.js';

type SessionColumn = (typeof SESSIONS)['read'][number];

/** Every academic session, of whatever type, is a term. */
export class Sessions {
  readonly ids = new RecordIds();

  constructor(readonly file: RosterFile<SessionColumn>) {}

  async check(): Promise<void> {
    await checkRows(this.file, this.ids, (row, at) => {
      dayOf(row, at.startDate, 'startDate', this.file.report);
      dayOf(row, at.endDate, 'endDate', this.file.report);
      return true;
    });
  }

  records(muted: FileReport): AsyncGenerator<TermSource> {
    return remakeRows(this.file, this.ids, (row, at) => ({
      kind: 'term',
      sourceId: row.text(at.sourcedId),
      ...present({
        name: row.text(at.title),
        startDate: dayOf(row, at.startDate, 'startDate', muted),
        endDate: dayOf(row, at.endDate, 'endDate', muted),
      }),
    }));
  }
}
