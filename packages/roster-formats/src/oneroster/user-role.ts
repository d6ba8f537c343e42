/** The roles of a OneRoster 1.1 user, after '' for none. Their places here are what the tables keep. */
export const ROLE_CODES = [
  '',
  'student',
  'teacher',
  'administrator',
  'aide',
  'proctor',
  'guardian',
  'parent',
  'relative',
] as const;
export type OneRosterRole = Exclude<(typeof ROLE_CODES)[number], ''>;

export function readUserRole(text: string): OneRosterRole | undefined {
  const word = text.toLowerCase();
  return ROLE_CODES.find((role): role is OneRosterRole => role !== '' && role === word);
}

export function roleOfCode(code: number): OneRosterRole | undefined {
  return ROLE_CODES[code] || undefined;
}

export function isContact(role: OneRosterRole | undefined): role is 'guardian' | 'parent' | 'relative' {
  return role === 'guardian' || role === 'parent' || role === 'relative';
}
