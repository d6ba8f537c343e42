import { Command } from 'commander';
import { runs } from '../run.js';
import { listing } from '../text.js';

export function partner(): Command {
  const command = new Command('partner').description('companies that make applications');
  runs<{ name: string }>(
    command
      .command('create')
      .description('register a partner')
      .requiredOption('--name <name>', 'what people call it')
      .addHelpText('after', '\nExample:\n  hallpass partner create --name "Reading Rocket"'),
    async (admin, { name }) => {
      const { id } = await admin.createPartner({ name });
      return { json: { id, name }, text: `Created partner ${name}: ${id}` };
    },
  );
  runs(
    command
      .command('list')
      .description('all partners')
      .addHelpText('after', '\nExample:\n  hallpass partner list --json'),
    async (admin) => {
      const data = await admin.listPartners();
      return { json: { data }, text: listing(data, 'partners', { ID: (p) => p.id, NAME: (p) => p.name }) };
    },
  );
  return command;
}
