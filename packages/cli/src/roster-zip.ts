import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import yazl from 'yazl';

/** A path that holds no roster. */
export class NoRosterError extends Error {
  override readonly name = 'NoRosterError';
}

/** One file of a roster, in pieces. */
export interface RosterFile {
  name: string;
  chunks(): Iterable<string>;
}

/** A roster as a zip stream: a .zip as it is, the CSV files of a folder zipped while they are read. */
export async function openRoster(path: string): Promise<Readable> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new NoRosterError(`There is nothing at ${path}.`);
  if (found.isDirectory()) return zipFolder(path);
  if (extname(path).toLowerCase() === '.zip') return createReadStream(path);
  throw new NoRosterError(`${path} is neither a folder of CSV files nor a .zip.`);
}

async function zipFolder(folder: string): Promise<Readable> {
  const names = (await readdir(folder)).filter(
    (name) => extname(name).toLowerCase() === '.csv' && !name.startsWith('.'),
  );
  if (names.length === 0) throw new NoRosterError(`There are no .csv files directly in ${folder}.`);
  return zipped((zip) => {
    for (const name of names.sort()) zip.addFile(join(folder, name), name, { compressionLevel: 1 });
  });
}

/** Files made on the fly as a zip stream; none is held in memory as a whole. */
export function zipFiles(files: Iterable<RosterFile>): Readable {
  return zipped((zip) => {
    for (const file of files) {
      zip.addReadStreamLazy(file.name, { compressionLevel: 1 }, (give) =>
        give(null, Readable.from(file.chunks())),
      );
    }
  });
}

function zipped(fill: (zip: yazl.ZipFile) => void): Readable {
  const zip = new yazl.ZipFile();
  const stream = new PassThrough();
  // yazl reports a file it cannot read on itself; whoever reads the stream must hear of it.
  zip.on('error', (error) => stream.destroy(error));
  zip.outputStream.pipe(stream);
  fill(zip);
  zip.end();
  return stream;
}
