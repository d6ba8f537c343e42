import type { Subject } from '@hallpass/domain';

/** The first pattern that fits wins, so the narrower ones stand first. */
const PATTERNS: readonly (readonly [RegExp, Subject])[] = [
  [/homeroom|advisory/, 'homeroom/advisory'],
  [/intervention|online|credit recovery|student support/, 'interventions/online learning'],
  [/computer|technolog|engineer|robotic|coding|programming|stem\b|vocational/, 'technology and engineering'],
  [/phys(ical|\.)?\s*ed|\bpe\b|p\.e\.|health|wellness|fitness|athletic/, 'PE and health'],
  [/social|history|civics|geograph|government|econom|psycholog|sociolog/, 'social studies'],
  [/math|algebra|geometry|calculus|statistic|arithmetic|trigonometr/, 'math'],
  [
    /language arts|\bela\b|english|reading|writing|literature|journalism|composition|literacy/,
    'english/language arts',
  ],
  [/language|spanish|french|german|latin|mandarin|chinese|japanese|arabic|\besl\b|\bell\b/, 'language'],
  [/science|biolog|chemist|physics|astronom|anatomy/, 'science'],
  [/\barts?\b|music|band|choir|chorus|orchestra|theat|drama|dance|photograph|ceramic/, 'arts and music'],
];

/** The subject that a district's own word for it means; 'other' when none does, undefined for ''. */
export function readSubject(text: string): Subject | undefined {
  const word = text.trim().toLowerCase();
  if (word === '') return undefined;
  return PATTERNS.find(([pattern]) => pattern.test(word))?.[1] ?? 'other';
}
