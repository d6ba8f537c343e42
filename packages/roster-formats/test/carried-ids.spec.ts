import { describe, expect, it } from '@jest/globals';
import { ProblemList } from '@hallpass/domain';
import { readCarriedIds } from '../src/index.js';
import { aSource } from './fixtures.js';

const HEX = '4fd43cc56d11340000000005';

describe('readCarriedIds', () => {
  it('yields the ids that a roster brings along, and none when it brings no file', async () => {
    const problems = new ProblemList();
    const source = aSource({ 'hallpass-ids.csv': `kind,sourcedId,id\nuser,u1,${HEX.toUpperCase()}\n` });
    expect(await readCarriedIds(source, problems)).toEqual([
      { kind: 'user', sourceId: 'u1', id: HEX, line: 2 },
    ]);
    expect(await readCarriedIds(aSource({}), problems)).toEqual([]);
    expect(problems.listed).toEqual([]);
  });

  it.each([
    [`pupil,u1,${HEX}`, 'value-unknown', 'kind'],
    [`user,,${HEX}`, 'id-blank', 'sourcedId'],
    ['user,u1,123', 'value-malformed', 'id'],
  ])('skips %s and says why', async (row, code, column) => {
    const problems = new ProblemList();
    const source = aSource({ 'hallpass-ids.csv': `kind,sourcedId,id\n${row}\n` });
    expect(await readCarriedIds(source, problems)).toEqual([]);
    expect(problems.listed).toMatchObject([{ class: 'skipped', code, line: 2, column }]);
  });

  it('refuses a header that names something else', async () => {
    const problems = new ProblemList();
    await readCarriedIds(aSource({ 'hallpass-ids.csv': 'a,b\n1,2\n' }), problems);
    expect(problems.isRefused).toBe(true);
  });
});
