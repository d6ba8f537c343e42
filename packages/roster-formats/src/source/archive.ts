import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ProblemList } from '@hallpass/domain';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import {
  ARCHIVE_LIMITS,
  entryFault,
  isLitter,
  tooLarge,
  unreadable,
  unsafe,
  type ArchiveFault,
  type ArchiveLimits,
} from './archive-rules.js';
import type { RosterSource } from './roster-source.js';

/**
 * The roster in a zip archive, read in place: nothing is unpacked to disk. A fault of the archive is put on the list as
 * `refused`, and the source then has no files.
 */
export async function openArchive(
  path: string,
  problems: ProblemList,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): Promise<RosterSource> {
  const name = basename(path);
  const refuse = (fault: ArchiveFault) => {
    problems.add({ class: 'refused', ...fault });
    return emptySource(name);
  };
  let zip: ZipFile;
  try {
    zip = await openPromise(path, { autoClose: false, strictFileNames: true });
  } catch (error) {
    return refuse(openingFault(error));
  }
  const read = await readEntries(zip, limits);
  if ('code' in read) {
    zip.close();
    return refuse(read);
  }
  return archiveSource(name, zip, read.entries);
}

async function readEntries(
  zip: ZipFile,
  limits: ArchiveLimits,
): Promise<{ entries: Map<string, Entry> } | ArchiveFault> {
  const found: Entry[] = [];
  let unpackedBytes = 0;
  if (zip.entryCount > limits.entriesMax) return tooManyEntries(limits);
  try {
    for await (const entry of zip.eachEntry()) {
      const fault = entryFault(entry, limits);
      if (fault) return fault;
      unpackedBytes += entry.uncompressedSize;
      if (unpackedBytes > limits.unpackedBytesMax) {
        return tooLarge(`The archive unpacks to more than ${limits.unpackedBytesMax} bytes.`);
      }
      if (!isLitter(entry.fileName)) found.push(entry);
    }
  } catch (error) {
    return openingFault(error);
  }
  return named(found);
}

function tooManyEntries(limits: ArchiveLimits): ArchiveFault {
  return tooLarge(`The archive holds more than ${limits.entriesMax} files.`);
}

/** Files by name. People often zip the folder rather than the files: one folder around everything is left out. */
function named(found: readonly Entry[]): { entries: Map<string, Entry> } | ArchiveFault {
  const [top] = found[0]?.fileName.split('/', 1) ?? [];
  const isWrapped = found.every(({ fileName }) => fileName.startsWith(`${top}/`));
  const entries = new Map<string, Entry>();
  for (const entry of found) {
    const name = isWrapped ? entry.fileName.slice(top!.length + 1) : entry.fileName;
    if (entries.has(name)) return unreadable('The archive holds two files of one name.');
    entries.set(name, entry);
  }
  return { entries };
}

function archiveSource(name: string, zip: ZipFile, entries: Map<string, Entry>): RosterSource {
  return {
    name,
    list: () => [...entries.keys()],
    open: (file) => unpack(zip, entries.get(file)!),
    close: async () => zip.close(),
  };
}

/** Counts and sums the bytes that really come: the sizes in an archive are only what its maker wrote there. */
async function* unpack(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  let bytes = 0;
  let sum = 0;
  for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > entry.uncompressedSize) throw new Error('The file unpacks to more than the archive says.');
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== entry.crc32) throw new Error('The checksum of the file is wrong.');
}

function openingFault(error: unknown): ArchiveFault {
  // yauzl refuses bad names itself, before an entry is seen.
  const isPath =
    error instanceof Error &&
    /invalid (relative path|characters in fileName)|absolute path/.test(error.message);
  if (isPath) return unsafe('The archive holds a file whose path leads outside the archive.');
  return unreadable('This is not a zip archive, or it is not whole.');
}

function emptySource(name: string): RosterSource {
  return { name, list: () => [], open: noFile, close: async () => {} };
}

// oxlint-disable-next-line require-yield -- there is nothing to yield
async function* noFile(): AsyncGenerator<Buffer> {
  throw new Error('The archive was refused.');
}
