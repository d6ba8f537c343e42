import { HallpassApp, type PlatformEvent } from '@hallpass/client';
import { Command } from 'commander';
import { findClient } from '../connection.js';
import { Forwarding } from '../forwarding.js';
import { listening } from '../listening.js';
import { UsageError, commaList, instant, report } from '../run.js';
import { cell } from '../text.js';

interface ListenOptions {
  types?: string;
  since?: string;
  forwardTo?: string;
  json?: boolean;
}

export function listen(): Command {
  return new Command('listen')
    .description('show what happens to an app’s grants, tokens, keys and rosters, as it happens')
    .option('--types <types>', 'only these, by commas')
    .option('--since <when>', 'also what has happened since then (now, when left out)')
    .option('--forward-to <url>', 'send each on to this address, signed as a webhook is')
    .option('--json', 'print one line of JSON for each')
    .addHelpText(
      'after',
      `
It asks as the app of HALLPASS_CLIENT_ID and HALLPASS_CLIENT_SECRET at HALLPASS_TOKEN_SERVICE_URL, or else as the first app of
the nearest .hallpass/demo.json. Ctrl-C ends it.

Example:
  hallpass listen --types grant.approved,token.issued --forward-to http://localhost:3000/hooks`,
    )
    .action(async (options: ListenOptions) => {
      try {
        await run(options);
      } catch (error) {
        report(error, options.json ?? false);
      }
    });
}

async function run({ types, since, forwardTo, json = false }: ListenOptions): Promise<void> {
  // It is asked again without an end, and not within a budget.
  const app = new HallpassApp({ ...findClient(process.env, process.cwd()), retryBudgetMs: 0 });
  const from = since === undefined ? new Date().toISOString() : instant(since);
  const forwarding = forwardTo === undefined ? undefined : new Forwarding(addressOf(forwardTo));
  const end = new AbortController();
  const stop = () => end.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  // What is said of the listening itself stays out of what a script reads.
  const say = (line: string) => void process.stderr.write(`${cell(line)}\n`);
  if (forwarding) say(`Forwarding to ${forwarding.url}, signed with ${forwarding.secret}`);
  say('Listening. Ctrl-C ends it.');
  const options = { since: from, types: commaList(types), signal: end.signal, say };
  for await (const event of listening(app, options)) {
    process.stdout.write(`${json ? JSON.stringify(event) : lineOf(event)}\n`);
    if (forwarding) say(`  → ${await forwarding.send(event, end.signal)}`);
  }
}

function lineOf({ at, type, districtId, data }: PlatformEvent): string {
  const facts = { ...(districtId === null ? {} : { districtId }), ...data };
  const told = Object.entries(facts).map(([name, value]) => `${cell(name)}=${cell(value)}`);
  return [cell(at), cell(type).padEnd(16), ...told].join('  ');
}

function addressOf(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new UsageError(`"${text}" is not an address. Write http://localhost:3000/hooks.`);
  return text;
}
