import { Command } from 'commander';
import { addInvite } from './invite.js';
import { commaList, runs } from '../run.js';
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
  runs<{ notice: string }>(
    command
      .command('set')
      .description('say who is told by mail of what happens to its apps')
      .argument('<partner>', 'its id')
      .requiredOption('--notice <addresses>', 'e-mail addresses, with commas; none: nobody')
      .addHelpText('after', '\nExample:\n  hallpass partner set 5f0c… --notice it@partner.example'),
    async (admin, { notice }, id) => {
      const noticeAddresses = notice === 'none' ? [] : (commaList(notice) ?? []);
      const changed = await admin.changePartner(id ?? '', { noticeAddresses });
      return { json: changed, text: `Told by mail: ${noticeAddresses.join(', ') || 'nobody'}.` };
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
  addInvite(command, (partnerId) => ({ partnerId }), 'owner', 'partner');
  return command;
}
