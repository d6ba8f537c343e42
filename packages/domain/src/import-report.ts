import { RECORD_KINDS, type RecordKind } from './record.js';

/**
 * What became of a fault in a roster file. `repaired`: read all the same, nothing lost. `skipped`: that row could not be
 * read; the record it had before is kept. `refused`: nothing of the import is published.
 */
export const PROBLEM_CLASSES = ['repaired', 'skipped', 'refused'] as const;
export type ProblemClass = (typeof PROBLEM_CLASSES)[number];

/** Every fault a roster file can have. A code is stable; its sentences are not. */
export const IMPORT_PROBLEM_CODES = [
  'archive-unreadable',
  'archive-unsafe-path',
  'archive-too-large',
  'format-unknown',
  'format-unsupported',
  'file-missing',
  'file-ignored',
  'file-empty',
  'file-too-large',
  'file-unreadable',
  'manifest-missing',
  'header-missing-column',
  'header-repeated-column',
  'header-unknown-column',
  'header-misspelled-column',
  'encoding-converted',
  'control-characters-removed',
  'line-ends-converted',
  'row-wrong-width',
  'row-too-long',
  'quote-unclosed',
  'id-blank',
  'id-repeated',
  'value-missing',
  'value-unknown',
  'value-malformed',
  'grade-repaired',
  'reference-unknown',
  'teacher-missing',
  'term-missing',
  'status-unknown',
  'id-carried-elsewhere',
  'too-many-deletions',
] as const;
export type ImportProblemCode = (typeof IMPORT_PROBLEM_CODES)[number];

export interface ImportProblem {
  class: ProblemClass;
  code: ImportProblemCode;
  /** The file's name inside the folder or archive; absent when the fault is of the whole. */
  file?: string;
  /** 1-based line at which the row begins, the header being line 1. */
  line?: number;
  /** The column's name as the header spells it. */
  column?: string;
  /** What is wrong. Never holds a person's name, birth date, address, phone, e-mail or password. */
  message: string;
  /** What to do about it. */
  mend: string;
}

/** How many problems of one code in one file a report lists line by line; the counts beyond it stay exact. */
export const PROBLEMS_LISTED_MAX = 20_000;

export interface ProblemCount {
  class: ProblemClass;
  code: ImportProblemCode;
  file?: string;
  count: number;
}

/** Collects what a reading finds: every problem counted, and listed up to PROBLEMS_LISTED_MAX for each code and file. */
export class ProblemList {
  readonly listed: ImportProblem[] = [];
  readonly #counts = new Map<string, ProblemCount>();

  add(problem: ImportProblem): void {
    const key = `${problem.class}\0${problem.code}\0${problem.file ?? ''}`;
    const known = this.#counts.get(key);
    if (known) known.count += 1;
    else {
      const { class: found, code, file } = problem;
      this.#counts.set(key, { class: found, code, count: 1, ...(file === undefined ? {} : { file }) });
    }
    if ((known?.count ?? 1) <= PROBLEMS_LISTED_MAX) this.listed.push(problem);
  }

  get counts(): ProblemCount[] {
    return [...this.#counts.values()];
  }

  get isRefused(): boolean {
    return this.counts.some((each) => each.class === 'refused');
  }
}

/** What an import did, or would do, to one kind of record. */
export interface KindChange {
  created: number;
  updated: number;
  deleted: number;
  unchanged: number;
}
export type KindChanges = Record<RecordKind, KindChange>;

export function noChanges(): KindChanges {
  const none = () => ({ created: 0, updated: 0, deleted: 0, unchanged: 0 });
  return Object.fromEntries(RECORD_KINDS.map((kind) => [kind, none()])) as KindChanges;
}

/** True when an import would open or close any version. */
export function changesAnything(changes: KindChanges): boolean {
  return RECORD_KINDS.some((kind) => {
    const { created, updated, deleted } = changes[kind];
    return created + updated + deleted > 0;
  });
}

/** An import that would delete more than this share of a kind, and more than this many records of it, is held. */
export const DELETION_HOLD = { share: 0.1, recordsMin: 10 } as const;

/**
 * The kinds of which an import would delete too much to land unasked (a half-written export looks just like this).
 * Empty: it may land.
 */
export function heldKinds(changes: KindChanges, hold: { share: number; recordsMin: number } = DELETION_HOLD) {
  return RECORD_KINDS.filter((kind) => {
    const { updated, deleted, unchanged } = changes[kind];
    const before = updated + deleted + unchanged;
    return deleted > hold.recordsMin && deleted > before * hold.share;
  });
}

/** A district whose last import is older is one to look at: rosters come every night. */
export const IMPORT_OVERDUE_MS = 86_400_000;

/** The life of an import. `held` waits for confirmation; `published`, `unchanged`, `refused`, `failed`, `discarded` end it. */
export const IMPORT_STATUSES = [
  'running',
  'held',
  'published',
  'unchanged',
  'refused',
  'failed',
  'discarded',
] as const;
export type ImportStatus = (typeof IMPORT_STATUSES)[number];

/**
 * Whether an import that has come to this stands in the place of earlier ones that are held: the newest files that could be read
 * say what the district has, and an older report is no longer worth an answer.
 */
export function supersedesHeld(status: ImportStatus): boolean {
  return status === 'held' || status === 'published' || status === 'unchanged';
}
