export { readCarriedIds } from './carried-ids.js';
export { readRoster } from './read-roster.js';
export type { PreviousRecords, ReadingOptions, RosterReading } from './roster-reading.js';
export { openArchive } from './source/archive.js';
export { ARCHIVE_LIMITS, type ArchiveLimits } from './source/archive-rules.js';
export { openFolder } from './source/folder.js';
export type { RosterSource } from './source/roster-source.js';
