import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { ProblemList } from '@hallpass/domain';
import { openFolder } from '../src/index.js';
import { readSource } from './fixtures.js';

const EXAMPLES = fileURLToPath(new URL('../../../docs/examples/', import.meta.url));

describe('the rosters that the documentation offers to download', () => {
  it.each([
    ['oneroster-1.1', 26],
    ['clever-csv', 6],
  ])('%s is read whole and without a problem', async (name, students) => {
    expect(await readdir(EXAMPLES)).toContain(name);
    const problems = new ProblemList();
    const { records } = await readSource(await openFolder(`${EXAMPLES}${name}`), {}, problems);
    expect(problems.counts).toEqual([]);
    const isStudent = (record: { kind: string; roles?: object }) =>
      record.kind === 'user' && 'student' in (record.roles ?? {});
    expect(records.filter(isStudent)).toHaveLength(students);
  });
});
