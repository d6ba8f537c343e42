const WORDS: Readonly<Record<string, 'M' | 'F' | 'X'>> = {
  male: 'M',
  m: 'M',
  female: 'F',
  f: 'F',
  other: 'X',
  x: 'X',
  nonbinary: 'X',
  unspecified: 'X',
};

export function readSex(text: string): 'M' | 'F' | 'X' | undefined {
  return WORDS[text.toLowerCase().replace(/[\s-]/g, '')];
}
