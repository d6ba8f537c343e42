import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import {
  ErrandDesk,
  addPiece,
  answerOf,
  beginImport,
  createDataSource,
  errandFile,
  failInterruptedImports,
  sendErrand,
  writeErrand,
  type TakenErrand,
} from '../src/index.js';
import { SYSTEM, TestDirectory, type TestDistrict } from '../src/testing/index.js';
import { DomainError, newId, type ErrandId, type ImportId } from '@hallpass/domain';

let directory: TestDirectory;
let district: TestDistrict;
beforeAll(async () => {
  directory = await TestDirectory.open();
  district = await directory.district([]);
});
afterAll(() => directory.close());
beforeEach(() => directory.dataSource.query('delete from errands'));

const failing = (error: unknown): never => {
  throw error;
};
const desk = (run: (taken: TakenErrand) => Promise<void>, dataSource = directory.dataSource) =>
  new ErrandDesk(dataSource, run, failing);
const written = async (file: readonly string[] = []) => {
  const id = newId<ErrandId>();
  const errand = {
    kind: 'start-import',
    districtId: district.id,
    importId: newId<ImportId>(),
  } as const;
  await writeErrand(directory.dataSource, id, errand, SYSTEM);
  for (const [number, piece] of file.entries())
    await addPiece(directory.dataSource, id, number, Buffer.from(piece));
  return { id, importId: errand.importId };
};
const sent = async (file: readonly string[] = []) => {
  const errand = await written(file);
  await sendErrand(directory.dataSource, errand.id);
  return errand;
};
const kept = async () => {
  const found = await directory.dataSource.query<{ id: ErrandId }[]>('select id from errands order by id');
  return found.map(({ id }) => id);
};
const age = (id: ErrandId, column: 'created_at' | 'ready_at', time: string) =>
  directory.dataSource.query(`update errands set ${column} = now() - $2::interval where id = $1`, [id, time]);

it('errands are run once each, the oldest first, and those that came meanwhile', async () => {
  const ran: ErrandId[] = [];
  const [first, second] = [await sent(), await sent()];
  await age(second.id, 'ready_at', '1 minute');
  let late: ErrandId | undefined;
  await desk(async ({ id }) => {
    ran.push(id);
    late ??= (await sent()).id;
  }).runAll();
  await desk(failing).runAll();
  expect(ran).toEqual([second.id, first.id, late]);
  expect(await answerOf(directory.dataSource, first.id)).toEqual({ outcome: 'done' });
});

it('a refusal is answered as one, and what no rule foresees as a failure', async () => {
  const [refused, failed] = [await sent(), await sent()];
  const faults: unknown[] = [];
  await new ErrandDesk(
    directory.dataSource,
    ({ id }) =>
      Promise.reject(id === refused.id ? new DomainError('import-running', 'one runs') : new Error('no')),
    (error) => faults.push(error),
  ).runAll();
  expect(await answerOf(directory.dataSource, refused.id)).toMatchObject({ code: 'import-running' });
  expect(await answerOf(directory.dataSource, failed.id)).toEqual({ outcome: 'failed' });
  expect(faults).toHaveLength(1);
});

it('one that runs is not run by another process, however long it takes', async () => {
  const { id } = await sent();
  let end = (): void => undefined;
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const running = desk(() => {
    begin();
    return new Promise<void>((resolve) => (end = resolve));
  }).runAll();
  await begun;
  await desk(failing).runAll();
  expect(await answerOf(directory.dataSource, id)).toBeUndefined();
  end();
  await running;
  expect(await answerOf(directory.dataSource, id)).toEqual({ outcome: 'done' });
});

it('one whose process stops in the middle is run again, with all of its file, and its import begins anew', async () => {
  const { id, importId } = await sent(['the first ', 'and the last']);
  const dying = await createDataSource({ url: directory.url }).initialize();
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  void desk(async () => {
    await beginImport(dying, district.id, importId, SYSTEM);
    begin();
    await new Promise(() => undefined);
  }, dying).runAll();
  await begun;
  const lockedBy = async () =>
    directory.dataSource.query<{ pid: number }[]>(
      `select l.pid from pg_locks l join pg_database d on d.oid = l.database
       where d.datname = current_database() and l.locktype = 'advisory'`,
    );
  const [{ pid } = { pid: 0 }] = await lockedBy();
  await directory.dataSource.query('select pg_terminate_backend($1)', [pid]);
  // The server lets go of it a moment later; a lock that stays hangs this test.
  while ((await lockedBy()).length > 0);

  // As admin starts.
  await failInterruptedImports(directory.dataSource);
  const files: string[] = [];
  await desk(async (taken) => {
    await beginImport(directory.dataSource, district.id, importId, SYSTEM);
    let file = '';
    for await (const piece of errandFile(directory.dataSource, taken.id)) file += piece.toString();
    files.push(file);
  }).runAll();
  expect(files).toEqual(['the first and the last']);
  expect(await answerOf(directory.dataSource, id)).toEqual({ outcome: 'done' });
  const [row] = await directory.dataSource.query<{ status: string; finished_at: Date | null }[]>(
    'select status, finished_at from imports where id = $1',
    [importId],
  );
  expect(row).toEqual({ status: 'running', finished_at: null });
  // Begun it is not begun again.
  await expect(beginImport(directory.dataSource, district.id, importId, SYSTEM)).rejects.toMatchObject({
    code: 'import-running',
  });
  await dying.destroy();
});

it('is kept as long as somebody may wait for it, and its file for as long as it comes in', async () => {
  const coming = await written(['the first']);
  await age(coming.id, 'created_at', '23 hours');
  const answered = await sent();
  await desk(() => Promise.resolve()).runAll();
  await age(answered.id, 'ready_at', '4 minutes');
  await desk(failing).runAll();
  expect(await kept()).toEqual([coming.id, answered.id].toSorted());
  await age(coming.id, 'created_at', '25 hours');
  await age(answered.id, 'ready_at', '6 minutes');
  const [inTime, late] = [await sent(), await sent()];
  await age(inTime.id, 'ready_at', '59 minutes');
  await age(late.id, 'ready_at', '61 minutes');
  const ran: ErrandId[] = [];
  await desk(({ id }) => Promise.resolve(void ran.push(id))).runAll();
  expect(ran).toEqual([inTime.id]);
  expect(await kept()).toEqual([inTime.id]);
});
