import { maskSecret, newId, newSecret, type Id } from '@hallpass/domain';
import { withClient } from './client.js';
import { lookupOf, type InstallationKeys } from './keys.js';

/**
 * Makes the administrator from whom all other staff come, with a new token. Called again, it renews that operator's token:
 * the way back in for whoever holds the database but has lost the token.
 */
export async function createFirstOperator(
  url: string,
  keys: Pick<InstallationKeys, 'peppers'>,
): Promise<{ token: string }> {
  const token = newSecret('operatorToken');
  const { lookup, pepperVersion } = lookupOf(keys, token);
  await withClient(url, async (client) => {
    await client.query(
      `insert into operators (id, name, role, lookup, pepper_version, masked)
       values ($1, 'first operator', 'administrator', $2, $3, $4)
       on conflict (name) do update set lookup = excluded.lookup, pepper_version = excluded.pepper_version,
         masked = excluded.masked, disabled_at = null`,
      [newId<Id<'operator'>>(), lookup, pepperVersion, maskSecret(token)],
    );
    await client.query(
      `insert into authority_changes (subject_type, subject_id) values ('operator', 'first operator')`,
    );
  });
  return { token };
}
