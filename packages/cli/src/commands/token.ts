import { Command } from 'commander';
import { runs } from '../run.js';
import { listing } from '../text.js';

export function token(): Command {
  const command = new Command('token').description('the bearer secrets of grants');
  runs<{ app: string }>(
    command
      .command('list')
      .description('the tokens of an app, without their secrets')
      .requiredOption('--app <id>', 'the app')
      .addHelpText('after', '\nExample:\n  hallpass token list --app 5f0c…'),
    async (admin, { app }) => {
      const data = await admin.listTokens(app);
      const text = listing(data, 'tokens', {
        ID: (t) => t.id,
        GRANT: (t) => t.grantId,
        DISTRICT: (t) => t.districtId,
        ISSUED: (t) => t.createdAt,
      });
      return { json: { data }, text };
    },
  );
  return command;
}
