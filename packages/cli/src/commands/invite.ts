import type { Command } from 'commander';
import type { AdminClient } from '../admin-client.js';
import { runs } from '../run.js';

type To = Parameters<AdminClient['invitePerson']>[0];

/** `invite`, for people of a partner, of a district, or of the staff. */
export function addInvite(command: Command, to: (id: string) => To, role: string, argument?: string): void {
  const invite = command.command('invite').description('invite a person, who is sent a link to sign in');
  if (argument !== undefined) invite.argument(`<${argument}>`, 'its id');
  invite
    .requiredOption('--email <address>', 'where the link goes')
    .option('--role <role>', 'what they may do', role)
    .addHelpText(
      'after',
      `\nExample:\n  hallpass ${command.name()} invite ${argument === undefined ? '' : '5f0c… '}--email ada@school.example`,
    );
  runs<{ email: string; role: string }>(invite, async (admin, { email, role: wanted }, id) => {
    const invited = await admin.invitePerson(to(id ?? ''), { email, role: wanted });
    const { link } = invited;
    const text =
      link === undefined
        ? `Invited ${email} as ${invited.role}: the link is in the mail.`
        : `Invited ${email} as ${invited.role}. No mail is sent from here; hand on this link, which is good once:\n${link}`;
    return { json: invited, text };
  });
}
