import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProblemList } from '@hallpass/domain';
import yazl from 'yazl';
import { ARCHIVE_LIMITS, openArchive, openFolder, type ArchiveLimits } from '../src/index.js';
import { briefly, readSource, ROSTER } from './fixtures.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hallpass-archive-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Entries = Readonly<Record<string, string | Buffer>>;

async function zipped(
  entries: Entries,
  options: { mode?: number; compress?: boolean } = {},
): Promise<string> {
  const zip = new yazl.ZipFile();
  for (const [name, text] of Object.entries(entries)) zip.addBuffer(Buffer.from(text), name, options);
  zip.end();
  const path = join(folder, `${Math.random().toString(36).slice(2)}.zip`);
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}

/** The archive with one name in it put for another of the same length: what no honest tool writes. */
async function renamed(entries: Entries, from: string, to: string): Promise<string> {
  const path = await zipped(entries);
  const bytes = Buffer.from((await readFile(path)).toString('latin1').replaceAll(from, to), 'latin1');
  await writeFile(path, bytes);
  return path;
}

async function readZip(path: string, limits?: ArchiveLimits) {
  const problems = new ProblemList();
  const source = await openArchive(path, problems, limits);
  const outcome = await readSource(source, {}, problems);
  await source.close();
  return { ...outcome, files: source.list() };
}

describe('a zip archive', () => {
  it('is read as the folder is', async () => {
    const outcome = await readZip(await zipped(ROSTER));
    expect([outcome.records.length, outcome.problems.listed]).toEqual([11, []]);
  });

  it('may hold one folder around the files, and the litter of desktops', async () => {
    const wrapped = Object.entries(ROSTER).map(([name, text]) => [`My roster/${name}`, text]);
    const litter = { '__MACOSX/My roster/._users.csv': 'x', 'My roster/.DS_Store': 'x' };
    const outcome = await readZip(await zipped({ ...litter, ...Object.fromEntries(wrapped) }));
    expect([outcome.records.length, outcome.problems.listed]).toEqual([11, []]);
    expect(outcome.files.sort()).toEqual(Object.keys(ROSTER).sort());
  });

  it.each([
    ['up and out', 'aaa/users.csv', '../../sers.cs'],
    ['from the root', 'aaaa/users.csv', '/etc/users.csv'],
    ['with backslashes', 'aaaa/users.csv', 'a\\..\\users.csv'],
    ['on a drive', 'aaaa/users.csv', 'c:aa/users.csv'],
  ])('with a path %s: refused', async (_, from, to) => {
    const { problems, files, isRead } = await readZip(await renamed({ ...ROSTER, [from]: 'x' }, from, to));
    expect([isRead, files, briefly(problems)]).toEqual([false, [], ['refused archive-unsafe-path']]);
  });

  it('with a symbolic link: refused', async () => {
    const { problems } = await readZip(await zipped({ 'users.csv': '/etc/passwd' }, { mode: 0o120777 }));
    expect(briefly(problems)).toEqual(['refused archive-unsafe-path']);
  });

  it.each([
    ['unpacks to too much', { unpackedBytesMax: 1_000 }],
    ['has too many files', { entriesMax: 3 }],
    ['has a file that unpacks to many times its size', { ratioMax: 1, ratioFromBytes: 100 }],
  ])('that %s: refused', async (_, limits) => {
    const { problems, isRead } = await readZip(await zipped(ROSTER), { ...ARCHIVE_LIMITS, ...limits });
    expect([isRead, briefly(problems)]).toEqual([false, ['refused archive-too-large']]);
  });

  it('of zeros to the power of zeros: refused by the limits that hold by default', async () => {
    const { problems } = await readZip(await zipped({ ...ROSTER, 'users.csv': Buffer.alloc(2 ** 25) }));
    expect(briefly(problems)).toEqual(['refused archive-too-large']);
  });

  it('that lies about the size of a file: refused when the file is read', async () => {
    const path = await zipped(ROSTER);
    const bytes = await readFile(path);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(Buffer.byteLength(ROSTER['users.csv']!));
    const smaller = Buffer.alloc(4);
    smaller.writeUInt32LE(10);
    for (let at = bytes.indexOf(size); at !== -1; at = bytes.indexOf(size, at)) smaller.copy(bytes, at);
    await writeFile(path, bytes);
    const { problems, isRead } = await readZip(path);
    expect([isRead, briefly(problems)]).toEqual([false, ['refused file-unreadable users.csv']]);
  });

  it('whose bytes were changed: refused', async () => {
    const path = await zipped({ ...ROSTER }, { compress: false });
    const bytes = await readFile(path);
    bytes.write('Eda', bytes.indexOf('Ada'));
    await writeFile(path, bytes);
    const { problems, isRead } = await readZip(path);
    expect([isRead, briefly(problems)]).toEqual([false, ['refused file-unreadable users.csv']]);
  });

  it('that is encrypted: refused', async () => {
    const path = await zipped(ROSTER);
    const bytes = await readFile(path);
    for (let at = bytes.indexOf('PK\x01\x02'); at !== -1; at = bytes.indexOf('PK\x01\x02', at + 4)) {
      bytes.writeUInt16LE(bytes.readUInt16LE(at + 8) | 1, at + 8);
    }
    await writeFile(path, bytes);
    expect(briefly((await readZip(path)).problems)).toEqual(['refused archive-unreadable']);
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['no archive at all', () => Buffer.from('sourcedId,status\n')],
    ['empty', () => Buffer.alloc(0)],
  ])('that is %s: refused', async (_, spoil) => {
    const path = await zipped(ROSTER);
    await writeFile(path, spoil(await readFile(path)));
    expect(briefly((await readZip(path)).problems)).toEqual(['refused archive-unreadable']);
  });

  it('with two files of one name: refused', async () => {
    const path = await renamed(
      { ...ROSTER, 'usersa.csv': 'x', 'usersb.csv': 'y' },
      'usersb.csv',
      'usersa.csv',
    );
    expect(briefly((await readZip(path)).problems)).toEqual(['refused archive-unreadable']);
  });
});

describe('a folder', () => {
  it('may hold the files in its only folder', async () => {
    const inner = join(folder, 'outer', 'inner');
    await mkdir(inner, { recursive: true });
    for (const [name, text] of Object.entries(ROSTER)) await writeFile(join(inner, name), text);
    const source = await openFolder(join(folder, 'outer'));
    expect((await readSource(source)).records).toHaveLength(11);
  });

  it('that is not there throws', async () => {
    await expect(openFolder(join(folder, 'nowhere'))).rejects.toThrow('ENOENT');
  });
});
