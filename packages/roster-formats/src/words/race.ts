import type { Race } from '@hallpass/domain';
import { folded } from './folded.js';

/** The five of the federal categories, as flags; a person may have several. */
export const RACE_FLAGS = [
  'American Indian',
  'Asian',
  'Black or African American',
  'Hawaiian or Other Pacific Islander',
  'Caucasian',
] as const satisfies readonly Race[];

/** One word for the flags that are set, in the order of RACE_FLAGS; undefined when nothing is said. */
export function raceOf(flags: readonly boolean[], isTwoOrMore: boolean): Race | undefined {
  const said = RACE_FLAGS.filter((_, index) => flags[index] === true);
  if (isTwoOrMore || said.length > 1) return 'Two or More Races';
  return said[0];
}

/** A race written as a word or a letter in one column, by the folded spelling. */
const WORDS = new Map<string, Race>([
  ['c', 'Caucasian'],
  ['w', 'Caucasian'],
  ['caucasian', 'Caucasian'],
  ['white', 'Caucasian'],
  ['a', 'Asian'],
  ['asian', 'Asian'],
  ['b', 'Black or African American'],
  ['black', 'Black or African American'],
  ['africanamerican', 'Black or African American'],
  ['blackorafricanamerican', 'Black or African American'],
  ['blackafricanamerican', 'Black or African American'],
  ['i', 'American Indian'],
  ['americanindian', 'American Indian'],
  ['nativeamerican', 'American Indian'],
  ['americanindianoralaskanative', 'American Indian'],
  ['americanindianalaskanative', 'American Indian'],
  ['p', 'Hawaiian or Other Pacific Islander'],
  ['pacificislander', 'Hawaiian or Other Pacific Islander'],
  ['hawaiianorotherpacificislander', 'Hawaiian or Other Pacific Islander'],
  ['nativehawaiianorotherpacificislander', 'Hawaiian or Other Pacific Islander'],
  ['m', 'Two or More Races'],
  ['twoormoreraces', 'Two or More Races'],
  ['twoormore', 'Two or More Races'],
  ['multiracial', 'Two or More Races'],
  ['u', 'Unknown'],
  ['unknown', 'Unknown'],
]);

export function readRace(text: string): Race | undefined {
  return WORDS.get(folded(text));
}
