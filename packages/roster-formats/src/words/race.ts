import type { Race } from '@hallpass/domain';

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
