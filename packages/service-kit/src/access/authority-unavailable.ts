import { Problem } from '../problems/problem.js';

/** What the look-up of a credential found; when it could not be made, the problem that says so: nothing is let in unchecked. */
export async function orUnavailable<T>(lookUp: T | Promise<T>): Promise<T> {
  try {
    return await lookUp;
  } catch (error) {
    if (error instanceof Problem || isOfInput(error)) throw error;
    throw new Problem('authority-unavailable', {
      detail: 'Try again in a few seconds.',
      headers: { 'retry-after': '5' },
      cause: error,
    });
  }
}

/** The database refused what it was asked with: a NUL in a text. */
function isOfInput(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '22021';
}
