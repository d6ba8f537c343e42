import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { generateDistrict } from '@hallpass/demo';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ABSENT_PAGE, describeWithBrowser, faultsOf, launch, open } from './browsing.js';
import { RunningHallpass, type Demo } from './running-hallpass.js';

jest.setTimeout(300_000);

const PASSWORD = 'seven quiet lanterns';
const MARKUP = `<img src=x onerror="document.body.dataset.broken='yes'">`;

interface Row {
  id: string;
  name: string;
}
interface Upload {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

describeWithBrowser('the portal in a browser', () => {
  let hallpass: RunningHallpass;
  let demo: Demo;
  let browser: Browser;
  let apps: (Row & { partnerId: string })[];
  let districts: Row[];

  const admin = async <T>(path: string, method = 'GET', body?: object): Promise<T> => {
    const headers = { authorization: `Bearer ${demo.operatorToken}`, 'content-type': 'application/json' };
    const answer = await fetch(`${demo.admin}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return (await answer.json()) as T;
  };

  beforeAll(async () => {
    hallpass = await RunningHallpass.prepare();
    await hallpass.start();
    demo = await hallpass.demo();
    apps = (await admin<{ data: typeof apps }>('/v1/apps')).data;
    districts = (await admin<{ data: Row[] }>('/v1/districts')).data;
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await hallpass.remove();
  });

  const named = <T extends Row>(rows: readonly T[], start: string): T => {
    const found = rows.find(({ name }) => name.startsWith(start));
    if (!found) throw new Error(`nothing is called ${start}`);
    return found;
  };

  const signedIn = async (email: string, password: string): Promise<BrowserContext> => {
    const context = await browser.newContext();
    const answer = await context.request.post(`${demo.tokenService}/v1/session`, {
      data: { email, password },
    });
    expect([email, answer.status()]).toEqual([email, 200]);
    return context;
  };
  const signedInAs = (of: string) => {
    const { email, password } = demo.people.find((each) => each.of.startsWith(of))!;
    return signedIn(email, password);
  };

  /** Somebody new of a partner or a district, who has followed the link of the invitation. */
  const member = async (scope: string, role: string): Promise<BrowserContext> => {
    const email = `${role}.${scope.replaceAll('/', '.')}@school.example`;
    const { link } = await admin<{ link: string }>(`/v1/${scope}/people`, 'POST', { email, role });
    const answer = await fetch(`${demo.tokenService}/v1/person-links/accept`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: link.split('#')[1], name: role, password: PASSWORD }),
    });
    expect(answer.status).toBe(200);
    return signedIn(email, PASSWORD);
  };

  /** A call that a page's script makes with the session that the page has. */
  const callIn = (page: Page, method: string, path: string, headers: Record<string, string>, body?: object) =>
    page.evaluate(
      async ([verb, url, more, text]) => {
        const { csrfToken } = (await (await fetch('/v1/session')).json()) as { csrfToken: string };
        const answer = await fetch(url, {
          method: verb,
          headers: {
            ...more,
            'hallpass-csrf': csrfToken,
            ...(text ? { 'content-type': 'application/json' } : {}),
          },
          ...(text ? { body: text } : {}),
        });
        return answer.status;
      },
      [method, path, headers, body ? JSON.stringify(body) : ''] as const,
    );

  /** A OneRoster roster of so many made-up students as files, each changed as told. */
  const roster = (students: number, change = (_file: string, text: string) => text): Upload[] =>
    [...generateDistrict({ seed: 7, students, name: 'Sent Schools' }).files()].map((file) => ({
      name: file.name,
      mimeType: 'text/csv',
      buffer: Buffer.from(change(file.name, [...file.chunks()].join(''))),
    }));

  const expectEventually = async (is: () => Promise<boolean>) => {
    for (let i = 0; i < 100; i += 1) {
      if (await is()) return;
      await new Promise((go) => setTimeout(go, 100));
    }
    throw new Error('it never came to be so');
  };

  const dropFiles = (page: Page, files: Upload[]) => page.locator('input[type=file]').setInputFiles(files);

  it('makes a sandbox by one click, reads it in the explorer, and shows the district’s side of it', async () => {
    const context = await signedInAs('Reading Rocket');
    const { id } = named(apps, 'Rocket Reader');
    const { page, complaints } = await open(context, `${demo.tokenService}/apps/${id}/explorer`);
    await page.getByRole('button', { name: 'Make my sandbox district' }).click();
    await page.getByText('is ready').waitFor();
    await page.getByLabel('Path').fill('/v3.1/users?role=student&limit=5');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('It works').waitFor();
    const shown = await page.getByLabel('What came back').textContent();
    expect((JSON.parse(shown ?? '') as { data: unknown[] }).data).toHaveLength(5);
    await page.getByRole('button', { name: 'Next page' }).click();
    await expectEventually(async () => (await page.getByLabel('What came back').textContent()) !== shown);
    await page.getByLabel('Path').fill('/v3.1/nothing');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('It was refused with 404').waitFor();
    expect(complaints).toEqual([]);
    await page.getByRole('link', { name: 'See it as the district does' }).click();
    await page.getByRole('heading', { name: 'Sandbox of Rocket Reader' }).waitFor();
    await page.getByRole('link', { name: 'Rocket Reader', exact: true }).waitFor();
    await context.close();
  });

  it('changes what an app asks for, and gives it a second client secret that works beside the first', async () => {
    const context = await signedInAs('Reading Rocket');
    const app = named(apps, 'Rocket Reader');
    const { page } = await open(context, `${demo.tokenService}/apps/${app.id}/settings`);
    await page.getByLabel('Why it asks').last().fill('To find the right book for each reader.');
    await page.getByRole('button', { name: 'Save', exact: true }).first().click();
    await page.getByText('Saved').waitFor();
    await page.getByRole('button', { name: /^People/ }).click();
    const dob = page.getByRole('radiogroup', { name: 'Student: dob' });
    await dob.getByText('No', { exact: true }).click();
    const email = page.getByRole('radiogroup', { name: 'Email' });
    await email.getByText('Needed', { exact: true }).click();
    await page.getByRole('button', { name: 'Save what it asks for' }).click();
    await page.getByRole('dialog').getByText('2 fields change.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Save what it asks for' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const { requestedFields, requiredFields, purpose } = await admin<{
      purpose: string;
      requestedFields: { user: string[] };
      requiredFields: { user: string[] };
    }>(`/v1/apps/${app.id}`);
    expect(purpose).toBe('To find the right book for each reader.');
    expect(requestedFields.user).not.toContain('roles.student.dob');
    expect(requiredFields).toEqual({ user: ['email'] });

    await page.getByRole('button', { name: 'New secret' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'New secret' }).click();
    const secret = await page
      .getByText(/^hpsec_[A-Za-z0-9]{40}/)
      .first()
      .textContent();
    const { clientId, clientSecret } = demo.apps.find(({ name }) => name === app.name)!;
    for (const each of [secret, clientSecret]) {
      const answer = await fetch(`${demo.tokenService}/v1/grants`, {
        headers: { authorization: `Basic ${btoa(`${clientId}:${each}`)}` },
      });
      expect(answer.status).toBe(200);
    }
    await context.close();
  });

  it('lets a district share by a rule what the preview counted, narrow it, and see who read what', async () => {
    const district = named(districts, 'Cedar');
    const app = named(apps, 'Garden Gradebook');
    const context = await signedInAs('Cedar');
    const { page } = await open(context, `${demo.tokenService}/districts/${district.id}/apps/${app.id}`);
    await page.getByLabel('Only what rules choose').check();
    await page.getByRole('textbox', { name: 'Value' }).fill('7');
    const counted = await page.getByText(/^[1-9]\d* of 2,000$/).textContent();
    const shown = Number.parseInt(counted ?? '', 10);
    await page.getByRole('button', { name: 'Share with this app' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Share' }).click();
    await page.getByText('Waits for the app').waitFor();
    const makers = await signedInAs('Garden Learning');
    const asked = await open(makers, `${demo.tokenService}/apps/${app.id}/tokens?state=requested`);
    await asked.page.getByRole('link', { name: /^Cedar/ }).click();
    await asked.page.getByRole('button', { name: 'Accept' }).click();
    await asked.page.getByText('Accepted').waitFor();
    await makers.close();
    await page.getByText('Active').first().waitFor({ timeout: 60_000 });
    const { clientId, clientSecret } = demo.apps.find(({ name }) => name === app.name)!;
    const tokens = (await (
      await fetch(`${demo.tokenService}/oauth/tokens?owner_type=district&district=${district.id}`, {
        headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
      })
    ).json()) as { data: { access_token: string }[] };
    const read = async (query: string) =>
      (await (
        await fetch(`${demo.dataApi}/v3.1/users?role=student&${query}`, {
          headers: { authorization: `Bearer ${tokens.data[0]!.access_token}` },
        })
      ).json()) as { data?: { data: { roles: { student: { grade: string } } } }[] };
    const { data: students = [] } = await read('limit=1000');
    expect(students.map(({ data }) => data.roles.student.grade)).toEqual(students.map(() => '7'));
    expect(students).toHaveLength(shown);

    // Narrowed to the seventh grade of one gender: what would vanish is said first.
    await page.getByRole('button', { name: 'Add a condition' }).click();
    await page.getByRole('combobox', { name: 'and' }).click();
    await page.getByRole('option', { name: 'gender' }).click();
    await page.getByRole('textbox', { name: 'Value' }).last().fill('F');
    await page.getByRole('alert').getByText('What would vanish').waitFor();
    await page.getByRole('button', { name: 'Save the change' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save the change' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expectEventually(async () => {
      // While it is narrowed it answers 503, without data.
      const left = (await read('limit=1000')).data?.length ?? 0;
      return left > 0 && left < students.length;
    });

    await page.goto(`${demo.tokenService}/districts/${district.id}/access-log`);
    await expectEventually(async () => {
      await page.reload();
      await page.locator('h1').waitFor();
      await page.waitForLoadState('networkidle');
      return (await page.getByRole('row', { name: /Garden Gradebook/ }).count()) > 0;
    });
    await context.close();
  });

  it('takes a roster by drop, reports it, and shows names that are markup as the text that they are', async () => {
    const district = named(districts, 'Birchwood');
    const context = await signedInAs('Birchwood');
    const base = `${demo.tokenService}/districts/${district.id}`;
    const { page } = await open(context, `${base}/imports`);
    const bad = roster(2100, (file, text) => {
      if (file === 'users.csv') return `${text}broken,row\r\n`;
      if (file !== 'orgs.csv') return text;
      return text.replace(
        /^((?:[^,\r\n]*,){3})[^,\r\n]*(,school,)/m,
        `$1"${MARKUP.replaceAll('"', '""')}"$2`,
      );
    });
    expect(bad.find(({ name }) => name === 'orgs.csv')?.buffer.toString()).toContain('onerror');
    await dropFiles(page, bad);
    await page.getByRole('heading', { name: /^Report/ }).waitFor();
    // Everything of before would go: it is held.
    await page.getByText('This import waits for you').waitFor({ timeout: 60_000 });
    await page.getByRole('cell', { name: 'users.csv' }).first().waitFor();
    // Who would go is seen before anybody decides, by name.
    const changes = page.getByRole('table', { name: 'Record by record' });
    const vanishing = changes.locator('tbody tr');
    await vanishing.first().getByText('Deleted', { exact: true }).waitFor();
    const someone = (await vanishing.nth(3).locator('td').first().textContent()) ?? '';
    await page.getByRole('textbox', { name: 'Search by name' }).fill(someone.toUpperCase());
    await expectEventually(async () => (await vanishing.count()) === 1);
    expect(await vanishing.first().locator('td').first().textContent()).toBe(someone);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Publish it' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish it' }).click();
    await page.getByText('Published', { exact: true }).waitFor({ timeout: 60_000 });
    await changes
      .getByText(/^(Created|Deleted)$/)
      .first()
      .waitFor();

    const isUnbroken = async (where: Page) => {
      await where.getByText('<img src=x').first().waitFor();
      expect(await where.locator('main img').count()).toBe(0);
      expect(await where.evaluate('document.body.dataset.broken')).toBeUndefined();
    };
    await page.goto(`${base}/roster`);
    await page.getByRole('combobox', { name: 'Kind' }).click();
    await page.getByRole('option', { name: 'schools' }).click();
    await isUnbroken(page);
    await page.goto(`${base}/apps`);
    await page.getByRole('link', { name: /Look at it: Math Garden/ }).click();
    await page.getByLabel('Only these schools').check();
    await page.getByRole('combobox', { name: 'Schools' }).click();
    await isUnbroken(page);
    // And in the eyes of a partner's people who read it.
    const partner = await signedInAs('Garden Learning');
    const reader = named(apps, 'Garden Gradebook');
    const explorer = await open(partner, `${demo.tokenService}/apps/${reader.id}/explorer`);
    await explorer.page.getByRole('combobox', { name: 'District' }).click();
    await explorer.page.getByRole('option', { name: /^Birchwood/ }).click();
    await explorer.page.getByRole('button', { name: 'Send' }).click();
    await isUnbroken(explorer.page);
    await partner.close();
    await context.close();
  });

  it('refuses what is no roster with a report that says so, and lets a held import go', async () => {
    const district = named(districts, 'Alder');
    const context = await signedInAs('Alder');
    const base = `${demo.tokenService}/districts/${district.id}`;
    const { page } = await open(context, `${base}/imports`);
    await dropFiles(page, [{ name: 'notes.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') }]);
    await page.getByText('Refused').waitFor({ timeout: 60_000 });
    await page.goto(`${base}/imports`);
    await dropFiles(page, roster(300));
    await page.getByText('This import waits for you').waitFor({ timeout: 60_000 });
    expect(await faultsOf(page)).toEqual([]);
    // Home says so too, and leads there.
    await page.goto(base);
    await page.getByRole('alert').getByRole('link', { name: 'Look at it' }).click();
    await page.getByRole('heading', { name: /^Report/ }).waitFor();
    await page.getByRole('button', { name: 'Discard it' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard it' }).click();
    await page.locator('main').getByText('Discarded', { exact: true }).waitFor();
    const { data } = await admin<{ data: { status: string }[] }>(`/v1/districts/${district.id}/imports`);
    expect(data.map(({ status }) => status).toSorted()).toEqual(['discarded', 'published', 'refused']);
    await context.close();
  });

  it('shows each role its own pages alone, and refuses by call what it does not show', async () => {
    const app = named(apps, 'Rocket Reader');
    const [own, other] = [named(districts, 'Alder'), named(districts, 'Cedar')];
    const ofPartner = { 'hallpass-app': app.id };
    const ofDistrict = { 'hallpass-district': own.id };
    const grant = { appId: app.id, selection: { type: 'everything' } };
    const cases = [
      [`partners/${app.partnerId}`, 'viewer', 403, 404],
      [`partners/${app.partnerId}`, 'developer', 201, 404],
      [`districts/${own.id}`, 'viewer', 404, 403],
      // Shared already, or changed: what matters is that it is let in.
      [`districts/${own.id}`, 'editor', 404, 409],
    ] as const;
    for (const [scope, role, invited, shared] of cases) {
      const context = await member(scope, role);
      const isPartner = scope.startsWith('partners');
      const mine = isPartner ? `/apps/${app.id}` : `/districts/${own.id}`;
      const theirs = [
        isPartner ? `/districts/${own.id}` : `/apps/${app.id}`,
        `/districts/${other.id}`,
        `/apps/${named(apps, 'Math Garden').id}/settings`,
      ];
      for (const path of theirs) {
        const { page } = await open(context, `${demo.tokenService}${path}`);
        expect([role, path, await page.locator('h1').textContent()]).toEqual([role, path, ABSENT_PAGE]);
        await page.close();
      }
      const { page } = await open(context, `${demo.tokenService}${mine}/people`);
      expect(await page.getByRole('button', { name: 'Invite a person' }).count()).toBe(0);
      expect([
        scope,
        role,
        await callIn(page, 'POST', '/v1/invitations', ofPartner, {}),
        await callIn(page, 'POST', '/v1/district/grants', ofDistrict, grant),
      ]).toEqual([scope, role, invited, shared]);
      // Staff's routes are at another service, which knows no such person.
      const staff = await context.request.get(`${demo.admin}/v1/partners`);
      expect(staff.status()).toBe(401);
      if (role === 'viewer') {
        const changes = isPartner
          ? [
              ['settings', 'Save'],
              ['settings', 'New secret'],
              ['webhooks', 'Add a webhook'],
              ['explorer', 'Send'],
            ]
          : [
              ['imports', 'Drop the CSV files'],
              [`apps/${app.id}`, 'Share with this app'],
            ];
        for (const [path, button] of changes as [string, string][]) {
          const { page: there } = await open(context, `${demo.tokenService}${mine}/${path}`);
          expect([path, await there.getByRole('button', { name: button }).count()]).toEqual([path, 0]);
          await there.close();
        }
      }
      await context.close();
    }
  });

  it('is never shown inside of another site’s page, nor changed by its forms', async () => {
    const trap = await trapFor(demo.tokenService);
    const context = await signedInAs('Reading Rocket');
    const page = await context.newPage();
    await page.goto(trap.url);
    await page.waitForLoadState('networkidle');
    const frame = page.frames().find((each) => each !== page.mainFrame());
    expect(frame?.url()).toBe('chrome-error://chromewebdata/');
    expect(await frame?.getByText('Hallpass').count()).toBe(0);
    await page.getByRole('button', { name: 'Win a prize' }).click();
    await page.waitForLoadState('networkidle');
    // The forged form asked to sign out everywhere: the session is there as before.
    const { status } = await (async () => {
      const answer = await context.request.get(`${demo.tokenService}/v1/session`);
      return { status: answer.status() };
    })();
    expect(status).toBe(200);
    await context.close();
    trap.server.close();
  });

  it('gives another session than the one that somebody had put there before the sign-in', async () => {
    const context = await browser.newContext();
    const attacker = await signedInAs('Reading Rocket');
    const [planted] = await attacker.cookies();
    await context.addCookies([planted!]);
    const { page } = await open(context, `${demo.tokenService}/account`);
    // Whoever is shown as signed in is the attacker: the victim signs in over it.
    const { email, password } = demo.people.find(({ of }) => of.startsWith('Alder'))!;
    const status = await page.evaluate(
      async (data) =>
        (
          await fetch('/v1/session', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(data),
          })
        ).status,
      { email, password },
    );
    expect(status).toBe(200);
    const [fresh] = await context.cookies();
    expect(fresh?.value).not.toBe(planted?.value);
    const whoIs = async (each: BrowserContext) =>
      (
        (await (await each.request.get(`${demo.tokenService}/v1/session`)).json()) as {
          person?: { email: string };
        }
      ).person?.email;
    expect(await whoIs(context)).toBe(email);
    expect(await whoIs(attacker)).not.toBe(email);
    await context.close();
    await attacker.close();
  });

  it('has no violation in what opens on its pages, in light and dark', async () => {
    const app = named(apps, 'Garden Gradebook');
    const district = named(districts, 'Alder');
    const { data: grants } = await admin<{ data: { id: string; districtId: string }[] }>(
      `/v1/grants?appId=${app.id}`,
    );
    const ofDistrict = grants.find(({ districtId }) => districtId === district.id)!;
    const { data: imports } = await admin<{ data: Row[] }>(`/v1/districts/${district.id}/imports`);
    const { email, password } = demo.people.find(({ of }) => of === 'Garden Learning')!;
    const { email: of, password: word } = demo.people.find(({ of: name }) => name.startsWith('Alder'))!;
    const press = (name: string | RegExp) => (page: Page) =>
      page.getByRole('button', { name }).first().click();
    const dialogs: [string, string, string, ((page: Page) => Promise<unknown>)?][] = [
      [email, password, `/apps/${app.id}/tokens/${ofDistrict.id}`],
      [email, password, `/apps/${app.id}/tokens/${ofDistrict.id}`, press('Rotate')],
      [email, password, `/apps/${app.id}/tokens/${ofDistrict.id}`, press('Reveal')],
      [email, password, `/apps/${app.id}/tokens/${ofDistrict.id}`, press('Test')],
      [email, password, `/apps/${app.id}/settings`, press(/^People/)],
      [email, password, `/apps/${app.id}/settings`, press('New secret')],
      [email, password, `/apps/${app.id}/webhooks`, press('Add a webhook')],
      [email, password, `/apps/${app.id}/invitations`, press('Invite a district')],
      [email, password, `/apps/${app.id}/people`, press('Invite a person')],
      [of, word, `/districts/${district.id}/grants/${ofDistrict.id}`],
      [of, word, `/districts/${district.id}/grants/${ofDistrict.id}`, press('Pause')],
      [
        of,
        word,
        `/districts/${district.id}/grants/${ofDistrict.id}`,
        async (page) => {
          await page.getByLabel('Only what rules choose').check();
          await page.getByRole('button', { name: 'Add a condition' }).click();
        },
      ],
      [of, word, `/districts/${district.id}/imports/${imports[0]!.id}`],
    ];
    const found: [string, string[]][] = [];
    for (const [who, secret, path, act] of dialogs) {
      const context = await browser.newContext();
      await context.request.post(`${demo.tokenService}/v1/session`, {
        data: { email: who, password: secret },
      });
      const { page, complaints } = await open(context, `${demo.tokenService}${path}`);
      if (act) {
        await act(page);
        await page.waitForLoadState('networkidle');
      }
      const faults = [...complaints, ...(await faultsOf(page))];
      if (faults.length > 0) found.push([`${path} ${String(act)}`, faults]);
      await context.close();
    }
    expect(found).toEqual([]);
  });
});

/** A page of another site that frames the portal, and has a form that would sign whoever visits it out. */
async function trapFor(portal: string): Promise<{ server: Server; url: string }> {
  const html = `<!doctype html><title>Prize</title><iframe src="${portal}/"></iframe>
    <form action="${portal}/v1/session/all" method="post"><button>Win a prize</button></form>`;
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(html);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://localhost:${(server.address() as AddressInfo).port}/` };
}
