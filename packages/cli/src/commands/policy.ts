import { Command } from 'commander';
import { UsageError, count, runs } from '../run.js';
import { listing } from '../text.js';
import type { LimitNumbers, RatePolicy } from '../wire.js';

const MODES = ['enforce', 'shadow'] as const;

export interface NumberOptions {
  requests: number;
  seconds?: number;
  burst?: number;
  mode?: string;
}

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
  runs<NumberOptions>(
    withNumbers(
      command
        .command('set')
        .description('change a limit; its mode stays as it is when left out')
        .argument('<name>', 'the policy'),
    ).addHelpText(
      'after',
      `
Example:
  hallpass policy set token --requests 1200 --seconds 60 --burst 300 --mode shadow
  hallpass policy set concurrency --requests 20`,
    ),
    async (admin, options, name = '') => {
      const mode = options.mode ?? (await presentMode(admin.listPolicies(), name));
      const set = await admin.setPolicy({ name, ...numbersOf({ ...options, mode }) });
      return { json: set, text: `Policy ${name} allows ${inWords(set)}.` };
    },
  );
  runs(
    command
      .command('preset')
      .description('change all policies that a preset names; without a name, list the presets')
      .argument('[name]', 'the preset')
      .addHelpText('after', '\nExample:\n  hallpass policy preset clever'),
    async (admin, _options, name) => {
      if (name === undefined) {
        const data = await admin.listPresets();
        return {
          json: { data },
          text: data.map((each) => `${each.name}\n${describe(each.policies)}`).join('\n\n'),
        };
      }
      const data = await admin.applyPreset(name);
      return { json: { data }, text: describe(data) };
    },
  );
  return command;
}

/** The options that give the numbers of a limit. */
export function withNumbers(command: Command): Command {
  return command
    .requiredOption('--requests <n>', 'how many', count)
    .option('--seconds <n>', 'in how long; left out of requests in flight', count)
    .option('--burst <n>', 'how many may come at once; as many as --requests, when left out', count)
    .option('--mode <mode>', 'enforce, or shadow: count and report, never refuse');
}

export function numbersOf({ requests, seconds, burst, mode }: NumberOptions): LimitNumbers {
  return {
    requestsMax: requests,
    windowSeconds: seconds ?? null,
    ...(burst === undefined ? {} : { burst }),
    mode: mode === undefined ? 'enforce' : knownMode(mode),
  };
}

/** `1200 requests in 60 seconds, 300 at once`. */
export function inWords({ requestsMax, windowSeconds, burst }: LimitNumbers): string {
  if (windowSeconds === null) return `${requestsMax} requests in flight`;
  const atOnce = burst === undefined || burst === null ? '' : `, ${burst} at once`;
  return `${requestsMax} requests in ${windowSeconds} seconds${atOnce}`;
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
    'AT ONCE': (p) => p.burst ?? p.requestsMax,
    MODE: (p) => p.mode,
  });
}
