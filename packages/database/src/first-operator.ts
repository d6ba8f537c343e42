import { hashSecret, maskSecret, newId, newSecret, type Id } from '@hallpass/domain';
import { withClient } from './client.js';

/**
 * Makes the administrator from whom all other staff come, with a new token. Called again, it renews that operator's token:
 * the way back in for whoever holds the database but has lost the token.
 */
export async function createFirstOperator(url: string, pepper: Buffer): Promise<{ token: string }> {
  const token = newSecret('operatorToken');
  await withClient(url, async (client) => {
    await client.query(
      `insert into operators (id, name, role, lookup, masked) values ($1, 'first operator', 'administrator', $2, $3)
       on conflict (name) do update set lookup = excluded.lookup, masked = excluded.masked, disabled_at = null`,
      [newId<Id<'operator'>>(), hashSecret(pepper, token), maskSecret(token)],
    );
    await client.query(
      `insert into authority_changes (subject_type, subject_id) values ('operator', 'first operator')`,
    );
  });
  return { token };
}
