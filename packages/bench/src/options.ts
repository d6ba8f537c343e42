import { parseArgs } from 'node:util';

const BENCHES = ['pages', 'import', 'reading', 'tokens', 'limits', 'client'] as const;

export interface BenchOptions {
  only: (typeof BENCHES)[number] | undefined;
  /** Of the generated district; each bench has its own default. */
  students: number | undefined;
  rounds: number;
}

const USAGE = 'pnpm bench [--only pages|import|reading|tokens|limits|client] [--students N] [--rounds N]';

export function readOptions(given: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: given.filter((each) => each !== '--'),
    options: {
      only: { type: 'string' },
      students: { type: 'string' },
      rounds: { type: 'string', default: '5' },
    },
  });
  const only = BENCHES.find((each) => each === values.only);
  if (values.only !== undefined && only === undefined) throw new Error(USAGE);
  return {
    only,
    students: values.students === undefined ? undefined : atLeastOne(values.students),
    rounds: atLeastOne(values.rounds),
  };
}

function atLeastOne(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(USAGE);
  return number;
}
