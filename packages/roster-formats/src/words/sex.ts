/** Words as OneRoster, Clever and forms have them. */
const WORDS = new Map<string, 'M' | 'F' | 'X'>([
  ['male', 'M'],
  ['m', 'M'],
  ['female', 'F'],
  ['f', 'F'],
  ['other', 'X'],
  ['x', 'X'],
  ['nonbinary', 'X'],
  ['unspecified', 'X'],
]);

export function readSex(text: string): 'M' | 'F' | 'X' | undefined {
  return WORDS.get(text.toLowerCase().replace(/[\s-]/g, ''));
}
