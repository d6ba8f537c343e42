import { readTruth } from './truth.js';

/** "Y", "no", "1" and the like, as the wire has them. */
export function readYesNo(text: string): 'Y' | 'N' | undefined {
  const truth = readTruth(text);
  return truth === undefined ? undefined : truth ? 'Y' : 'N';
}
