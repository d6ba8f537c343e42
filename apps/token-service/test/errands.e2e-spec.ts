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

/** A wait for an answer that ends with the answer. */
const forever = () => new AbortController().signal;
/** How such a wait begins. */
let patience = forever;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory, {
    env: { UPLOAD_MAX_MIB: '4' },
    patience: () => patience(),
  });
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

it('imports are listed from the latest on, page after page, and nobody else’s', async () => {
  const [own, other] = [await directory.district([]), await directory.district([])];
  const bearer = `Bearer ${await directory.portalToken(own)}`;
  // Ids say nothing of time; two of them began at once.
  const begun: [string, string, string][] = [
    ['1'.repeat(24), own.id, '2026-03-02 10:00:00.000001'],
    ['2'.repeat(24), own.id, '2026-03-04 10:00:00'],
    ['3'.repeat(24), own.id, '2026-03-02 10:00:00.000002'],
    ['4'.repeat(24), own.id, '2026-03-03 10:00:00'],
    ['5'.repeat(24), own.id, '2026-03-03 10:00:00'],
    ['6'.repeat(24), other.id, '2026-03-03 10:00:00'],
  ];
  for (const row of begun)
    await directory.dataSource.query(
      `insert into imports (id, district_id, status, started_at) values ($1, $2, 'failed', $3)`,
      row,
    );
  const listed: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const query: string = next === '' ? 'limit=2' : `limit=2&startingAfter=${next}`;
    const { body } = await service.call('GET', `/v1/district/imports?${query}`, bearer);
    listed.push(...body.data.map(({ id }: { id: string }) => id[0]));
    next = body.next;
  }
  expect(listed.join('')).toBe('25431');
  const { body } = await service.call('GET', `/v1/district/imports?startingAfter=${'6'.repeat(24)}`, bearer);
  expect(body.data).toEqual([]);
});

it('an import that no longer waits is not answered', async () => {
  const call = (what: string) =>
    service.call('POST', `/v1/district/imports/${'a'.repeat(24)}/${what}`, `Bearer ${portalToken}`, {});
  for (const what of ['confirm', 'discard']) {
    const { status, body } = await call(what);
    expect([status, body.code]).toEqual([409, 'import-not-held']);
  }
});

describe('an errand that is not answered in time', () => {
  let other: TestDistrict;
  let bearer: string;
  let release: () => void;
  let slow: Publishing | undefined;

  beforeAll(async () => {
    await publishing.stop();
    patience = () => AbortSignal.abort();
    other = await directory.district([]);
    bearer = `Bearer ${await directory.portalToken(other)}`;
  });
  afterAll(async () => {
    release();
    await slow?.stop();
    publishing = new Publishing(directory);
    patience = forever;
  });
  const send = (archive: Buffer | Readable) =>
    service.nest.inject({
      method: 'POST',
      url: '/v1/district/imports',
      headers: { authorization: bearer, 'content-type': 'application/zip' },
      payload: archive,
    });
  const imports = async () =>
    (await service.call('GET', '/v1/district/imports', bearer)).body.data as { id: string; status: string }[];
  const answeredErrands = () =>
    directory.dataSource.query<{ id: string }[]>('select id from errands where answer is not null');
  release = () => undefined;

  it('is told to its person as taken down, and is done once admin is there: an import, with all of its file', async () => {
    const archive = randomBytes(MIB + 17);
    // Nobody runs errands: admin is down.
    const answer = await send(archive);
    expect([answer.statusCode, answer.json<{ code: string; detail: string }>()]).toEqual([
      504,
      expect.objectContaining({
        code: 'answer-late',
        detail: expect.stringMatching(/received whole.*Do not send it again/),
      }),
    ]);
    expect(answer.headers['retry-after']).toBeUndefined();
    expect(await imports()).toEqual([]);
    slow = new Publishing(directory, () => new Promise<void>((resolve) => (release = resolve)));
    // It is being run, and slowly: who asks for more meanwhile is told the same.
    const again = await service.call('POST', '/v1/sandbox', await directory.app());
    expect([again.status, again.body.code, again.body.detail]).toEqual([
      504,
      'answer-late',
      'The sandbox is being made: look again in a while.',
    ]);
    while ((await answeredErrands()).length < 2) release();
    const [done, ...more] = await imports();
    expect(more).toEqual([]);
    expect(slow.archives.get(done?.id ?? '')?.equals(archive)).toBe(true);
  });

  it('is its answer to a held import, which is carried out, once', async () => {
    const id = 'b'.repeat(24);
    await directory.dataSource.query(
      `insert into imports (id, district_id, status, base_seq) values ($1, $2, 'held', 0)`,
      [id, other.id],
    );
    const discard = () => service.call('POST', `/v1/district/imports/${id}/discard`, bearer, {});
    const late = await discard();
    expect([late.status, late.body.code]).toEqual([504, 'answer-late']);
    expect(late.body.detail).toMatch(/taken down and will be carried out/);
    const before = (await answeredErrands()).length;
    while ((await answeredErrands()).length === before) release();
    const { body } = await service.call('GET', `/v1/district/imports/${id}`, bearer);
    expect(body.status).toBe('discarded');
  });

  it('is none whose upload alone takes longer: the wait begins when all is there', async () => {
    await slow?.stop();
    slow = new Publishing(directory);
    let waits = 0;
    patience = () => {
      waits += 1;
      return forever();
    };
    const seen: number[] = [];
    async function* archive() {
      yield Buffer.from('the first half, ');
      seen.push(waits);
      yield Buffer.from('and the second');
      seen.push(waits);
    }
    const answer = await send(Readable.from(archive()));
    expect([answer.statusCode, ...seen, waits]).toEqual([202, 0, 0, 1]);
    const { id } = answer.json<{ id: string }>();
    expect(slow.archives.get(id)?.toString()).toBe('the first half, and the second');
  });
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
