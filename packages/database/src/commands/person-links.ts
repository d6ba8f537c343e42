import {
  DomainError,
  newId,
  newSecret,
  PERSON_LINK_LIFE_MS,
  type Id,
  type PersonId,
  type PersonLinkPurpose,
} from '@hallpass/domain';
import { lookupOf, lookupsOf, type InstallationKeys } from '../keys.js';
import { firstRow, type Sql } from '../sql.js';

/** What the code of a link names while it is good. */
export interface PersonLink {
  personId: PersonId;
  purpose: PersonLinkPurpose;
}

/** Makes a link for a person, in the place of any of the same purpose; its code is kept nowhere. */
export async function openPersonLink(
  tx: Sql,
  keys: InstallationKeys,
  personId: PersonId,
  purpose: PersonLinkPurpose,
): Promise<string> {
  await tx.query(
    'update person_links set ended_at = now() where person_id = $1 and purpose = $2 and ended_at is null',
    [personId, purpose],
  );
  const code = newSecret('personLink');
  const { lookup, pepperVersion } = lookupOf(keys, code);
  await tx.query(
    `insert into person_links (lookup, pepper_version, id, person_id, purpose, expires_at)
     values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))`,
    [
      lookup,
      pepperVersion,
      newId<Id<'person-link'>>(),
      personId,
      purpose,
      PERSON_LINK_LIFE_MS[purpose] / 1000,
    ],
  );
  return code;
}

/** True when a link of this purpose was made for the person within these seconds. */
export async function hasFreshLink(
  sql: Sql,
  personId: PersonId,
  purpose: PersonLinkPurpose,
  seconds: number,
): Promise<boolean> {
  const found = await firstRow(
    sql,
    `select from person_links where person_id = $1 and purpose = $2 and ended_at is null
       and created_at > now() - make_interval(secs => $3)`,
    [personId, purpose, seconds],
  );
  return found !== undefined;
}

/** The link of a code, held until the transaction ends, so that of two who follow it one alone does. */
export async function findPersonLink(sql: Sql, keys: InstallationKeys, code: string): Promise<PersonLink> {
  const found = await firstRow<PersonLink>(
    sql,
    `select l.person_id "personId", l.purpose from person_links l join people p on p.id = l.person_id
     where l.lookup = any ($1) and l.ended_at is null and l.expires_at > now() and p.disabled_at is null
     for no key update of l`,
    [lookupsOf(keys, code)],
  );
  if (!found)
    throw new DomainError('not-found', 'The link has run out or has been used. Ask for another one.');
  return found;
}
