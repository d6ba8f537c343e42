import type { ImportProblemCode, ProblemClass, ProblemList } from '@hallpass/domain';

export interface Place {
  line?: number;
  column?: string;
}

/**
 * Writes down the faults of one file. Messages quote no cell of users or demographics but ids: in a row whose cells
 * have slipped, the "role" is somebody's name.
 */
export class FileReport {
  isRefused = false;

  constructor(
    readonly problems: ProblemList,
    readonly file: string,
  ) {}

  repaired(code: ImportProblemCode, message: string, mend: string, place?: Place): void {
    this.#add('repaired', code, message, mend, place);
  }

  skipped(code: ImportProblemCode, message: string, mend: string, place?: Place): void {
    this.#add('skipped', code, message, mend, place);
  }

  refused(code: ImportProblemCode, message: string, mend: string, place?: Place): void {
    this.isRefused = true;
    this.#add('refused', code, message, mend, place);
  }

  #add(found: ProblemClass, code: ImportProblemCode, message: string, mend: string, place?: Place): void {
    this.problems.add({ class: found, code, file: this.file, ...place, message, mend });
  }
}

/** An id as a message may show it; text that does not look like one may be somebody's data in the wrong column. */
export function quotedId(text: string): string {
  const looksLikeId = /^[\w.:{}-]{1,64}$/.test(text) && /\d/.test(text);
  const looksPersonal = /^\+?\d{3}[.-]\d{3}[.-]\d{4}$|\d{4}-\d\d-\d\d(T|$)|^\d{1,2}-\d{1,2}-\d{4}$/.test(
    text,
  );
  return looksLikeId && !looksPersonal ? `"${text}"` : 'an id';
}
