import { afterEach, describe, expect, it } from '@jest/globals';
import { TestDataApi } from './fixtures.js';

// Whether the pages of the documentation may call the token service: what they are told, and what their policy lets them.

const TOKENS = 'https://tokens.example';
let api: TestDataApi;

afterEach(() => api.stop());

const policyOf = async () =>
  String((await api.get('/docs/reference/token-service')).headers['content-security-policy']);

describe('the pages of the documentation', () => {
  it('may call the token service and nobody else, where that is configured', async () => {
    api = await TestDataApi.start({
      DOCS_TRY_TOKEN_SERVICE: 'true',
      TOKEN_SERVICE_URL: `${TOKENS}/behind`,
      DOCS_URL: 'https://api.example/docs',
    });
    const { status, body } = await api.get('/docs/live/token-service.json');
    expect([status, body]).toEqual([200, { tokenService: `${TOKENS}/behind`, pages: 'https://api.example' }]);
    expect(await policyOf()).toContain(`; connect-src 'self' ${TOKENS}; `);
  });

  it('may call none but their own origin otherwise', async () => {
    api = await TestDataApi.start({ TOKEN_SERVICE_URL: TOKENS });
    const { status, body } = await api.get('/docs/live/token-service.json');
    expect([status, body.code]).toEqual([404, 'not-found']);
    expect(await policyOf()).toContain("; connect-src 'self'; ");
  });
});
