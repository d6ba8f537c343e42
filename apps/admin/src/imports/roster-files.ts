import type { RosterFiles } from '@hallpass/database';
import type { ProblemList, SourceRecord } from '@hallpass/domain';
import { readCarriedIds, readRoster, type RosterSource } from '@hallpass/roster-formats';

/** What an import wants of files that can be opened again and again; `open` writes down what is wrong with them. */
export function rosterFiles(
  contentHash: Buffer,
  open: (problems: ProblemList) => Promise<RosterSource | undefined>,
): RosterFiles {
  return {
    contentHash,
    async carriedIds(problems) {
      const source = await open(problems);
      if (!source) return [];
      try {
        return await readCarriedIds(source, problems);
      } finally {
        await source.close();
      }
    },
    async read(problems, previous) {
      if (problems.isRefused) return undefined;
      const source = await open(problems);
      if (!source) return undefined;
      const reading = await readRoster(source, { problems, previous });
      if (!reading) {
        await source.close();
        return undefined;
      }
      const { kept, keepsRelated } = reading;
      return { kept, keepsRelated, records: () => closingAfter(source, reading.records()) };
    },
  };
}

/** The records, after which the files are closed, however the reading ends. */
async function* closingAfter(source: RosterSource, records: AsyncIterable<SourceRecord>) {
  try {
    yield* records;
  } finally {
    await source.close();
  }
}
