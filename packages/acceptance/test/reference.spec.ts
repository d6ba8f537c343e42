import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describeWithBrowser, launch, open } from './browsing.js';
import { RunningHallpass, type Demo } from './running-hallpass.js';

// The API reference: what its pages may call in a real browser, and what they may not.

jest.setTimeout(120_000);

const PASSWORD = 'hallpass demo lantern';

let hallpass: RunningHallpass;
let demo: Demo;
let browser: Browser;
let context: BrowserContext;
/** Where somebody else's page is: for a browser the same site as the portal, and another origin. */
let strangers: string;
const elsewhere = createServer(
  (_, response) => void response.setHeader('content-type', 'text/html').end('<h1>Hello</h1>'),
);

beforeAll(async () => {
  hallpass = await RunningHallpass.prepare();
  await hallpass.start();
  demo = await hallpass.demo();
  await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
  strangers = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  browser = await launch();
  context = await browser.newContext();
});
afterAll(async () => {
  await browser?.close();
  elsewhere.close();
  await hallpass.remove();
});

/** Enters what a way of signing in asks for. */
async function authorise(page: Page, name: string, values: string[]): Promise<void> {
  await page.locator('.swagger-ui button.authorize').first().click();
  const form = page.locator('.auth-container', { has: page.locator('h4 code', { hasText: name }) });
  for (const [i, value] of values.entries()) await form.locator('input').nth(i).fill(value);
  await form.getByRole('button', { name: 'Apply credentials' }).click();
  await page.locator('.swagger-ui .btn-done').first().click();
}

/** Tries the GET of a path as it stands: the address that was called, the status, and the body. */
async function tryOut(page: Page, path: string) {
  const of = page.locator(`.opblock-summary-path[data-path="${path}"]`);
  const route = page.locator('.opblock-get', { has: of });
  await route.locator('.opblock-summary-control').click();
  await route.getByRole('button', { name: 'Try it out' }).click();
  const answered = page.waitForResponse((each) => each.request().method() !== 'OPTIONS');
  await route.getByRole('button', { name: 'Execute' }).click();
  const response = await answered;
  await route.locator('.live-responses-table .response .response-col_status').waitFor();
  return {
    url: response.url(),
    shown: (await route.locator('.live-responses-table .response .response-col_status').innerText()).trim(),
    body: await route
      .locator('.live-responses-table .response .response-col_description .highlight-code')
      .first()
      .innerText(),
  };
}

describeWithBrowser('the API reference', () => {
  it('tries the token service, with the secret of an app, under a policy that names it alone', async () => {
    const { page, complaints } = await open(context, `${demo.dataApi}/docs/reference/token-service`);
    const policy = (await fetch(page.url())).headers.get('content-security-policy');
    expect(policy).toContain(`connect-src 'self' ${new URL(demo.tokenService).origin};`);
    const [app] = demo.apps as [Demo['apps'][number]];
    await authorise(page, 'client', [app.clientId, app.clientSecret]);
    const { url, shown, body } = await tryOut(page, '/v1/grants');
    expect([url.startsWith(`${demo.tokenService}/v1/grants`), shown]).toEqual([true, '200']);
    expect(body).toContain(app.districts[0]?.id);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('tries the data API, on its own origin', async () => {
    const { page, complaints } = await open(context, `${demo.dataApi}/docs/reference/data-api`);
    await authorise(page, 'token', [demo.sandbox.token]);
    const { url, shown, body } = await tryOut(page, '/v3.1/schools');
    expect([url.startsWith(`${demo.dataApi}/v3.1/schools`), shown]).toEqual([true, '200']);
    expect(body).toContain('/v3.1/schools/');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('never uses the session of who is signed in to the portal in the same browser', async () => {
    const portal = await context.newPage();
    await portal.goto(demo.tokenService);
    const signedIn = await portal.evaluate(
      async (body) => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch('/v1/session', { method: 'POST', headers, body: JSON.stringify(body) });
        return [answer.status, (await fetch('/v1/session')).status];
      },
      { email: 'rocket@partner.example', password: PASSWORD },
    );
    expect(signedIn).toEqual([200, 200]);
    const { page } = await open(context, `${demo.dataApi}/docs/reference/token-service`);
    const { shown } = await tryOut(page, '/v1/grants');
    expect(shown).toBe('401');
    // Nor does a script that asks for it, on this page or on one of a stranger.
    const attempt = (url: string) =>
      fetch(url, { credentials: 'include' }).then(
        ({ status }) => status,
        () => 'kept from the page',
      );
    // No challenge by Basic is among them: a browser would ask the person for a password, and wait.
    expect(await page.evaluate(attempt, `${demo.tokenService}/v1/district`)).toBe('kept from the page');
    expect(await page.evaluate(attempt, `${demo.tokenService}/v1/session`)).toBe('kept from the page');
    const stranger = await context.newPage();
    await stranger.goto(strangers);
    for (const path of ['/v1/district', '/v1/people', '/v1/session'])
      expect(await stranger.evaluate(attempt, `${demo.tokenService}${path}`)).toBe('kept from the page');
    await Promise.all([portal, page, stranger].map((each) => each.close()));
  });

  it('tries nothing of admin, which no page of it may call', async () => {
    const { page } = await open(context, `${demo.dataApi}/docs/reference/admin`);
    await page.locator('.opblock-summary-control').first().click();
    await page.locator('.opblock-body').first().waitFor();
    expect(await page.getByRole('button', { name: 'Try it out' }).count()).toBe(0);
    const refused = await page.evaluate(
      (url) =>
        fetch(url).then(
          () => 'answered',
          () => 'kept from the page',
        ),
      `${demo.admin}/health/live`,
    );
    expect(refused).toBe('kept from the page');
    expect(await page.locator('main.main').innerText()).toContain('nothing can be tried here');
    await page.close();
  });
});
