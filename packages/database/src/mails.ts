import { newId, type Id } from '@hallpass/domain';
import type { Sql } from './sql.js';

export interface Mail {
  recipients: readonly string[];
  subject: string;
  body: string;
  /** It carries a link that only its reader may have: its text is forgotten once it has gone. */
  isPrivate?: boolean;
}

/** Writes a mail down for the token service to send, in the transaction of what it tells. */
export async function writeMail(
  tx: Sql,
  { recipients, subject, body, isPrivate = false }: Mail,
): Promise<void> {
  await tx.query(
    'insert into mails (id, recipients, subject, body, is_private) values ($1, $2, $3, $4, $5)',
    [newId<Id<'mail'>>(), recipients, subject, body, isPrivate],
  );
}
