import { expect, it } from '@jest/globals';
import { openFolder } from '../src/index.js';
import { briefly, idsOf, readSource } from './fixtures.js';
import { describeWithData } from './present-data.js';

describeWithData('oneroster-1.1-district', (path) => {
  it('is read whole, without a problem', async () => {
    const outcome = await readSource(await openFolder(path));
    expect(outcome.problems.counts).toEqual([]);
    expect(idsOf(outcome, 'school')).toHaveLength(20);
    expect(idsOf(outcome, 'user')).toHaveLength(4441);
    expect(idsOf(outcome, 'section')).toHaveLength(1470);
    const sections = outcome.records.filter((record) => record.kind === 'section');
    const places = sections.flatMap(({ students, teachers }) => [...students, ...teachers]);
    expect(places).toHaveLength(31_045);
  });
});

describeWithData('clever-csv-dirty-district', (path) => {
  it('is refused as a format that is not read yet', async () => {
    const { problems, isRead } = await readSource(await openFolder(path));
    expect([isRead, briefly(problems)]).toEqual([false, ['refused format-unknown']]);
  });
});
