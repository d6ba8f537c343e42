import { rows, type Mail, type Sql } from '@hallpass/database';
import type { Id } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';

export interface ClaimedMail extends Mail {
  id: Id<'mail'>;
  /** This try, from 1. */
  attempt: number;
}

/** How long a process may take over a mail before another one does. */
const CLAIM_SECONDS = 120;
/** Mail that has gone is kept for so many days. */
const KEPT_DAYS = 30;

/** Mail on its way. */
@Injectable()
export class MailsRepository {
  /** Takes on what is due, so that no other process sends it. */
  claim(sql: Sql, count: number): Promise<ClaimedMail[]> {
    return rows<ClaimedMail>(
      sql,
      `update mails set claimed_until = now() + make_interval(secs => $1), attempts = attempts + 1
       where id in (
         select id from mails
         where status = 'pending' and due_at <= now() and (claimed_until is null or claimed_until < now())
         order by due_at limit $2 for update skip locked)
       returning id, recipients, subject, body, attempts attempt`,
      [CLAIM_SECONDS, count],
    );
  }

  /** How a try ended: sent, given up, or to be tried again then. */
  async settle(sql: Sql, { id, attempt }: ClaimedMail, outcome: 'sent' | 'dead' | Date): Promise<void> {
    const dueAt = outcome instanceof Date ? outcome : null;
    await sql.query(
      `update mails set status = $3, claimed_until = null, due_at = coalesce($4, due_at),
         ended_at = case when $4::timestamptz is null then now() end,
         body = case when is_private and $4::timestamptz is null then '' else body end
       where id = $1 and attempts = $2`,
      [id, attempt, dueAt ? 'pending' : outcome, dueAt],
    );
  }

  async prune(sql: Sql, now: Date): Promise<void> {
    await sql.query('delete from mails where ended_at < $1', [
      new Date(now.getTime() - KEPT_DAYS * 86_400_000),
    ]);
  }
}
