import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { TestDirectory, type TestDistrict } from '@hallpass/database/testing';
import { Publishing, TestTokenService } from './fixtures.js';

/** What the token service has admin do: it hands on archives whole, and says what was refused. */
let directory: TestDirectory;
let service: TestTokenService;
let publishing: Publishing;
let district: TestDistrict;
let portalToken: string;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory, { env: { UPLOAD_MAX_MIB: '4' } });
  publishing = new Publishing(directory);
  district = await directory.district([]);
  portalToken = await directory.portalToken(district);
});
afterAll(async () => {
  await publishing.stop();
  await service.close();
  await directory.close();
});

const MIB = 2 ** 20;

function upload(archive: Buffer | Readable, type = 'application/zip') {
  return service.nest.inject({
    method: 'POST',
    url: '/v1/district/imports',
    headers: { authorization: `Bearer ${portalToken}`, 'content-type': type },
    payload: archive,
  });
}
const left = () => directory.dataSource.query<unknown[]>('select id from errands');

describe('an archive that a district sends', () => {
  it.each([0, 1, MIB, 3 * MIB + 17])('of %i bytes arrives whole, and stays nowhere', async (size) => {
    const archive = randomBytes(size);
    const answer = await upload(archive);
    const { id, status } = answer.json<{ id: string; status: string }>();
    expect([answer.statusCode, status]).toEqual([202, 'failed']);
    expect(publishing.archives.get(id)?.equals(archive)).toBe(true);
    expect(await left()).toEqual([]);
  });

  it('is refused when it is larger than UPLOAD_MAX_MIB, and none of it is kept', async () => {
    const answer = await upload(randomBytes(4 * MIB + 1));
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([413, 'body-too-large']);
    expect(await left()).toEqual([]);
  });

  it('is refused when it is no archive', async () => {
    const answer = await upload(Buffer.from('a,b'), 'text/csv');
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
      415,
      'media-type-unsupported',
    ]);
  });

  it('waits for the import that runs', async () => {
    await directory.dataSource.query(
      `insert into imports (id, district_id, status) values ('${'a'.repeat(24)}', $1, 'running')`,
      [district.id],
    );
    const answer = await upload(Buffer.from('zip'));
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([409, 'import-running']);
    expect(await left()).toEqual([]);
  });
});

it('an import that no longer waits is not answered', async () => {
  const call = (what: string) =>
    service.call('POST', `/v1/district/imports/${'a'.repeat(24)}/${what}`, `Bearer ${portalToken}`, {});
  for (const what of ['confirm', 'discard']) {
    const { status, body } = await call(what);
    expect([status, body.code]).toEqual([409, 'import-not-held']);
  }
});

it('a sandbox is made once, shares with its app, and belongs to nobody else', async () => {
  const app = await directory.app();
  expect((await service.call('GET', '/v1/sandbox', app)).body.code).toBe('not-found');
  const made = await service.call('POST', '/v1/sandbox', app);
  expect([made.status, made.body]).toEqual([
    200,
    {
      districtId: expect.any(String),
      name: expect.stringMatching(/^Sandbox of /),
      grantId: expect.any(String),
    },
  ]);
  expect((await service.call('POST', '/v1/sandbox', app)).body).toEqual(made.body);
  expect((await service.call('GET', '/v1/sandbox', app)).body).toEqual(made.body);
  expect((await service.call('GET', '/v1/sandbox', await directory.app())).status).toBe(404);
});
