import { hkdfSync, randomBytes } from 'node:crypto';
import { openSecret, sealSecret, type AppId, type DistrictId, type PersonId } from '@hallpass/domain';
import type { DataSource } from 'typeorm';
import { keyOf, type InstallationKeys } from './keys.js';
import { firstRow, rows, type Sql } from './sql.js';

/** Whose secrets are sealed under a data key. */
export type DataKeyOwner =
  { type: 'district'; id: DistrictId } | { type: 'app'; id: AppId } | { type: 'person'; id: PersonId };

/** A data key as it is kept. */
export interface WrappedKey {
  wrapped: Buffer | null;
  masterVersion: number | null;
  isDerived: boolean;
}

const contextOf = ({ type, id }: DataKeyOwner) => `data key|${type}|${id}`;

/**
 * The key under which the owner's secrets are sealed, made when there is none yet. It lives in the database wrapped by the master
 * key, so that either alone opens nothing, and so that destroying the row destroys what was sealed.
 */
export async function dataKey(sql: Sql, keys: InstallationKeys, owner: DataKeyOwner): Promise<Buffer> {
  const found = await readKey(sql, owner);
  const known = found && unwrapDataKey(keys, owner, found);
  if (known) return known;
  const key = randomBytes(32);
  const version = keys.masterKeys.primary;
  await sql.query(
    `insert into data_keys as k (owner_type, owner_id, wrapped, master_version) values ($1, $2, $3, $4)
     on conflict (owner_type, owner_id) do update
       set wrapped = excluded.wrapped, master_version = excluded.master_version, destroyed_at = null
       where k.wrapped is null and not k.is_derived`,
    [owner.type, owner.id, wrap(keys, owner, key), version],
  );
  // Of two that make it at once, one is kept.
  const kept = await readKey(sql, owner);
  const made = kept && unwrapDataKey(keys, owner, kept);
  if (!made) throw new Error('a data key that was just made is gone');
  return made;
}

/** The key under which the signing secrets of an app's webhooks are sealed. */
export function webhookSealKey(sql: Sql, keys: InstallationKeys, appId: AppId): Promise<Buffer> {
  return dataKey(sql, keys, { type: 'app', id: appId });
}

function readKey(sql: Sql, owner: DataKeyOwner): Promise<WrappedKey | undefined> {
  return firstRow<WrappedKey>(
    sql,
    `select wrapped, master_version "masterVersion", is_derived "isDerived" from data_keys
     where owner_type = $1 and owner_id = $2
     -- Whoever seals under it keeps it from being destroyed meanwhile.
     for share`,
    [owner.type, owner.id],
  );
}

/** The key itself; undefined when it was destroyed. Throws when the master key is not the one that wrapped it. */
export function unwrapDataKey(
  keys: InstallationKeys,
  owner: DataKeyOwner,
  { wrapped, masterVersion, isDerived }: WrappedKey,
): Buffer | undefined {
  if (wrapped && masterVersion !== null)
    return Buffer.from(
      openSecret(keyOf(keys.masterKeys, masterVersion), wrapped, contextOf(owner)),
      'base64',
    );
  if (!isDerived) return undefined;
  // Of the time when keys were not kept but followed from the first master key.
  return Buffer.from(hkdfSync('sha256', keyOf(keys.masterKeys, 1), owner.id, 'hallpass district seal', 32));
}

function wrap(keys: InstallationKeys, owner: DataKeyOwner, key: Buffer): Buffer {
  const { masterKeys } = keys;
  return sealSecret(keyOf(masterKeys, masterKeys.primary), key.toString('base64'), contextOf(owner));
}

const BATCH = 500;

/**
 * Wraps every data key anew under the primary master key, in short transactions beside everything else; what is sealed stays as
 * it is. Gives how many were not yet. Afterwards older master keys are needed no longer.
 */
export async function rewrapDataKeys(dataSource: DataSource, keys: InstallationKeys): Promise<number> {
  let total = 0;
  for (;;) {
    const done = await dataSource.transaction(async (tx) => {
      const found = await rows<WrappedKey & DataKeyOwner>(
        tx,
        `select owner_type type, owner_id id, wrapped, master_version "masterVersion", is_derived "isDerived" from data_keys
         where master_version <> $1
         order by owner_type, owner_id limit ${BATCH} for update skip locked`,
        [keys.masterKeys.primary],
      );
      for (const owner of found) {
        const key = unwrapDataKey(keys, owner, owner);
        if (!key) continue;
        await tx.query(
          'update data_keys set wrapped = $3, master_version = $4 where owner_type = $1 and owner_id = $2',
          [owner.type, owner.id, wrap(keys, owner, key), keys.masterKeys.primary],
        );
      }
      return found.length;
    });
    total += done;
    if (done < BATCH) return total;
  }
}

/**
 * Puts a random key in the place of each that followed from the master key, with what was sealed under it sealed anew: only then can
 * it be destroyed, and the first master key be left out. For the token service, which may read seals.
 */
export async function replaceDerivedKeys(
  dataSource: DataSource,
  keys: InstallationKeys,
  reseal: (tx: Sql, districtId: DistrictId, from: Buffer, to: Buffer) => Promise<void>,
): Promise<void> {
  const derived = await rows<{ id: DistrictId }>(
    dataSource,
    `select owner_id id from data_keys where is_derived and owner_type = 'district'`,
  );
  for (const { id } of derived) {
    const owner = { type: 'district', id } as const;
    await dataSource.transaction(async (tx) => {
      const found = await firstRow<WrappedKey>(
        tx,
        `select wrapped, master_version "masterVersion", is_derived "isDerived" from data_keys
         where owner_type = 'district' and owner_id = $1 and is_derived for no key update`,
        [id],
      );
      const from = found && unwrapDataKey(keys, owner, found);
      if (!from) return;
      const to = randomBytes(32);
      await tx.query(
        `update data_keys set wrapped = $2, master_version = $3, is_derived = false
         where owner_type = 'district' and owner_id = $1`,
        [id, wrap(keys, owner, to), keys.masterKeys.primary],
      );
      await reseal(tx, id, from, to);
    });
  }
}

/** Destroys a district's data key, and with it every sealed copy of its tokens. The tokens themselves go on working. */
export async function destroyDistrictKey(tx: Sql, districtId: DistrictId): Promise<void> {
  await tx.query(
    `insert into data_keys (owner_type, owner_id, destroyed_at) values ('district', $1, now())
     on conflict (owner_type, owner_id) do update
       set wrapped = null, master_version = null, is_derived = false, destroyed_at = now()`,
    [districtId],
  );
  await tx.query('select drop_token_seals($1, null)', [districtId]);
}

/** How many secrets and data keys hang on each version of the installation's keys. */
export interface KeyUse {
  masterKeys: { version: number; dataKeys: number }[];
  peppers: { version: number; secrets: number }[];
}

export async function keyUse(sql: Sql): Promise<KeyUse> {
  const masterKeys = await rows<{ version: number; dataKeys: number }>(
    sql,
    `select coalesce(master_version, 1)::integer version, count(*)::integer "dataKeys" from data_keys
     where wrapped is not null or is_derived group by 1 order by 1`,
  );
  const peppers = await rows<{ version: number; secrets: number }>(
    sql,
    `select pepper_version version, count(*)::integer secrets from (
       select pepper_version from tokens t join grants g on g.district_id = t.district_id and g.id = t.grant_id
         where t.revoked_at is null and (t.retires_at is null or t.retires_at > now())
           and (t.expires_at is null or t.expires_at > now()) and g.status <> 'revoked'
       union all select pepper_version from client_secrets
         where revoked_at is null and (retires_at is null or retires_at > now())
           and (expires_at is null or expires_at > now())
       union all select pepper_version from invitations
         where accepted_at is null and withdrawn_at is null and expires_at > now()
       union all select pepper_version from api_keys where revoked_at is null
       union all select pepper_version from operators where disabled_at is null and lookup is not null
       union all select pepper_version from portal_tokens where revoked_at is null
       -- The longest that a session lasts; one that is older opens nothing.
       union all select pepper_version from sessions where ended_at is null and created_at > now() - interval '7 days'
       union all select pepper_version from person_links where ended_at is null and expires_at > now()
       union all select pepper_version from recovery_codes where used_at is null
       union all select pepper_version from viewings where begun_at is null and created_at > now() - interval '1 minute'
     ) live group by 1 order by 1`,
  );
  return { masterKeys, peppers };
}
