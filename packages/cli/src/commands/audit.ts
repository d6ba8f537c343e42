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
        ACTOR: (e) => named(e.actorType, e.actorId),
        ACTION: (e) => e.action,
        SUBJECT: (e) => named(e.subjectType, e.subjectId),
      });
      return { json: { data }, text };
    },
  );
  return command;
}

function named(type: string | undefined, id: string | null | undefined): string {
  return [type, id].filter(Boolean).join(' ');
}
