/** What the demo consists of: names a reader recognises, and one app for each way of reading a roster. */
export const DISTRICTS = [
  { name: 'Alder County Schools', seed: 1 },
  { name: 'Birchwood Unified School District', seed: 2 },
  { name: 'Cedar Falls Public Schools', seed: 3 },
] as const;

/** Of everybody in the demo, which is on loopback alone. */
export const DEMO_PASSWORD = 'hallpass demo lantern';

export const STUDENTS_PER_DISTRICT = 2000;

export const PARTNERS = { rocket: 'Reading Rocket', garden: 'Garden Learning' } as const;

export const APPS = {
  /** Shares everything, with every district. */
  full: {
    name: 'Rocket Reader',
    partner: 'rocket',
    districts: [0, 1, 2],
    purpose: 'Suggests books to each reader, and shows teachers of a class who reads what.',
  },
  /** Two schools of each district, and no birth dates. */
  limited: {
    name: 'Math Garden',
    partner: 'garden',
    districts: [0, 1],
    schools: 2,
    hideFields: ['student.dob'],
    purpose: 'Practice in mathematics by grade: it makes a group for each section, with its teacher.',
  },
  /** Still on its API key. */
  legacy: {
    name: 'Garden Gradebook',
    partner: 'garden',
    districts: [0, 1],
    purpose: 'A gradebook for teachers, which follows who is in which class.',
  },
} as const;

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** API keys were announced 60 days ago, are slowed since yesterday, will be rehearsed away twice, and end in 90 days. */
export function sunsetPlanAt(now: Date) {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  const at = (days: number, hours = 0): string =>
    new Date(today + days * DAY_MS + hours * HOUR_MS).toISOString();
  return {
    announcedAt: at(-60),
    steps: [{ from: at(-1), requestsPerMinute: 120, mode: 'enforce' as const }],
    brownouts: [
      { from: at(30, 15), until: at(30, 16) },
      { from: at(60, 15), until: at(60, 19) },
    ],
    refusedAt: at(90),
  };
}
