import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import {
  ApiError,
  type Hallpass,
  KINDS,
  type Kind,
  type Listing,
  type Page,
  type Role,
} from '@hallpass/client';
import { lockPull } from './pull-lock.js';
import { UsageError } from './run.js';

/** What can be pulled: the kinds of record, users by their role, and everything. */
export const PULLED = [
  'all',
  'students',
  'teachers',
  'staff',
  'contacts',
  'users',
  'schools',
  'terms',
  'courses',
  'sections',
  'resources',
] as const;
export type Pulled = (typeof PULLED)[number];

const ROLES: Readonly<Partial<Record<Pulled, Role>>> = {
  students: 'student',
  teachers: 'teacher',
  staff: 'staff',
  contacts: 'contact',
};

/** How far a pull has come: as much of the file as is whole, and the link that goes on after it. */
interface Checkpoint {
  districtId: string;
  kind: Pulled;
  bytes: number;
  records: number;
  /** Undefined when everything is there. */
  cursor?: string | undefined;
  /** The last page told it. */
  eventsAfter?: string | undefined;
}

export interface PullingOptions {
  kind: Pulled;
  /** Where it is to be; meanwhile it is in `<out>.part`, with `<out>.checkpoint` beside it. */
  out: string;
  pageSize?: number | undefined;
  /** Ends it; the same call goes on. */
  signal: AbortSignal;
  /** Says what a person should know of the pull itself. */
  say: (line: string) => void;
  /** Is told how many there are, after every page. */
  progress: (records: number) => void;
}

export interface Pull {
  records: number;
  /** The events after this one continue it. */
  eventsAfter: string | undefined;
}

/**
 * Writes a list to a file, a record a line. A pull that was ended, or killed at any moment, goes on where the file is whole: what
 * was written after the last checkpoint is cut off first, so that nothing is there twice and nothing is missing. Meanwhile a second
 * pull to the same file is refused.
 */
export async function pulling(client: Hallpass, options: PullingOptions): Promise<Pull> {
  const unlock = await lockPull(options.out);
  try {
    return await pullLocked(client, options);
  } finally {
    await unlock();
  }
}

async function pullLocked(client: Hallpass, options: PullingOptions): Promise<Pull> {
  const { kind, out, say } = options;
  const { district: districtId } = await client.me({ signal: options.signal });
  const kept = await readCheckpoint(`${out}.checkpoint`);
  if (kept && (kept.districtId !== districtId || kept.kind !== kind)) {
    throw new UsageError(
      `${out}.checkpoint is of ${kept.districtId === districtId ? kept.kind : 'another district'}. Choose another --out, or delete it.`,
    );
  }
  const anew: Checkpoint = { districtId, kind, bytes: 0, records: 0 };
  if (!kept) return pullFrom(client, anew, options);
  const size = await sizeOf(`${out}.part`);
  if (size === undefined ? !isWhole(kept) : size < kept.bytes) {
    say(`${out}.part is not what its checkpoint says. Beginning anew.`);
    return pullFrom(client, anew, options);
  }
  say(`Going on after ${kept.records} records.`);
  try {
    return await pullFrom(client, kept, options);
  } catch (error) {
    if (!(error instanceof ApiError && LOST.has(error.code))) throw error;
    say('What the pull began with is no longer kept. Beginning anew.');
    return pullFrom(client, anew, options);
  }
}

/** Answers to a link that cannot be followed any more. */
const LOST = new Set(['cursor-expired', 'cursor-invalid']);

async function pullFrom(client: Hallpass, from: Checkpoint, options: PullingOptions): Promise<Pull> {
  const { out, signal, pageSize, progress } = options;
  const [part, checkpointFile] = [`${out}.part`, `${out}.checkpoint`];
  let at = from;
  // Where all was written before, what is left is to give the file its name; perhaps that was done, too.
  if (!isWhole(from) || (await sizeOf(part)) !== undefined) {
    const file = await openPart(part, from.bytes);
    try {
      await file.truncate(from.bytes);
      const pages = isWhole(from) ? [] : pagesOf(client, from, { cursor: from.cursor, pageSize, signal });
      for await (const { records, cursor, eventsAfter } of pages) {
        const lines = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
        await writeAll(file, lines, at.bytes);
        // The checkpoint must never know of more than the disk does.
        await file.datasync();
        const [bytes, count] = [at.bytes + lines.length, at.records + records.length];
        at = { ...at, bytes, records: count, cursor, eventsAfter };
        await writeCheckpoint(checkpointFile, at);
        progress(count);
      }
    } finally {
      await file.close();
    }
    await rename(part, out);
  }
  await rm(checkpointFile, { force: true });
  return { records: at.records, eventsAfter: at.eventsAfter };
}

/** Whether a pull was at its end: it had come somewhere, and no link goes on. */
function isWhole({ cursor, eventsAfter }: Checkpoint): boolean {
  return cursor === undefined && eventsAfter !== undefined;
}

async function openPart(path: string, bytes: number): Promise<FileHandle> {
  return open(path, bytes > 0 ? 'r+' : 'w', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path} cannot be written (${error.code}).`);
  });
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}

/** What is pulled, some at a time: of everything, each with its kind, by an export; the rest by lists, which cost less of a limit. */
async function* pagesOf(
  client: Hallpass,
  { kind }: Checkpoint,
  options: { cursor: string | undefined; pageSize: number | undefined; signal: AbortSignal },
): AsyncGenerator<Page<object>> {
  if (kind !== 'all') return yield* listOf(client, kind, options).pages();
  for await (const { records, ...page } of client.export(options).pages())
    yield { ...page, records: records.map((record) => ({ kind: record.kind, data: record.data })) };
}

/** The list of a kind, or of users with a role. */
export function listOf(
  client: Hallpass,
  kind: Exclude<Pulled, 'all'>,
  options: { cursor?: string | undefined; pageSize?: number | undefined; signal?: AbortSignal } = {},
): Listing<object> {
  return isKind(kind) ? client.list(kind, options) : client.users.list({ role: ROLES[kind], ...options });
}

function isKind(kind: Pulled): kind is Pulled & Kind {
  return KINDS.some((each) => each === kind);
}

/** A line that a terminal shows while a pull runs. */
export function progressLine(records: number, total: number | undefined, width = 30): string {
  if (!total) return `${records.toLocaleString('en')} records`;
  const share = Math.min(records / total, 1);
  const full = Math.round(share * width);
  const bar = '█'.repeat(full) + '░'.repeat(width - full);
  return `${bar} ${Math.floor(share * 100)} %  ${records.toLocaleString('en')} of ${total.toLocaleString('en')}`;
}

async function readCheckpoint(path: string): Promise<Checkpoint | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const read = JSON.parse(text) as Checkpoint;
    if (typeof read.bytes === 'number' && typeof read.districtId === 'string') return read;
  } catch {
    // What it is told below.
  }
  throw new UsageError(`${path} is no checkpoint of a pull. Choose another --out, or delete it.`);
}

/** Is there whole, or not at all. */
async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(checkpoint), { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}
