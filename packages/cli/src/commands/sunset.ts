import { Command } from 'commander';
import { UsageError, count, instant, runs } from '../run.js';
import { listing } from '../text.js';
import type { SunsetPlan } from '../wire.js';
import { readJson } from './app.js';

interface PlanOptions {
  file?: string;
  announced?: string;
  slowed?: string[];
  brownout?: string[];
  refused?: string;
}

export function sunset(): Command {
  const command = new Command('sunset').description('the plan that retires API keys');
  runs(
    command
      .command('show')
      .description('the dates')
      .addHelpText('after', '\nExample:\n  hallpass sunset show'),
    async (admin) => {
      const plan = await admin.getSunsetPlan();
      return { json: plan, text: describe(plan) };
    },
  );
  addSet(command);
  addExtend(command);
  return command;
}

function addSet(command: Command): void {
  runs<PlanOptions>(
    command
      .command('set')
      .description('change the dates given and keep the others; "none" takes a date away')
      .option('--file <plan>', 'JSON file with a whole plan to put in place of the present one')
      .option('--announced <date>', 'when notice is given')
      .option(
        '--slowed <date:requests>',
        'from when, to how many requests a minute; repeat for further steps',
        collect,
      )
      .option('--brownout <from/until>', 'a rehearsal in which keys are refused; repeat for more', collect)
      .option('--refused <date>', 'when keys end')
      .addHelpText(
        'after',
        `
Example:
  hallpass sunset set --announced 2026-09-01 --slowed 2026-11-01:120 \\
    --brownout 2026-12-01T09:00:00Z/2026-12-01T10:00:00Z --refused 2027-02-01`,
      ),
    async (admin, options) => {
      if (Object.values(options).every((value) => value === undefined || typeof value === 'boolean')) {
        throw new UsageError('Say what to change: --file, --announced, --slowed, --brownout or --refused.');
      }
      const present = options.file === undefined ? await admin.getSunsetPlan() : await readJson(options.file);
      const plan = await admin.setSunsetPlan(changed(present as SunsetPlan, options));
      return { json: plan, text: describe(plan) };
    },
  );
}

function addExtend(command: Command): void {
  runs<{ app: string; until: string; reason: string }>(
    command
      .command('extend')
      .description('give one app more time: until then the plan stands still at its notice')
      .requiredOption('--app <id>', 'the app')
      .requiredOption('--until <date>', 'how long')
      .requiredOption('--reason <text>', 'why, for the audit log')
      .addHelpText(
        'after',
        '\nExample:\n  hallpass sunset extend --app 5f0c… --until 2027-06-30 --reason "summer release"',
      ),
    async (admin, { app, until, reason }) => {
      const json = await admin.extendSunset(app, { until: instant(until), reason });
      return {
        json: json ?? { until: instant(until), reason },
        text: `App ${app} has until ${instant(until)}.`,
      };
    },
  );
}

/** The plan with what was given put in place of what stood there. Fields an answer holds beside the plan are left out. */
function changed(plan: SunsetPlan, { announced, slowed, brownout, refused }: PlanOptions): SunsetPlan {
  return {
    announcedAt: announced === undefined ? plan.announcedAt : dateOrNone(announced),
    steps: slowed ? given(slowed).map(step) : plan.steps,
    brownouts: brownout ? given(brownout).map(window) : plan.brownouts,
    refusedAt: refused === undefined ? plan.refusedAt : dateOrNone(refused),
  };
}

function given(list: string[]): string[] {
  return list.filter((each) => each !== 'none');
}

function dateOrNone(text: string): string | null {
  return text === 'none' ? null : instant(text);
}

function step(text: string): SunsetPlan['steps'][number] {
  const colon = text.lastIndexOf(':');
  if (colon < 0) throw new UsageError(`"${text}" is not DATE:REQUESTS, such as 2026-11-01:120.`);
  return { from: instant(text.slice(0, colon)), requestsPerMinute: count(text.slice(colon + 1)) };
}

function window(text: string): SunsetPlan['brownouts'][number] {
  const [from, until, ...more] = text.split('/');
  if (!from || !until || more.length > 0)
    throw new UsageError(`"${text}" is not FROM/UNTIL, two dates with a slash between.`);
  return { from: instant(from), until: instant(until) };
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function describe({ announcedAt, steps, brownouts, refusedAt }: SunsetPlan): string {
  const dates = [
    ...(announcedAt ? [{ at: announcedAt, what: 'announced' }] : []),
    ...steps.map(({ from, requestsPerMinute }) => ({
      at: from,
      what: `slowed to ${requestsPerMinute} requests a minute`,
    })),
    ...brownouts.map(({ from, until }) => ({ at: from, what: `brownout until ${until}` })),
    ...(refusedAt ? [{ at: refusedAt, what: 'refused' }] : []),
  ].sort((a, b) => a.at.localeCompare(b.at));
  return listing(dates, 'dates: API keys work without an end', {
    DATE: (d) => d.at,
    'API KEYS ARE': (d) => d.what,
  });
}
