import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { ABSENT_PAGE, describeWithBrowser, faultsOf, launch, open, violations } from './browsing.js';
import { RunningHallpass, type Demo } from './running-hallpass.js';

jest.setTimeout(300_000);

interface Named {
  id: string;
  name: string;
}

describeWithBrowser('the console in a browser', () => {
  let hallpass: RunningHallpass;
  let demo: Demo;
  let browser: Browser;
  const apps: (Named & { partnerId: string })[] = [];
  const districts: Named[] = [];
  let webhookId: string;

  const admin = async <T>(path: string, method = 'GET', body?: object): Promise<T> => {
    const headers = { authorization: `Bearer ${demo.operatorToken}`, 'content-type': 'application/json' };
    const response = await fetch(`${demo.admin}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return (await response.json()) as T;
  };

  beforeAll(async () => {
    hallpass = await RunningHallpass.prepare();
    await hallpass.start();
    demo = await hallpass.demo();
    apps.push(...(await admin<{ data: typeof apps }>('/v1/apps')).data);
    districts.push(...(await admin<{ data: Named[] }>('/v1/districts')).data);
    // One person of every partner and district, so that one session sees all pages.
    const partners = (await admin<{ data: Named[] }>('/v1/partners')).data;
    for (const path of [
      ...partners.map(({ id }) => `/v1/partners/${id}/people`),
      ...districts.map(({ id }) => `/v1/districts/${id}/people`),
    ])
      await admin(path, 'POST', { email: signInOf('Garden Learning').email, role: 'owner' });
    // A webhook whose server does not answer, with a delivery that is tried.
    const { clientId, clientSecret } = demo.apps[0]!;
    const asApp = {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/json',
    };
    const post = async (path: string, body?: object): Promise<{ id: string }> => {
      const init = { method: 'POST', headers: asApp, ...(body ? { body: JSON.stringify(body) } : {}) };
      return (await fetch(`${demo.tokenService}${path}`, init)).json() as Promise<{ id: string }>;
    };
    webhookId = (await post('/v1/webhooks', { url: 'http://127.0.0.1:9/hook', description: 'A trial' })).id;
    const { authorization } = asApp;
    await fetch(`${demo.tokenService}/v1/webhooks/${webhookId}/test`, {
      method: 'POST',
      headers: { authorization },
    });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await hallpass.remove();
  });

  const signInOf = (of: string) => demo.people.find((each) => each.of === of) as Demo['people'][number];

  /** A browser in which a person of every partner and district, or of staff, has signed in. */
  const signedIn = async (who: 'portal' | 'staff', options: Parameters<Browser['newContext']>[0] = {}) => {
    // What fades in has no colour yet that could be judged.
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    const { email, password, url } = signInOf(who === 'staff' ? 'Hallpass staff' : 'Garden Learning');
    const answer = await context.request.post(`${url}/v1/session`, { data: { email, password } });
    expect([email, answer.status()]).toEqual([email, 200]);
    return context;
  };

  const portalPages = () => {
    const [app, district] = [`/apps/${apps[0]!.id}`, `/districts/${districts[0]!.id}`];
    return [
      '/',
      '/account',
      app,
      ...[
        'tokens',
        'migration',
        'usage',
        'webhooks',
        'events',
        'invitations',
        'explorer',
        'settings',
        'people',
      ].map((each) => `${app}/${each}`),
      district,
      ...['apps', 'roster', 'imports', 'access-log', 'people', `apps/${apps[0]!.id}`].map(
        (each) => `${district}/${each}`,
      ),
    ];
  };
  const staffPages = () => [
    '/?q=a',
    ...[
      'partners',
      'apps',
      'districts',
      'grants',
      'imports',
      'migration',
      'sunset',
      'limits',
      'webhooks',
      'mails',
      'audit',
      'people',
    ].map((each) => `/${each}`),
    `/webhooks/${webhookId}`,
    ...['', '/credentials', '/plan'].map((each) => `/apps/${apps[0]!.id}${each}`),
    `/districts/${districts[0]!.id}`,
    `/migration/${apps[0]!.id}`,
  ];

  it('has no page with a violation of accessibility or of the policy, or too wide for a phone, in light and dark', async () => {
    const sites = [
      ['portal', demo.tokenService, portalPages()],
      ['staff', demo.admin, staffPages()],
    ] as const;
    const found: [string, string[]][] = [];
    const [linked, looked] = [new Set<string>(), new Set<string>()];
    for (const [who, base, paths] of sites) {
      const context = await signedIn(who);
      for (const path of paths) {
        const { page, complaints } = await open(context, `${base}${path}`);
        const faults = complaints;
        // A page that is not there has nothing to be found on it.
        if ((await page.locator('h1').first().textContent()) === ABSENT_PAGE) faults.push('is not there');
        faults.push(...(await faultsOf(page)));
        if (faults.length > 0) found.push([`${who} ${path}`, faults]);
        for (const link of await page.locator('nav a').all())
          linked.add(`${base}${await link.getAttribute('href')}`);
        looked.add(`${base}${path.split('?')[0]}`);
        await page.close();
      }
      await context.close();
    }
    expect(found).toEqual([]);
    // Every link of a menu leads to a page that was looked at.
    expect([...linked].filter((each) => !looked.has(each))).toEqual([]);
    expect(linked.size).toBeGreaterThan(20);
  });

  it('asks who is not signed in to sign in, wherever the address leads, without a violation', async () => {
    const context = await browser.newContext();
    for (const url of [
      `${demo.tokenService}/apps/${apps[0]!.id}/tokens`,
      `${demo.admin}/sunset`,
      `${demo.tokenService}/reset-password`,
    ]) {
      const { page } = await open(context, url);
      expect(await page.locator('input[type=email]').count()).toBe(1);
      expect(await violations(page)).toEqual([]);
      await page.close();
    }
    await context.close();
  });

  it('lets a person in by the right password alone, and out again', async () => {
    const context = await browser.newContext();
    const { email, password } = signInOf('Alder County Schools');
    const { page } = await open(context, demo.tokenService);
    const tryWith = async (text: string) => {
      await page.getByLabel('E-mail address').fill(email);
      await page.getByLabel('Password').first().fill(text);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    await tryWith('not the password');
    await page.getByRole('alert').first().waitFor();
    expect(await context.cookies()).toEqual([]);
    await tryWith(password);
    await page.getByRole('heading', { name: 'Alder County Schools' }).waitFor();
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    expect(await page.evaluate('document.cookie')).toBe('');
    // A page of another site has the cookie sent, and not the word that goes with it.
    const forged = await context.request.delete(`${demo.tokenService}/v1/session/all`);
    expect(forged.status()).toBe(403);
    await context.close();
  });

  it('shows an app and a district of others exactly like ones that are not there', async () => {
    const context = await signedIn('portal');
    for (const path of [
      '/apps/0123456789abcdef01234567/tokens',
      '/districts/0123456789abcdef01234567',
      '/nowhere',
    ]) {
      const { page } = await open(context, `${demo.tokenService}${path}`);
      expect(await page.locator('h1').textContent()).toBe(ABSENT_PAGE);
      await page.close();
    }
    await context.close();
  });

  it('lets a partner find a district, test its token by a live call, and rotate it with grace', async () => {
    const context = await signedIn('portal');
    const app = apps.find(({ name }) => name === demo.apps[0]!.name)!;
    const { page } = await open(context, `${demo.tokenService}/apps/${app.id}/tokens`);
    await page.getByLabel('Search districts').fill('cedar');
    await page.getByRole('link', { name: /^Cedar/ }).click();
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByText('It works').waitFor();
    expect(await page.getByLabel('What came back').textContent()).toContain('"data"');
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('article').nth(1).waitFor();
    expect(await page.getByRole('article').count()).toBe(2);
    await context.close();
  });

  it('lets a district see what a choice of one school would take from an app, and narrows nothing before it is saved', async () => {
    const context = await signedIn('portal');
    const { id } = districts[0]!;
    const { data } = await admin<{ data: { id: string; selection: { type: string } }[] }>(
      `/v1/grants?districtId=${id}`,
    );
    const grant = data.find(({ selection }) => selection.type === 'everything')!;
    const { page } = await open(context, `${demo.tokenService}/districts/${id}/grants/${grant.id}`);
    await page.getByLabel('Only these schools').check();
    await page.getByRole('combobox', { name: 'Schools' }).click();
    await page.getByRole('option').first().click();
    await page.getByRole('alert').getByText('What would vanish').waitFor();
    expect((await admin<{ selection: { type: string } }>(`/v1/grants/${grant.id}`)).selection.type).toBe(
      'everything',
    );
    await context.close();
  });

  it('lets an invited person in by the link of the mail, once', async () => {
    const { link } = await admin<{ link: string }>('/v1/people', 'POST', {
      email: 'nell@hallpass.example',
      role: 'auditor',
    });
    const context = await browser.newContext();
    const { page } = await open(context, link);
    expect(page.url()).not.toContain('#hplnk');
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('Your name').fill('Nell');
    await page.getByLabel('New password').fill('seven quiet lanterns');
    await page.getByRole('button', { name: 'Set the password and sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const { page: again } = await open(context, link);
    await again.getByRole('heading', { name: 'This link is used, too old or incomplete' }).waitFor();
    await context.close();
  });

  it.each(['app', 'district'] as const)(
    'lets staff look at the pages of the %s with a reason, and its people see that they did',
    async (place) => {
      const { id, name } = place === 'app' ? apps[0]! : districts[0]!;
      const context = await signedIn('staff');
      const { page } = await open(context, `${demo.admin}/${place}s/${id}`);
      await page.getByRole('button', { name: 'See its pages' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Reason').fill('A question about its people');
      expect(await violations(page)).toEqual([]);
      await dialog.getByRole('button', { name: 'Prepare it' }).click();
      const link = dialog.getByRole('link', { name: 'Open them in a new window' });
      const href = (await link.getAttribute('href')) ?? '';
      expect(href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/view#hpvie_/);
      const [there] = await Promise.all([context.waitForEvent('page'), link.click()]);
      const banner = there.getByRole('region', { name: /is looking at these pages/ });
      await banner.getByText('Reason: A question about its people').waitFor();
      expect(there.url()).toBe(`${demo.tokenService}/${place}s/${id}`);
      await there.waitForLoadState('networkidle');
      for (const width of [1280, 360]) {
        await there.setViewportSize({ width, height: 800 });
        expect([width, await violations(there)]).toEqual([width, []]);
        expect(await there.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
      }
      await there.goto(`${demo.tokenService}/${place}s/${id}/people`);
      await there.getByRole('cell', { name: 'A question about its people' }).first().waitFor();
      expect(await there.getByRole('button', { name: /Invite|Remove/ }).count()).toBe(0);
      await banner.getByRole('button', { name: 'Stop looking' }).click();
      await there.getByLabel('E-mail address').waitFor();
      // The link was for once.
      const { page: again } = await open(context, href);
      await again.getByRole('heading', { name: 'This link is used or too old' }).waitFor();
      await context.close();
      const own = await signedIn('portal');
      const { page: theirs } = await open(own, `${demo.tokenService}/${place}s/${id}/people`);
      const seen = theirs.getByRole('table', { name: 'When staff looked' });
      await seen
        .getByText(place === 'app' ? name : 'The district')
        .first()
        .waitFor();
      await own.close();
    },
  );

  it('shows a name that is markup as the text that it is', async () => {
    const name = `<img src=x onerror="document.body.dataset.broken='yes'">`;
    const { id } = await admin<Named>('/v1/partners', 'POST', { name });
    const context = await signedIn('staff');
    for (const path of ['/partners', `/partners/${id}`, '/?q=onerror']) {
      const { page } = await open(context, `${demo.admin}${path}`);
      await page.getByText(name).first().waitFor();
      expect(await page.locator('main img').count()).toBe(0);
      expect(await page.evaluate('document.body.dataset.broken')).toBeUndefined();
      await page.close();
    }
    await context.close();
  });

  it('lets staff give one app a plan of its own, once it is rehearsed, and shows it in the calendar', async () => {
    const context = await signedIn('staff');
    const app = apps.find(({ name }) => name === demo.apps.find(({ apiKey }) => apiKey)?.name)!;
    const { page } = await open(context, `${demo.admin}/apps/${app.id}/plan`);
    const save = page.getByRole('button', { name: 'Save the plan' });
    await page.getByLabel('Reason').fill('Its release comes later');
    expect(await save.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Rehearse' }).click();
    await page.getByText('What it would have done').waitFor();
    await save.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save the plan' }).click();
    await page.getByRole('button', { name: 'Back to the plan for all' }).waitFor();
    const { page: all } = await open(context, `${demo.admin}/sunset`);
    expect(await all.locator('[aria-current=date]').count()).toBe(1);
    await all.getByRole('combobox', { name: 'Whose days' }).click();
    await all.getByRole('option', { name: app.name }).click();
    await all
      .getByRole('table', { name: 'Apps with a plan of their own' })
      .getByText('Its release comes later')
      .waitFor();
    expect(await violations(all)).toEqual([]);
    await context.close();
  });

  it('tells staff in numbers what a revoked key breaks, shows a new secret once, and asks before either', async () => {
    const context = await signedIn('staff');
    const app = apps.find(({ name }) => name === demo.apps.find(({ apiKey }) => apiKey)?.name)!;
    const url = `${demo.admin}/apps/${app.id}/credentials`;
    const { page } = await open(context, url);
    await page
      .getByRole('button', { name: /^Revoke: hpkey_/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/\d+ calls? with its keys in the last 7 days, and \d+ districts?/).waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'New secret' }).click();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'New secret' }).click();
    const secret = await page.getByText(/^hpsec_\w{49}$/).textContent();
    const { page: again } = await open(context, url);
    await again
      .getByRole('button', { name: /^Revoke: hpsec_/ })
      .nth(1)
      .waitFor();
    expect(await again.content()).not.toContain(secret);
    await context.close();
  });

  it('lets staff give an app in a district another limit by their names, and take it away', async () => {
    const context = await signedIn('staff');
    const [app, district] = [apps[0]!, districts[0]!];
    const { page } = await open(context, `${demo.admin}/limits`);
    await page.getByRole('button', { name: 'Add an override' }).click();
    const dialog = page.getByRole('dialog');
    for (const [field, { name }] of [
      ['App', app],
      ['District', district],
    ] as const) {
      await dialog.getByRole('combobox', { name: field, exact: true }).fill(name.slice(0, 6));
      await page.getByRole('option', { name, exact: true }).click();
    }
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Its first sync of the year');
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    const row = page.getByRole('row', { name: /Its first sync of the year/ });
    await row.getByText(app.name).waitFor();
    await row.getByText(district.name).waitFor();
    await row.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await row.waitFor({ state: 'detached' });
    await context.close();
  });

  it('finds in the audit log what one person did to one thing, and shows what changed', async () => {
    const { id } = await admin<Named>('/v1/apps', 'POST', { partnerId: apps[0]!.partnerId, name: 'Audited' });
    await admin(`/v1/apps/${id}`, 'PATCH', { purpose: 'to be looked at' });
    const context = await signedIn('staff');
    const { page } = await open(context, `${demo.admin}/audit`);
    await page.getByLabel('Only this subject (id)').fill(id);
    await page.getByRole('combobox', { name: 'What kind' }).click();
    await page.getByRole('option', { name: 'Apps', exact: true }).click();
    await page.waitForURL(`**/audit?subjectId=${id}&action=app.`);
    await page.getByRole('button', { name: 'Show: app.changed' }).click();
    const row = page.getByRole('dialog').getByRole('row', { name: /purpose/ });
    await row.getByText('to be looked at').waitFor();
    expect(await violations(page)).toEqual([]);
    await context.close();
  });

  it('shows a demo its mails, with the link of an invitation', async () => {
    await admin('/v1/people', 'POST', { email: 'mona@hallpass.example', role: 'auditor' });
    const context = await signedIn('staff');
    const { page } = await open(context, demo.admin);
    await page.getByRole('link', { name: 'Mail' }).click();
    await page.getByRole('button', { name: /mona@hallpass\.example/ }).click();
    await page
      .getByText(/\/link#hplnk_/)
      .first()
      .waitFor();
    await context.close();
  });

  it('lets staff rehearse a plan before they can save it', async () => {
    const context = await signedIn('staff');
    const { page } = await open(context, `${demo.admin}/sunset`);
    const save = page.getByRole('button', { name: 'Save the plan' });
    expect(await save.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Rehearse' }).click();
    await page.getByText('What it would have done').waitFor();
    expect(await save.isDisabled()).toBe(false);
    await page.getByRole('button', { name: 'Add a window' }).click();
    expect(await save.isDisabled()).toBe(true);
    await context.close();
  });

  it('leads staff from a figure that needs attention to what it counts', async () => {
    await admin('/v1/districts', 'POST', { name: 'A District Without Roster' });
    const context = await signedIn('staff');
    const { page } = await open(context, demo.admin);
    await page.getByRole('link', { name: 'Look at it: Districts without a roster' }).click();
    await page.getByRole('link', { name: 'A District Without Roster' }).waitFor();
    expect(await page.getByRole('link', { name: 'Alder County Schools' }).count()).toBe(0);
    await page.getByRole('combobox', { name: 'Their roster' }).click();
    await page.getByRole('option', { name: 'Any' }).click();
    await page.getByRole('link', { name: 'Alder County Schools' }).waitFor();
    await page.getByRole('link', { name: 'Imports' }).click();
    await page.getByRole('combobox', { name: 'Status' }).click();
    await page.getByRole('option', { name: 'Refused' }).click();
    await page.waitForURL('**/imports?status=refused');
    await page.getByText('Nothing here yet').waitFor();
    await context.close();
  });

  it('draws of a long list the rows near the eye, asks for more as it is read, and finds one by name', async () => {
    for (let i = 1; i <= 240; i += 1) await admin('/v1/districts', 'POST', { name: `Long List ${i}` });
    const context = await signedIn('staff');
    const { page } = await open(context, `${demo.admin}/districts?q=Long+List`);
    const rows = page.locator('tbody tr:not([aria-hidden])');
    await rows.nth(50).waitFor();
    expect(await page.locator('table[aria-rowcount]').count()).toBe(0);
    await page.mouse.move(600, 400);
    await page.mouse.wheel(0, 100_000);
    await page.locator('table[aria-rowcount="201"]').waitFor();
    await page.mouse.wheel(0, 100_000);
    await page.locator('table[aria-rowcount="241"]').waitFor();
    // Rows have their own heights: the end is farther than it seems before they are drawn.
    const last = page.locator('tr[aria-rowindex="241"]');
    for (let turn = 0; turn < 50 && !(await last.isVisible()); turn += 1) {
      await page.mouse.wheel(0, 5000);
      await page.evaluate('new Promise(requestAnimationFrame)');
    }
    await last.waitFor();
    expect(await rows.count()).toBeLessThan(80);
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      await rows.first().waitFor();
      expect([width, await violations(page)]).toEqual([width, []]);
      expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
    }
    await page.getByLabel('Search districts by name').fill('long list 199');
    await rows.nth(1).waitFor({ state: 'detached' });
    expect(await rows.allTextContents()).toEqual([expect.stringContaining('Long List 199')]);
    await context.close();
  });
});
