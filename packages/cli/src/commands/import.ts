import { Command } from 'commander';
import type { AdminClient } from '../admin-client.js';
import { importReport } from '../import-report.js';
import { openRoster } from '../roster-zip.js';
import { type Outcome, UsageError, runs } from '../run.js';
import { listing } from '../text.js';
import type { Import } from '../wire.js';
import { untilFinished } from '../wait.js';

interface Options {
  district?: string;
  wait?: boolean;
}

export function importRoster(): Command {
  const command = new Command('import')
    .description('bring a roster into a district, and look at what became of it')
    .enablePositionalOptions();
  runs<Options>(
    command
      .argument('[path]', 'a folder of CSV files, or a .zip')
      .option('--district <id>', 'whose roster it is')
      .option('--wait', 'wait until it has landed or failed (default)')
      .option('--no-wait', 'return as soon as the roster has been sent')
      .addHelpText(
        'after',
        '\nExample:\n  hallpass import --district 58da… ./roster\n\nExit code 1 when nothing landed: refused, failed, or held for confirmation.',
      ),
    async (admin, { district, wait = true }, path) => {
      if (path === undefined) throw new UsageError('Say what to import: a folder of CSV files, or a .zip.');
      const districtId = districtOf(district);
      const started = await admin.startImport(districtId, await openRoster(path));
      return outcome(wait ? await untilFinished(admin, started) : started, districtId);
    },
  );
  addList(command);
  addOne(command, 'show', 'the report of one import', (admin, ...ids) => admin.getImport(...ids));
  addOne(command, 'confirm', 'publish an import that was held', async (admin, ...ids) =>
    untilFinished(admin, await admin.confirmImport(...ids)),
  );
  addOne(command, 'discard', 'drop an import that was held', (admin, ...ids) => admin.discardImport(...ids));
  return command;
}

function addList(command: Command): void {
  runs<Options>(
    command
      .command('list')
      .description("a district's imports")
      .option('--district <id>', 'the district')
      .addHelpText('after', '\nExample:\n  hallpass import list --district 58da…'),
    async (admin, { district }) => {
      const data = await admin.listImports(districtOf(district));
      const text = listing(data, 'imports', {
        ID: (i) => i.id,
        STATUS: (i) => i.status,
        SEQ: (i) => i.seq,
        STARTED: (i) => i.startedAt,
      });
      return { json: { data }, text };
    },
  );
}

function addOne(
  command: Command,
  name: 'show' | 'confirm' | 'discard',
  description: string,
  act: (admin: AdminClient, districtId: string, importId: string) => Promise<Import>,
): void {
  runs<Options>(
    command
      .command(name)
      .description(description)
      .argument('<import>', 'its id')
      .option('--district <id>', 'the district')
      .addHelpText('after', `\nExample:\n  hallpass import ${name} --district 58da… 61ab…`),
    async (admin, { district }, id = '') => {
      const districtId = districtOf(district);
      const done = await act(admin, districtId, id);
      const shown = outcome(done, districtId);
      // Looking at a refused import, or discarding a held one, is no failure.
      return name === 'confirm' ? shown : { ...shown, exitCode: 0 };
    },
  );
}

function districtOf(district: string | undefined): string {
  if (district === undefined)
    throw new UsageError('Say whose roster: --district ID. hallpass district list shows them.');
  return district;
}

function outcome(done: Import, districtId: string): Outcome {
  const { id, status, seq, kinds, problems, problemCounts } = done;
  const isLanded = ['published', 'unchanged', 'running'].includes(status);
  return {
    json: { id, status, seq, kinds, problems, problemCounts },
    text: importReport(done, districtId),
    exitCode: isLanded ? 0 : 1,
  };
}
