import { Hallpass, KINDS, type Kind, type RosterEvent } from '@hallpass/client';
import { Command } from 'commander';
import { findDistrict } from '../connection.js';
import { UsageError, commaList, count, report } from '../run.js';
import { cell } from '../text.js';

interface EventsOptions {
  after?: string;
  kinds?: string;
  follow?: boolean;
  every: number;
  json?: boolean;
}

export function events(): Command {
  return new Command('events')
    .description('show what changed in a district’s roster, the oldest first')
    .option('--after <event>', 'only what came after this event')
    .option('--kinds <kinds>', `only of these, by commas: ${KINDS.join(', ')}`)
    .option('--follow', 'go on, and show each as it comes')
    .option('--every <seconds>', 'with --follow, how long to wait when there is nothing new', count, 30)
    .option('--json', 'print one line of JSON for each, with the record')
    .addHelpText(
      'after',
      `
It reads as hallpass pull does. Without --json it shows ids and the names of fields alone. Events are kept for 30 days.

Example:
  hallpass events --kinds users,sections --follow`,
    )
    .action(async (options: EventsOptions) => {
      try {
        await run(options);
      } catch (error) {
        report(error, options.json ?? false);
      }
    });
}

async function run({ after, kinds, follow = false, every, json = false }: EventsOptions): Promise<void> {
  const end = new AbortController();
  const stop = () => end.abort(new Error('ended'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const say = (line: string) => void process.stderr.write(`${cell(line)}\n`);
  const client = new Hallpass({
    ...(await findDistrict(process.env, process.cwd(), process.stdin)),
    onWarning: say,
  });
  const options = { after, kinds: kindsOf(kinds), signal: end.signal };
  const told = follow
    ? client.events.follow({ ...options, pollMs: every * 1000 })
    : client.events.list(options);
  try {
    for await (const event of told) process.stdout.write(`${json ? JSON.stringify(event) : lineOf(event)}\n`);
  } catch (error) {
    if (!end.signal.aborted) throw error;
  }
}

function kindsOf(text: string | undefined): Kind[] | undefined {
  const given = commaList(text);
  const unknown = given?.filter((each) => !KINDS.some((kind) => kind === each)) ?? [];
  if (unknown.length > 0) throw new UsageError(`--kinds are of ${KINDS.join(', ')}.`);
  return given as Kind[] | undefined;
}

/** Who changed is in the record, and the record is not shown: a terminal's history is no place for it. */
function lineOf({ id, type, created, data, previous_attributes: before }: RosterEvent): string {
  const fields = pathsOf(before ?? {});
  return [id, created, type.padEnd(16), data.object.id, fields.join(',')].map(cell).join('  ').trimEnd();
}

function pathsOf(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? pathsOf(part, `${prefix}${name}.`)
      : [prefix + name],
  );
}
