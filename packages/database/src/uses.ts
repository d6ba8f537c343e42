import type { Id } from '@hallpass/domain';
import { rows, type Sql } from './sql.js';

/** Uses of one credential from one address with one user agent, of a stretch of time. */
export interface CredentialUse {
  type: 'token' | 'api-key' | 'client-secret';
  id: Id<string>;
  address: string;
  userAgent: string;
  firstAt: Date;
  lastAt: Date;
  uses: number;
}

/** Adds uses to those that are known, in one statement; the first use of a secret confirms it. */
export async function recordUses(sql: Sql, uses: readonly CredentialUse[]): Promise<void> {
  await sql.query('select record_uses($1)', [JSON.stringify(uses)]);
}

/** Where the credentials were used from, the latest first. */
export function usesOf(sql: Sql, ids: readonly string[]): Promise<CredentialUse[]> {
  return rows<CredentialUse>(
    sql,
    `select credential_type "type", credential_id id, address, user_agent "userAgent", first_at "firstAt",
       last_at "lastAt", uses
     from credential_uses where credential_id = any ($1) order by last_at desc`,
    [ids],
  );
}
