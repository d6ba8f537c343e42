import {
  hashSecret,
  maskSecret,
  newId,
  newSecret,
  sealSecret,
  openSecret,
  type AppId,
  type DistrictId,
  type GrantId,
  type TokenId,
} from '@hallpass/domain';
import { districtSealKey, type InstallationKeys } from '../keys.js';
import type { Sql } from '../sql.js';

/** What a token is sealed to: opened anywhere else, it does not. */
interface TokenPlace {
  districtId: DistrictId;
  appId: AppId;
  tokenId: TokenId;
}

function sealContext({ districtId, appId, tokenId }: TokenPlace): string {
  return `${tokenId}|${appId}|${districtId}`;
}

export interface IssuedToken {
  tokenId: TokenId;
  /** The secret. It goes to whoever asked and is kept nowhere but under seal. */
  token: string;
}

/** Issues a token of a grant, in the transaction that makes the grant good for one. */
export async function issueToken(
  tx: Sql,
  keys: InstallationKeys,
  grant: { id: GrantId; districtId: DistrictId; appId: AppId },
): Promise<IssuedToken> {
  const { districtId, appId } = grant;
  const tokenId = newId<TokenId>();
  const token = newSecret('token');
  await tx.query(
    `insert into tokens (district_id, id, grant_id, app_id, lookup, masked) values ($1, $2, $3, $4, $5, $6)`,
    [districtId, tokenId, grant.id, appId, hashSecret(keys.pepper, token), maskSecret(token)],
  );
  const context = sealContext({ districtId, appId, tokenId });
  await tx.query('insert into token_seals (district_id, token_id, sealed) values ($1, $2, $3)', [
    districtId,
    tokenId,
    sealSecret(districtSealKey(keys, districtId), token, context),
  ]);
  return { tokenId, token };
}

/** Opens a token's seal, for the app that owns it. */
export function unsealToken(keys: InstallationKeys, place: TokenPlace, sealed: Buffer): string {
  return openSecret(districtSealKey(keys, place.districtId), sealed, sealContext(place));
}
