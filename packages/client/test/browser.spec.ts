import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import type * as Client from '../src/index.js';
import { RosterServer } from './roster-server.js';

const CHROMIUM = '/usr/bin/chromium';
const HERE = resolve(import.meta.dirname, '..');
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
// Where CI runs, a suite that finds no browser is an error and not skipped.
const describeWithBrowser = existsSync(CHROMIUM) || process.env['CI'] ? describe : describe.skip;

describeWithBrowser('in a browser', () => {
  const server = new RosterServer();
  let browser: Browser;
  let bundle: string;
  let url: string;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hallpass-browser-'));
    const [rolldown, file] = [join(HERE, 'node_modules/.bin/rolldown'), join(folder, 'bundle.js')];
    const options = ['--platform', 'browser', '--format', 'esm', '--minify', '-o', file];
    await promisify(execFile)(rolldown, [join(HERE, 'dist/esm/index.js'), ...options]);
    bundle = await readFile(file, 'utf8');
    await rm(folder, { recursive: true, force: true });
    url = await server.start();
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server.stop();
  });

  it('pages, tries again, syncs and verifies as it does in Node', async () => {
    server.reset([2, 0, 0, 5, 0, 0]);
    const page = await browser.newPage();
    await page.route('**/app', (route) => route.fulfill({ contentType: 'text/html', body: '<p>app</p>' }));
    await page.route('**/client.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: bundle }),
    );
    await page.goto(`${url}/app`);
    server.requests = [];
    server.fates = ['away'];
    const body = JSON.stringify({ id: 'e1', type: 'webhook.test' });
    const at = new Date();
    const headers = {
      'webhook-id': 'e1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(SECRET).sign('e1', at, body),
    };
    const seen = await page.evaluate(
      async ([origin, secret, webhook]) => {
        const name = '/client.js';
        const { Hallpass, verifyWebhook } = (await import(name)) as typeof Client;
        const hallpass = new Hallpass({ token: 'hptok_test', url: origin });
        const users = [];
        for await (const user of hallpass.users.list({ pageSize: 2 })) users.push(user.id.slice(-1));
        const steps = [];
        for await (const { upserts } of hallpass.sync({ pageSize: 3 })) steps.push(upserts.length);
        const event = await verifyWebhook({ secret, ...webhook });
        return { users, steps, type: event.type };
      },
      [url, SECRET, { headers, body }] as const,
    );
    expect(seen).toEqual({
      users: ['1', '2', '3', '4', '5'],
      steps: [2, 0, 0, 3, 2, 0, 0],
      type: 'webhook.test',
    });
    expect(server.requests.slice(0, 2)).toEqual(['/v3.1/users?limit=2', '/v3.1/users?limit=2']);
  });
});
