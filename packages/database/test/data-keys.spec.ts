import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSecret, sealSecret, type DistrictId } from '@hallpass/domain';
import {
  dataKey,
  destroyDistrictKey,
  confirmTotp,
  findToken,
  invitePerson,
  keyUse,
  keyringText,
  lookupsOf,
  openSession,
  openViewing,
  parseKeyring,
  replaceDerivedKeys,
  resealTokens,
  rewrapDataKeys,
  singleKey,
  unsealToken,
  type InstallationKeys,
  type Keyring,
  type WrappedKey,
} from '../src/index.js';
import { SYSTEM, TestDirectory, type TestApp, type TestDistrict } from '../src/testing/index.js';

let directory: TestDirectory;
let app: TestApp;
let district: TestDistrict;
let token: string;

beforeAll(async () => {
  directory = await TestDirectory.open();
  [app, district] = [await directory.app(), await directory.district([])];
  ({ token } = await directory.grant(app, district));
});
afterAll(() => directory.close());

const ring = (primary: number, ...keys: Buffer[]): Keyring => ({
  primary,
  versions: new Map(keys.map((key, i) => [i + 1, key])),
});
const keyAt = (keyring: Keyring, version: number) => keyring.versions.get(version) ?? Buffer.alloc(0);

/** The token as its seal gives it back under these keys. */
const opened = async (keys: InstallationKeys): Promise<string | undefined> => {
  const [row] = await directory.dataSource.query<(WrappedKey & { id: string; sealed: Buffer })[]>(
    `select s.token_id id, s.sealed, k.wrapped, k.master_version "masterVersion", k.is_derived "isDerived"
     from token_seals s left join data_keys k on k.owner_type = 'district' and k.owner_id = s.district_id
     where s.district_id = $1`,
    [district.id],
  );
  if (!row) return undefined;
  const place = { districtId: district.id, appId: app.id, tokenId: row.id as never };
  return unsealToken(keys, place, row.sealed, row);
};

describe('a keyring', () => {
  const [first, second] = [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(32, 2).toString('base64')];

  it('is one key, or several with versions, the first of which is primary', () => {
    expect(parseKeyring(first)).toEqual(singleKey(Buffer.alloc(32, 1)));
    const both = parseKeyring(` 2:${second},\n1:${first}\n`);
    expect([both.primary, [...both.versions.keys()]]).toEqual([2, [2, 1]]);
    expect(parseKeyring(keyringText(both))).toEqual(both);
  });

  it.each(['', 'x', `1:${first},1:${second}`, `0:${first}`, `${first},${second}`, `1:${first.slice(1)}`])(
    'is not %p, and its error repeats nothing of it',
    (text) => {
      expect(() => parseKeyring(text)).toThrow(/32 bytes of base64/);
      try {
        parseKeyring(text);
      } catch (error) {
        if (text.length > 2) expect((error as Error).message).not.toContain(text.slice(0, 12));
      }
    },
  );
});

describe('a master key', () => {
  it('alone or the database alone opens no seal', async () => {
    expect(await opened(directory.keys)).toBe(token);
    const strange = { ...directory.keys, masterKeys: singleKey(randomBytes(32)) };
    await expect(opened(strange)).rejects.toThrow();
  });

  it('is replaced beside everything else: seals stay as they are, and the old key is needed no longer', async () => {
    const old = keyAt(directory.keys.masterKeys, 1);
    const fresh = randomBytes(32);
    const both: InstallationKeys = { ...directory.keys, masterKeys: ring(2, old, fresh) };
    expect(await opened(both)).toBe(token);
    const others = [];
    for (let i = 0; i < 3; i += 1)
      others.push(await dataKey(directory.dataSource, directory.keys, ownerOf()));
    const isNew = await dataKey(directory.dataSource, both, ownerOf());
    expect(isNew).toHaveLength(32);
    const [busy] = await Promise.all([
      directory.grant(app, await directory.district([])),
      rewrapDataKeys(directory.dataSource, both),
    ]);
    expect(busy.token).toMatch(/^hptok_/);
    await rewrapDataKeys(directory.dataSource, both);
    expect((await keyUse(directory.dataSource)).masterKeys.map(({ version }) => version)).toEqual([2]);
    const without = { ...directory.keys, masterKeys: { primary: 2, versions: new Map([[2, fresh]]) } };
    expect(await opened(without)).toBe(token);
    await expect(opened(directory.keys)).rejects.toThrow(/version 2/);
    // For the tests that follow.
    await rewrapDataKeys(directory.dataSource, { ...directory.keys, masterKeys: ring(1, old, fresh) });
  });
});

let owners = 0;
const ownerOf = () =>
  ({ type: 'district', id: (owners += 1).toString(16).padStart(24, '0') as DistrictId }) as const;

describe('a data key', () => {
  it('is one, whoever asks for it first at the same time', async () => {
    const owner = ownerOf();
    const keys = await Promise.all(
      Array.from({ length: 5 }, () => dataKey(directory.dataSource, directory.keys, owner)),
    );
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  });

  it('that followed from the master key opens what was sealed under it', async () => {
    const owner = ownerOf();
    const { dataSource, keys } = directory;
    await dataSource.query(
      `insert into data_keys (owner_type, owner_id, is_derived) values ('district', $1, true)`,
      [owner.id],
    );
    const before = Buffer.from(
      hkdfSync('sha256', keyAt(keys.masterKeys, 1), owner.id, 'hallpass district seal', 32),
    );
    expect(await dataKey(dataSource, keys, owner)).toEqual(before);
  });

  it('that followed from the master key gives way to a random one, with what was sealed under it', async () => {
    const { dataSource, keys } = directory;
    const old = await directory.district([]);
    const granted = await directory.grant(app, old);
    // As it was before there were such keys.
    const [seal] = await dataSource.query<{ id: string }[]>(
      'select token_id id from token_seals where district_id = $1',
      [old.id],
    );
    const derived = Buffer.from(
      hkdfSync('sha256', keyAt(keys.masterKeys, 1), old.id, 'hallpass district seal', 32),
    );
    await dataSource.query(
      `update data_keys set wrapped = null, master_version = null, is_derived = true where owner_id = $1`,
      [old.id],
    );
    await dataSource.query('update token_seals set sealed = $2 where district_id = $1', [
      old.id,
      sealSecret(derived, granted.token, `${seal?.id}|${app.id}|${old.id}`),
    ]);
    await replaceDerivedKeys(dataSource, keys, resealTokens);
    const key = await dataKey(dataSource, keys, { type: 'district', id: old.id });
    expect(key).not.toEqual(derived);
    const [after] = await dataSource.query<{ sealed: Buffer }[]>(
      'select sealed from token_seals where district_id = $1',
      [old.id],
    );
    expect(openSecret(key, after?.sealed ?? Buffer.alloc(0), `${seal?.id}|${app.id}|${old.id}`)).toBe(
      granted.token,
    );
  });

  it('takes the sealed tokens of its district with it, and the tokens go on', async () => {
    await directory.dataSource.transaction((tx) => destroyDistrictKey(tx, district.id));
    expect(await opened(directory.keys)).toBeUndefined();
    // Even a seal that somebody has kept, from a backup say.
    const kept = sealSecret(randomBytes(32), token, 'x');
    const nothing = { wrapped: null, masterVersion: null, isDerived: false };
    const place = { districtId: district.id, appId: app.id, tokenId: '0'.repeat(24) as never };
    expect(unsealToken(directory.keys, place, kept, nothing)).toBeUndefined();
    const record = await findToken(directory.dataSource, lookupsOf(directory.keys, token));
    expect(record?.grants[0]?.districtId).toBe(district.id);
  });
});

describe('a pepper', () => {
  it('is replaced beside everything else: secrets of either are found, and new ones hang on the new one', async () => {
    const { peppers } = directory.keys;
    const both: InstallationKeys = {
      ...directory.keys,
      peppers: ring(2, keyAt(peppers, 1), randomBytes(32)),
    };
    expect(lookupsOf(both, token)[1]).toEqual(createHmac('sha256', keyAt(peppers, 1)).update(token).digest());
    expect(await findToken(directory.dataSource, lookupsOf(both, token))).toBeDefined();
    const later = await TestDirectory.at(directory.url, both);
    const granted = await later.grant(await later.app(), await later.district([]));
    expect(await findToken(later.dataSource, lookupsOf(both, granted.token))).toBeDefined();
    expect(await findToken(later.dataSource, lookupsOf(directory.keys, granted.token))).toBeUndefined();
    const versions = (await keyUse(later.dataSource)).peppers;
    expect(versions.map(({ version }) => version)).toEqual([1, 2]);
    await later.close();
  });

  it('is in use as long as anybody’s session, link, recovery code or way to look hangs on it', async () => {
    const { dataSource, keys } = directory;
    const countOf = async (version: number) =>
      (await keyUse(dataSource)).peppers.find((each) => each.version === version)?.secrets ?? 0;
    const third = { ...keys, peppers: ring(3, keyAt(keys.peppers, 1), randomBytes(32), randomBytes(32)) };
    const scope = { type: 'staff' } as const;
    const command = { scope, email: 'key-use@x.example', role: 'operator' } as const;
    const { member } = await invitePerson(dataSource, third, command, SYSTEM);
    expect(await countOf(3)).toBe(1);
    await openSession(dataSource, third, { personId: member.id, audience: 'staff' });
    expect(await countOf(3)).toBe(2);
    await confirmTotp(dataSource, third, member.id, 1);
    expect(await countOf(3)).toBe(12);
    const [operator] = await dataSource.query('select id from operators where person_id = $1', [member.id]);
    const place = { type: 'app', id: app.id } as const;
    await openViewing(dataSource, third, { operatorId: operator.id, place, reason: 'why not' }, SYSTEM);
    expect(await countOf(3)).toBe(13);
    await dataSource.query(
      `update sessions set created_at = now() - interval '8 days' where person_id = $1`,
      [member.id],
    );
    await dataSource.query('update person_links set ended_at = now() where person_id = $1', [member.id]);
    await dataSource.query('update recovery_codes set used_at = now() where person_id = $1', [member.id]);
    await dataSource.query(`update viewings set created_at = now() - interval '2 minutes'`);
    expect(await countOf(3)).toBe(0);
  });
});
