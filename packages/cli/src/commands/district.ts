import { Command } from 'commander';
import { runs } from '../run.js';
import { listing } from '../text.js';

export function district(): Command {
  const command = new Command('district').description('districts, which own roster data');
  runs<{ name: string; id?: string }>(
    command
      .command('create')
      .description('add a district')
      .requiredOption('--name <name>', 'what people call it')
      .option('--id <hex>', 'its id of 24 hex characters, to keep one from another system')
      .addHelpText('after', '\nExample:\n  hallpass district create --name "Alder County"'),
    async (admin, { name, id: wanted }) => {
      const { id } = await admin.createDistrict({ name, ...(wanted === undefined ? {} : { id: wanted }) });
      return { json: { id, name }, text: `Created district ${name}: ${id}` };
    },
  );
  runs(
    command
      .command('list')
      .description('all districts')
      .addHelpText('after', '\nExample:\n  hallpass district list'),
    async (admin) => {
      const data = await admin.listDistricts();
      return { json: { data }, text: listing(data, 'districts', { ID: (d) => d.id, NAME: (d) => d.name }) };
    },
  );
  return command;
}
