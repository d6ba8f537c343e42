import { Command } from 'commander';
import { UsageError, count, runs } from '../run.js';
import { listing } from '../text.js';
import type { RatePolicy } from '../wire.js';

const MODES = ['enforce', 'shadow'] as const;

export function policy(): Command {
  const command = new Command('policy').description('rate policies');
  runs(
    command
      .command('list')
      .description('all policies')
      .addHelpText('after', '\nExample:\n  hallpass policy list'),
    async (admin) => {
      const data = await admin.listPolicies();
      return { json: { data }, text: describe(data) };
    },
  );
  runs<{ requests: number; seconds: number; mode?: string }>(
    command
      .command('set')
      .description('change a limit; its mode stays as it is when left out')
      .argument('<name>', 'the policy')
      .requiredOption('--requests <n>', 'how many', count)
      .requiredOption('--seconds <n>', 'in how long', count)
      .option('--mode <mode>', 'enforce, or shadow: count and report, never refuse')
      .addHelpText(
        'after',
        '\nExample:\n  hallpass policy set token --requests 1200 --seconds 60 --mode shadow',
      ),
    async (admin, { requests, seconds, mode }, name = '') => {
      const set = await admin.setPolicy({
        name,
        requestsMax: requests,
        windowSeconds: seconds,
        mode: mode === undefined ? await presentMode(admin.listPolicies(), name) : knownMode(mode),
      });
      return { json: set, text: `Policy ${name} allows ${requests} requests in ${seconds} seconds.` };
    },
  );
  return command;
}

async function presentMode(policies: Promise<RatePolicy[]>, name: string): Promise<RatePolicy['mode']> {
  return (await policies).find((each) => each.name === name)?.mode ?? 'enforce';
}

function knownMode(text: string): RatePolicy['mode'] {
  const mode = MODES.find((each) => each === text);
  if (!mode) throw new UsageError(`"${text}" is not a mode: ${MODES.join(' or ')}.`);
  return mode;
}

function describe(policies: RatePolicy[]): string {
  return listing(policies, 'policies', {
    NAME: (p) => p.name,
    REQUESTS: (p) => p.requestsMax,
    SECONDS: (p) => p.windowSeconds,
    MODE: (p) => p.mode,
  });
}
