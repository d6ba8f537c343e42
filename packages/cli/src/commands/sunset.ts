import { Command } from 'commander';
import type { AdminClient } from '../admin-client.js';
import { UsageError, count, instant, runs, type Outcome } from '../run.js';
import { cell, listing } from '../text.js';
import type { NamedApp, PlanInForce, Proposed, Rehearsal, SunsetPlan } from '../wire.js';
import { readJson } from './app.js';
import { drawStatus } from './sunset-status.js';

interface PlanOptions {
  file?: string;
  announced?: string;
  slowed?: string[];
  tried?: string[];
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
  runs(
    command
      .command('status')
      .description('the plan on a line of time, and how far each app has come')
      .addHelpText('after', '\nExample:\n  hallpass sunset status'),
    async (admin) => {
      const [plan, apps] = await Promise.all([admin.getSunsetPlan(), admin.listMigrations()]);
      return { json: { plan, apps }, text: drawStatus(plan, apps, new Date()) };
    },
  );
  addSet(command);
  addRehearse(command);
  addProposals(command);
  addExtensions(command);
  return command;
}

/** The dates of a plan as options; the same of a plan that is set and of one that is tried. */
function withDates(command: Command): Command {
  return command
    .option('--file <plan>', 'JSON file with a whole plan to put in place of the present one')
    .option('--announced <date>', 'when notice is given')
    .option(
      '--slowed <date:requests>',
      'from when, to how many requests a minute; repeat for further steps',
      collect,
    )
    .option(
      '--tried <date:requests>',
      'the same in shadow: who would be refused is counted, and nobody is',
      collect,
    )
    .option('--brownout <from/until>', 'a rehearsal in which keys are refused; repeat for more', collect)
    .option('--refused <date>', 'when keys end')
    .option('--app <id>', 'for one app alone, in the place of the plan for all');
}

async function planFrom(admin: AdminClient, options: PlanOptions & { app?: string }): Promise<SunsetPlan> {
  const { file, announced, slowed, tried, brownout, refused } = options;
  if ([file, announced, slowed, tried, brownout, refused].every((value) => value === undefined))
    throw new UsageError(
      'Say what to change: --file, --announced, --slowed, --tried, --brownout or --refused.',
    );
  if (file !== undefined) return changed((await readJson(file)) as Partial<SunsetPlan>, options);
  const { appPlans = [], ...present } = await admin.getSunsetPlan();
  return changed(appPlans.find(({ appId }) => appId === options.app)?.plan ?? present, options);
}

function addSet(command: Command): void {
  runs<PlanOptions & { app?: string; reason?: string }>(
    withDates(
      command
        .command('set')
        .description('change the dates given and keep the others; "none" takes a date away'),
    )
      .option('--reason <text>', 'why an app has a plan of its own, for the audit log')
      .addHelpText(
        'after',
        `
Example:
  hallpass sunset set --announced 2026-09-01 --slowed 2026-11-01:120 \\
    --brownout 2026-12-01T09:00:00Z/2026-12-01T10:00:00Z --refused 2027-02-01`,
      ),
    async (admin, options) => {
      const plan = await planFrom(admin, options);
      if (options.app === undefined) return made(await admin.setSunsetPlan(plan), describe(plan));
      if (options.reason === undefined)
        throw new UsageError('Say why the app has a plan of its own: --reason.');
      const set = await admin.setAppPlan(options.app, { ...plan, reason: options.reason });
      return made(set, `App ${options.app} goes by a plan of its own.\n${describe(plan)}`);
    },
  );
  runs<{ app: string }>(
    command
      .command('unset')
      .description('put an app under the plan for all again')
      .requiredOption('--app <id>', 'the app')
      .addHelpText('after', '\nExample:\n  hallpass sunset unset --app 5f0c…'),
    async (admin, { app }) => made(await admin.dropAppPlan(app), `App ${app} goes by the plan for all.`),
  );
}

function addRehearse(command: Command): void {
  runs<PlanOptions & { app?: string }>(
    withDates(
      command.command('rehearse').description('try a plan on the recorded use of keys, and change nothing'),
    ).addHelpText('after', '\nExample:\n  hallpass sunset rehearse --refused 2027-02-01'),
    async (admin, options) => {
      const plan = await planFrom(admin, options);
      const found = await admin.rehearseSunset({
        ...plan,
        ...(options.app === undefined ? {} : { appId: options.app }),
      });
      return { json: found, text: tell(found) };
    },
  );
}

function addProposals(command: Command): void {
  runs(
    command
      .command('proposals')
      .description('changes that wait for a second person, and those that did')
      .addHelpText('after', '\nExample:\n  hallpass sunset proposals'),
    async (admin) => {
      const data = await admin.listProposals();
      const text = listing(data, 'proposals', {
        ID: (p) => p.id,
        CHANGE: (p) => (p.change.appId ? `${p.change.type} of ${p.change.appId}` : p.change.type),
        STATUS: (p) => p.status,
        PROPOSED: (p) => p.proposedAt,
        BY: (p) => p.proposedBy,
        'CUTS SOONER': (p) => p.apps.map(({ name }) => name).join(', '),
      });
      return { json: { data }, text };
    },
  );
  for (const decision of ['approve', 'decline'] as const) {
    runs(
      command
        .command(decision)
        .description(
          decision === 'approve' ? 'make a change that somebody else proposed' : 'put a change away',
        )
        .argument('<proposal>', 'its id')
        .addHelpText('after', `\nExample:\n  hallpass sunset ${decision} 61ab…`),
      async (admin, _options, id) => {
        const decided = await admin.decideProposal(id ?? '', decision);
        return { json: decided, text: `Proposal ${decided.id} is ${decided.status}.` };
      },
    );
  }
}

function addExtensions(command: Command): void {
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
    async (admin, { app, until, reason }) =>
      made(
        await admin.extendSunset(app, { until: instant(until), reason }),
        `App ${app} has until ${instant(until)}.`,
      ),
  );
  runs<{ app: string }>(
    command
      .command('withdraw')
      .description('take an app’s extension back')
      .requiredOption('--app <id>', 'the app')
      .addHelpText('after', '\nExample:\n  hallpass sunset withdraw --app 5f0c…'),
    async (admin, { app }) =>
      made(await admin.withdrawExtension(app), `App ${app} has no more time than others.`),
  );
}

/** What a change came to: it was made, or it waits for a second person. */
function made(answer: object | undefined, text: string): Outcome {
  if (!answer || !('proposal' in answer)) return { json: answer ?? {}, text };
  const { id, apps } = (answer as Proposed).proposal;
  return {
    json: answer,
    text: [
      `Not made yet: it would end the keys of ${named(apps)} sooner, which ${apps.length === 1 ? 'is' : 'are'} in live use.`,
      `Another operator approves it:  hallpass sunset approve ${id}`,
      'Or give more time first:  hallpass sunset extend --app ID --until DATE --reason WHY',
    ].join('\n'),
  };
}

function tell({ recorded, moments, inUse, neverUsedToken, cut }: Rehearsal): string {
  const since = `${recorded.from.slice(0, 10)} to ${recorded.until.slice(0, 10)}`;
  const lines = [
    `Tried on the use of keys from ${since}: ${inUse} ${inUse === 1 ? 'app' : 'apps'} in live use.`,
    '',
  ];
  for (const { stage, from, until, requestsPerMinute, callsRefused, apps } of moments) {
    const what = {
      tried: `tried at ${requestsPerMinute} a minute`,
      slowed: `slowed to ${requestsPerMinute} a minute`,
      brownout: `brownout until ${until}`,
      refused: 'refused',
    }[stage];
    const whom =
      callsRefused === 0
        ? 'nobody would have been refused a call'
        : `${apps.length} ${apps.length === 1 ? 'app' : 'apps'} would have had ${callsRefused} calls refused`;
    lines.push(`${from}  ${what}: ${whom}`);
    for (const app of apps.slice(0, 10))
      lines.push(`    ${String(app.callsRefused).padStart(8)}  ${cell(app.name)}`);
    if (apps.length > 10) lines.push(`              and ${apps.length - 10} more`);
  }
  if (moments.length === 0) lines.push('The plan has nothing ahead.');
  if (neverUsedToken.length > 0) lines.push('', `Never used a token: ${named(neverUsedToken)}.`);
  if (cut.length > 0)
    lines.push('', `Keys in live use would end sooner, which a second person has to approve: ${named(cut)}.`);
  return lines.join('\n');
}

function named(apps: readonly NamedApp[]): string {
  const names = apps.slice(0, 20).map(({ name }) => cell(name));
  return apps.length > 20 ? `${names.join(', ')} and ${apps.length - 20} more` : names.join(', ');
}

/** The plan with what was given put in place of what stood there. Fields an answer holds beside the plan are left out. */
function changed(
  plan: Partial<SunsetPlan>,
  { announced, slowed, tried, brownout, refused }: PlanOptions,
): SunsetPlan {
  const steps = (mode: 'enforce' | 'shadow', texts: string[] | undefined) =>
    texts
      ? given(texts).map((text) => ({ ...step(text), mode }))
      : (plan.steps ?? []).filter((each) => (each.mode ?? 'enforce') === mode);
  return {
    announcedAt: announced === undefined ? (plan.announcedAt ?? null) : dateOrNone(announced),
    steps: [...steps('enforce', slowed), ...steps('shadow', tried)],
    brownouts: brownout ? given(brownout).map(window) : (plan.brownouts ?? []),
    refusedAt: refused === undefined ? (plan.refusedAt ?? null) : dateOrNone(refused),
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

function describe({ announcedAt, steps, brownouts, refusedAt, proposals = [] }: PlanInForce): string {
  const dates = [
    ...(announcedAt ? [{ at: announcedAt, what: 'announced' }] : []),
    ...steps.map(({ from, requestsPerMinute, mode }) => ({
      at: from,
      what: `${mode === 'shadow' ? 'tried at' : 'slowed to'} ${requestsPerMinute} requests a minute`,
    })),
    ...brownouts.map(({ from, until }) => ({ at: from, what: `brownout until ${until}` })),
    ...(refusedAt ? [{ at: refusedAt, what: 'refused' }] : []),
  ].sort((a, b) => a.at.localeCompare(b.at));
  const table = listing(dates, 'dates: API keys work without an end', {
    DATE: (d) => d.at,
    'API KEYS ARE': (d) => d.what,
  });
  if (proposals.length === 0) return table;
  return `${table}\n\n${proposals.length} waiting for a second person: hallpass sunset proposals`;
}
