import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { servePages } from '../src/index.js';

const HTML = { accept: 'text/html,*/*' };
const SCRIPT = `console.log(${JSON.stringify('x'.repeat(2000))});`;
let folder: string;
let service: FastifyInstance;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hallpass-pages-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><meta content="%STYLE_NONCE%"><p>pages</p>');
  await writeFile(join(folder, 'assets', 'main-abc.js'), SCRIPT);
  await writeFile(join(folder, 'assets', 'note.txt'), 'of no use to a browser');
  service = fastify();
  await servePages(service, folder);
  service.get('/v1/things', () => ({ data: [] }));
});
afterEach(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

describe('the pages of a console', () => {
  it.each(['/', '/apps/1/tokens', '/districts/1?search=a'])(
    'come at %s, under a strict policy',
    async (url) => {
      const { statusCode, headers, body } = await service.inject({ url, headers: HTML });
      expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'; script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
      expect(body).toContain(`content="${nonce}"`);
      const again = await service.inject({ url, headers: HTML });
      expect(again.headers['content-security-policy']).not.toBe(policy);
    },
  );

  it.each([
    ['a path of the service', 'GET', '/v1/nothing', HTML],
    ['another of its paths', 'GET', '/oauth/nothing', HTML],
    ['an asset that is not there', 'GET', '/assets/gone.js', HTML],
    ['a file that is no asset', 'GET', '/assets/note.txt', HTML],
    ['a path out of the folder', 'GET', '/assets/..%2findex.html', HTML],
    ['a program that asks for JSON', 'GET', '/apps/1', { accept: 'application/json' }],
    ['a request that would change something', 'POST', '/apps/1', HTML],
  ] as const)('leave %s as it was: 404', async (_, method, url, headers) => {
    expect((await service.inject({ method, url, headers })).statusCode).toBe(404);
  });

  it('leave the routes of the service alone', async () => {
    const { statusCode, body } = await service.inject({ url: '/v1/things', headers: HTML });
    expect([statusCode, body]).toEqual([200, '{"data":[]}']);
  });

  it('have assets that are kept for ever, compressed for those who can read it', async () => {
    const plain = await service.inject('/assets/main-abc.js');
    expect([plain.statusCode, plain.body]).toEqual([200, SCRIPT]);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const small = await service.inject({
      url: '/assets/main-abc.js',
      headers: { 'accept-encoding': 'gzip, br' },
    });
    expect(small.headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' });
    expect(brotliDecompressSync(small.rawPayload).toString()).toBe(SCRIPT);
  });

  it('say so where they are not built, and the service works', async () => {
    const bare = fastify();
    await servePages(bare, join(folder, 'nowhere'));
    const { statusCode, body } = await bare.inject({ url: '/', headers: HTML });
    expect(statusCode).toBe(200);
    expect(body).toContain('not built yet');
    await bare.close();
  });
});
