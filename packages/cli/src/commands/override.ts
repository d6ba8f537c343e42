import { Command } from 'commander';
import { UsageError, instant, runs } from '../run.js';
import { listing } from '../text.js';
import { inWords, numbersOf, withNumbers, type NumberOptions } from './policy.js';

interface Place {
  app?: string;
  district?: string;
}

export function override(): Command {
  const command = new Command('override').description('other limits for single apps and districts');
  runs<Place>(
    command
      .command('list')
      .description('all overrides, or those of an app or a district')
      .option('--app <id>', 'the app')
      .option('--district <id>', 'the district')
      .addHelpText('after', '\nExample:\n  hallpass override list --app 5f0c…'),
    async (admin, { app, district }) => {
      const data = await admin.listOverrides({
        ...(app === undefined ? {} : { appId: app }),
        ...(district === undefined ? {} : { districtId: district }),
      });
      const text = listing(data, 'overrides', {
        ID: (o) => o.id,
        POLICY: (o) => o.policy,
        APP: (o) => o.appId,
        DISTRICT: (o) => o.districtId,
        ALLOWS: (o) => inWords(o),
        MODE: (o) => o.mode,
        EXPIRES: (o) => o.expiresAt,
        REASON: (o) => o.reason,
      });
      return { json: { data }, text };
    },
  );
  runs<NumberOptions & Place & { reason: string; until?: string }>(
    withNumbers(
      command
        .command('set')
        .description('set the override of a policy for an app, a district, or an app in a district')
        .argument('<policy>', 'the policy'),
    )
      .option('--app <id>', 'for this app')
      .option('--district <id>', 'for this district')
      .option('--until <date>', 'when the policy itself is in force again; never, when left out')
      .requiredOption('--reason <text>', 'why, for the audit log')
      .addHelpText(
        'after',
        `
Example:
  hallpass override set token --app 5f0c… --requests 2400 --seconds 60 \\
    --until 2027-09-30 --reason "first sync of the school year"`,
      ),
    async (admin, options, name = '') => {
      const { app, district, reason, until } = options;
      if (app === undefined && district === undefined)
        throw new UsageError('Say for whom: --app, --district, or both.');
      const set = await admin.setOverride({
        policy: name,
        ...(app === undefined ? {} : { appId: app }),
        ...(district === undefined ? {} : { districtId: district }),
        ...numbersOf(options),
        reason,
        ...(until === undefined ? {} : { expiresAt: instant(until) }),
      });
      return { json: set, text: `Override ${set.id} allows ${inWords(set)}.` };
    },
  );
  runs(
    command
      .command('remove')
      .description('remove an override: what is less specific is in force again')
      .argument('<id>', 'the override')
      .addHelpText('after', '\nExample:\n  hallpass override remove 5f0c…'),
    async (admin, _options, id = '') => {
      await admin.removeOverride(id);
      return { json: { id }, text: `Override ${id} is removed.` };
    },
  );
  return command;
}
