import { Command } from 'commander';
import { count, runs } from '../run.js';
import { listing } from '../text.js';

export function audit(): Command {
  const command = new Command('audit').description('who changed what');
  runs<{ limit: number }>(
    command
      .command('list')
      .description('the latest changes')
      .option('--limit <n>', 'how many', count, 50)
      .addHelpText('after', '\nExample:\n  hallpass audit list --limit 10'),
    async (admin, { limit }) => {
      const data = await admin.listAudit(limit);
      const text = listing(data, 'changes', {
        AT: (e) => e.at,
        ACTOR: (e) => e.actor,
        ACTION: (e) => e.action,
        SUBJECT: (e) => e.subject,
      });
      return { json: { data }, text };
    },
  );
  return command;
}
