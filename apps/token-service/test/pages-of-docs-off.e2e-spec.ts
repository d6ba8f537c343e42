import 'reflect-metadata';
import { afterEach, beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import { TestDirectory } from '@hallpass/database/testing';
import { TestTokenService, type Method } from './fixtures.js';

const DOCS = 'https://docs.example';

let directory: TestDirectory;
let service: TestTokenService | undefined;

beforeAll(async () => {
  directory = await TestDirectory.open();
});
afterEach(async () => {
  await service?.close();
  service = undefined;
});
afterAll(() => directory.close());

describe('pages of other origins', () => {
  it.each<[string, Record<string, string>]>([
    ['when nothing is said', {}],
    // The portal's own pages need no leave, and its cookie is not to be taken from them.
    [
      'when the documentation stands where the portal does',
      { DOCS_TRY_TOKEN_SERVICE: 'true', PORTAL_URL: DOCS },
    ],
  ])('are not answered %s', async (_name, env) => {
    service = await TestTokenService.start(directory, { env: { DOCS_URL: `${DOCS}/docs`, ...env } });
    const headers = { origin: DOCS, 'access-control-request-method': 'GET' };
    for (const method of ['GET', 'OPTIONS'] as Method[]) {
      const answer = await service.call(method, '/oauth/tokens', undefined, undefined, { headers });
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});
