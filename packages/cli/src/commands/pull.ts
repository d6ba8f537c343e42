import { Hallpass } from '@hallpass/client';
import { Command, Option } from 'commander';
import { findDistrict } from '../connection.js';
import { PULLED, type Pulled, listOf, progressLine, pulling } from '../pulling.js';
import { count, report } from '../run.js';
import { cell } from '../text.js';

interface PullOptions {
  out: string;
  kind: Pulled;
  pageSize?: number;
  json?: boolean;
}

export function pull(): Command {
  return new Command('pull')
    .description('write a district’s records to a file, a line of JSON for each; goes on after a break')
    .requiredOption('--out <file>', 'the file')
    .addOption(
      new Option('--kind <kind>', 'which records; all: each as {"kind","data"}')
        .choices(PULLED)
        .default('students'),
    )
    .option('--page-size <number>', 'records a page, up to 10000', count)
    .option('--json', 'print JSON only')
    .addHelpText(
      'after',
      `
It reads with the token in HALLPASS_TOKEN, or of standard input where that is not set, at HALLPASS_DATA_API_URL; or else with the
first token of the nearest .hallpass/demo.json. A token is never an argument: those can be read by others.
Ended at any moment, the same command goes on from <file>.checkpoint.

Example:
  hallpass pull --out students.ndjson
  hallpass pull --out roster.ndjson --kind all
  hallpass pull --out sections.ndjson --kind sections < token`,
    )
    .action(async (options: PullOptions) => {
      try {
        await run(options);
      } catch (error) {
        report(error, options.json ?? false);
      }
    });
}

async function run({ out, kind, pageSize, json = false }: PullOptions): Promise<void> {
  const end = new AbortController();
  const stop = () => end.abort(new Error('ended'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const { signal } = end;
  const say = (line: string) => void process.stderr.write(`${cell(line)}\n`);
  const client = new Hallpass({
    ...(await findDistrict(process.env, process.cwd(), process.stdin)),
    onWarning: say,
  });
  const isShown = process.stderr.isTTY && !json;
  const total =
    isShown && kind !== 'resources' && kind !== 'all'
      ? await listOf(client, kind, { signal }).count()
      : undefined;
  const show = (line: string) => void (isShown && process.stderr.write(`\r\u001b[K${line}`));
  const progress = (records: number) => show(progressLine(records, total));
  try {
    const { records, eventsAfter } = await pulling(client, { kind, out, pageSize, signal, say, progress });
    show('');
    const told = `${records} ${kind === 'all' ? 'records' : kind} are in ${cell(out)}.`;
    const more =
      eventsAfter === undefined ? '' : `\nWhat changes from now on: hallpass events --after ${eventsAfter}`;
    process.stdout.write(
      `${json ? JSON.stringify({ file: out, kind, records, eventsAfter }) : told + more}\n`,
    );
  } catch (error) {
    show('');
    if (!signal.aborted) throw error;
    say('Ended. The same command goes on from here.');
    process.exitCode = 130;
  }
}
