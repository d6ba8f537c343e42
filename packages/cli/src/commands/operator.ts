import { Command } from 'commander';
import { addInvite } from './invite.js';
import { runs } from '../run.js';
import { facts } from '../text.js';

export function operator(): Command {
  const command = new Command('operator').description('people and scripts that may use this command');
  runs<{ name: string; role: string }>(
    command
      .command('create')
      .description('add an operator; the token is shown this once')
      .requiredOption('--name <name>', 'who it is, for the audit log')
      .requiredOption('--role <role>', 'what they may do')
      .addHelpText('after', '\nExample:\n  hallpass operator create --name "nightly import" --role importer'),
    async (admin, { name, role }) => {
      const { id, token } = await admin.createOperator({ name, role });
      const text = `Created operator ${name}. Keep the token now: it is not shown again.\n${facts({ id, token })}`;
      return { json: { id, token }, text };
    },
  );
  addInvite(command, () => 'staff', 'operator');
  return command;
}
