import type { FrlStatus } from '@hallpass/domain';
import { folded } from './folded.js';

const WORDS = new Map<string, FrlStatus>([
  ['f', 'Free'],
  ['free', 'Free'],
  ['r', 'Reduced'],
  ['reduced', 'Reduced'],
  ['reducedprice', 'Reduced'],
  ['p', 'Paid'],
  ['paid', 'Paid'],
  ['fullprice', 'Paid'],
  ['n', 'Paid'],
  ['no', 'Paid'],
  // Free or reduced: which of them is not said.
  ['y', 'Other'],
  ['yes', 'Other'],
  ['other', 'Other'],
]);

/** How a pupil's lunch is paid for. */
export function readFrlStatus(text: string): FrlStatus | undefined {
  return WORDS.get(folded(text));
}
