import type { ImportProblemCode } from '@hallpass/domain';
import type { Entry } from 'yauzl';

export interface ArchiveLimits {
  unpackedBytesMax: number;
  entriesMax: number;
  /** Roster CSV packs to between a fifth and a fortieth of its size; nothing honest comes near this. */
  ratioMax: number;
  /** Files smaller than this may have any ratio. */
  ratioFromBytes: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = {
  unpackedBytesMax: 4 * 2 ** 30,
  entriesMax: 1_000,
  ratioMax: 200,
  ratioFromBytes: 2 ** 24,
};

export interface ArchiveFault {
  code: ImportProblemCode;
  message: string;
  mend: string;
}

const SYMBOLIC_LINK = 0o120000;
const FILE_TYPE = 0o170000;

/** Why the entry must not be opened, or undefined. Its name is not quoted: whoever made the archive chose it. */
export function entryFault(entry: Entry, limits: ArchiveLimits): ArchiveFault | undefined {
  if (isUnsafePath(entry.fileName)) {
    return unsafe('The archive holds a file whose path leads outside the archive.');
  }
  if (((entry.externalFileAttributes >>> 16) & FILE_TYPE) === SYMBOLIC_LINK) {
    return unsafe('The archive holds a symbolic link.');
  }
  if (entry.isEncrypted()) {
    return unreadable('The archive is encrypted.', 'Send the archive without a password.');
  }
  const isStoredOrDeflated = entry.compressionMethod === 0 || entry.compressionMethod === 8;
  if (!isStoredOrDeflated) {
    return unreadable('The archive is packed in a way other than deflate.', 'Make an ordinary zip archive.');
  }
  const isBomb =
    entry.uncompressedSize > limits.ratioFromBytes &&
    entry.uncompressedSize > entry.compressedSize * limits.ratioMax;
  if (isBomb)
    return tooLarge(`A file in the archive unpacks to more than ${limits.ratioMax} times its size.`);
  return undefined;
}

export function isUnsafePath(path: string): boolean {
  const isAbsolute = path.startsWith('/') || /^[a-z]:/i.test(path);
  return isAbsolute || path.includes('\\') || path.includes('\0') || path.split('/').includes('..');
}

/** Folders, and what macOS and Windows leave beside the files. */
export function isLitter(path: string): boolean {
  const parts = path.split('/');
  return path.endsWith('/') || parts.some((part) => part === '__MACOSX' || part.startsWith('.'));
}

export function unsafe(message: string): ArchiveFault {
  return { code: 'archive-unsafe-path', message, mend: 'Zip the CSV files themselves, and nothing else.' };
}

export function tooLarge(message: string): ArchiveFault {
  return { code: 'archive-too-large', message, mend: 'Zip only the roster files.' };
}

export function unreadable(
  message: string,
  mend = 'Make the archive again and send it whole.',
): ArchiveFault {
  return { code: 'archive-unreadable', message, mend };
}
