import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { RosterSource } from './roster-source.js';

const CHUNK_BYTES = 1 << 18;

/** The roster in a folder, or in the only folder inside it. Throws when there is no such folder. */
export async function openFolder(path: string): Promise<RosterSource> {
  const { folder, files } = await filesOf(path);
  return {
    name: basename(resolve(path)),
    list: () => [...files],
    open: (file) => createReadStream(join(folder, file), { highWaterMark: CHUNK_BYTES }),
    close: async () => {},
  };
}

async function filesOf(path: string): Promise<{ folder: string; files: string[] }> {
  const names = (await readdir(path)).filter((name) => !name.startsWith('.') && name !== '__MACOSX').sort();
  const found = await Promise.all(names.map(async (name) => ({ name, stats: await stat(join(path, name)) })));
  const files = found.filter(({ stats }) => stats.isFile()).map(({ name }) => name);
  const folders = found.filter(({ stats }) => stats.isDirectory()).map(({ name }) => name);
  const [only] = folders;
  if (files.length === 0 && folders.length === 1 && only !== undefined) return filesOf(join(path, only));
  return { folder: path, files };
}
