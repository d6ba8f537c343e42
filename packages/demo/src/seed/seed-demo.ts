import { AdminClient, type CreatedApp, type DemoFile, untilFinished, zipFiles } from '@hallpass/cli';
import { generateDistrict } from '../generator/index.js';
import {
  APPS,
  DEMO_PASSWORD,
  DISTRICTS,
  PARTNERS,
  STUDENTS_PER_DISTRICT,
  sunsetPlanAt,
} from './demo-plan.js';

export interface DemoOptions {
  tokenService: string;
  dataApi: string;
  admin: string;
  operatorToken: string;
  now: Date;
  /** In each district; the demo's own number when left out. */
  students?: number;
}

interface DemoDistrict {
  id: string;
  name: string;
}

type DemoApp = DemoFile['apps'][number];

/** Fills an empty Hallpass as an operator would, over the admin API, and returns the credentials that came of it. */
export async function seedDemo({
  tokenService,
  dataApi,
  admin,
  operatorToken,
  now,
  students,
}: DemoOptions): Promise<DemoFile> {
  const client = new AdminClient({ url: admin, operatorToken });
  const districts = await Promise.all(
    DISTRICTS.map((each) => seedDistrict(client, each, students ?? STUDENTS_PER_DISTRICT)),
  );
  const partnerIds = {
    rocket: (await client.createPartner({ name: PARTNERS.rocket })).id,
    garden: (await client.createPartner({ name: PARTNERS.garden })).id,
  };
  const create = async (
    { name, partner, purpose }: { name: string; partner: keyof typeof PARTNERS; purpose: string },
    apiKey = false,
  ): Promise<CreatedApp> => {
    const app = await client.createApp({ partnerId: partnerIds[partner], name, apiKey });
    await client.changeApp(app.id, { purpose });
    return app;
  };

  const full = await grantAll(client, await create(APPS.full), pick(districts, APPS.full.districts));
  const limited = await grantSchools(client, await create(APPS.limited), dataApi, full.districts);
  const legacy = await grantAll(
    client,
    await create(APPS.legacy, true),
    pick(districts, APPS.legacy.districts),
  );
  const sandbox = await seedSandbox(tokenService, limited);
  await client.setSunsetPlan(sunsetPlanAt(now));
  const people = [
    ...(await Promise.all(
      Object.entries(partnerIds).map(([key, partnerId]) =>
        seedPerson(
          client,
          tokenService,
          { partnerId },
          `${key}@partner.example`,
          'owner',
          PARTNERS[key as keyof typeof PARTNERS],
        ),
      ),
    )),
    ...(await Promise.all(
      districts.map(({ id: districtId, name }) =>
        seedPerson(
          client,
          tokenService,
          { districtId },
          `${firstWord(name)}@district.example`,
          'owner',
          name,
        ),
      ),
    )),
    await seedPerson(client, admin, 'staff', 'staff@hallpass.example', 'administrator', 'Hallpass staff'),
  ];
  return { tokenService, dataApi, admin, operatorToken, apps: [full, limited, legacy], people, sandbox };
}

/** Makes an app's sandbox, as its server would, and finds its token. */
async function seedSandbox(
  tokenService: string,
  { clientId, clientSecret }: DemoApp,
): Promise<NonNullable<DemoFile['sandbox']>> {
  const headers = { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` };
  const made = await fetch(`${tokenService}/v1/sandbox`, { method: 'POST', headers });
  if (!made.ok) throw new Error(`the demo's sandbox was not made: ${made.status} ${await made.text()}`);
  const { districtId } = (await made.json()) as { districtId: string };
  const listed = await fetch(`${tokenService}/oauth/tokens?owner_type=district&district=${districtId}`, {
    headers,
  });
  const { data } = (await listed.json()) as { data: { access_token: string }[] };
  const token = data[0]?.access_token;
  if (!token) throw new Error("the demo's sandbox has no token");
  return { districtId, token };
}

/** Invites somebody and follows the link, as the person would, at the pages of the service. */
async function seedPerson(
  client: AdminClient,
  url: string,
  to: Parameters<AdminClient['invitePerson']>[0],
  email: string,
  role: string,
  of: string,
): Promise<NonNullable<DemoFile['people']>[number]> {
  const { link } = await client.invitePerson(to, { email, role });
  const response = await fetch(`${url}/v1/person-links/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: link?.split('#')[1], name: `${of} owner`, password: DEMO_PASSWORD }),
  });
  if (!response.ok)
    throw new Error(`${email} cannot sign in to the demo: ${response.status} ${await response.text()}`);
  return { email, password: DEMO_PASSWORD, of, url };
}

function firstWord(name: string): string {
  return (name.split(' ')[0] ?? '').toLowerCase();
}

async function seedDistrict(
  client: AdminClient,
  { name, seed }: (typeof DISTRICTS)[number],
  students: number,
): Promise<DemoDistrict> {
  const { id } = await client.createDistrict({ name });
  const roster = generateDistrict({ seed, students, name });
  const { status, problemCounts } = await untilFinished(
    client,
    await client.startImport(id, zipFiles(roster.files())),
  );
  if (status !== 'published') {
    throw new Error(`the demo roster of ${name} did not land: ${status} ${JSON.stringify(problemCounts)}`);
  }
  return { id, name };
}

async function grantAll(client: AdminClient, app: CreatedApp, districts: DemoDistrict[]): Promise<DemoApp> {
  const granted = [];
  for (const { id, name } of districts) {
    const { token } = await client.approveGrant({ appId: app.id, districtId: id });
    granted.push({ id, name, token });
  }
  return asDemoApp(app, granted);
}

/** Shares a few schools only. Which schools there are is read as an app reads it, with a token that sees them all. */
async function grantSchools(
  client: AdminClient,
  app: CreatedApp,
  dataApi: string,
  readable: DemoApp['districts'],
): Promise<DemoApp> {
  const granted = [];
  for (const { id, name, token: reader } of pick(readable, APPS.limited.districts)) {
    const { token } = await client.approveGrant({
      appId: app.id,
      districtId: id,
      selection: { type: 'schools', schoolIds: await firstSchools(dataApi, reader, APPS.limited.schools) },
      hideFields: [...APPS.limited.hideFields],
    });
    granted.push({ id, name, token });
  }
  return asDemoApp(app, granted);
}

async function firstSchools(dataApi: string, token: string, count: number): Promise<string[]> {
  const response = await fetch(`${dataApi}/v3.0/schools?limit=${count}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok)
    throw new Error(`the demo cannot read schools: ${response.status} ${await response.text()}`);
  const { data } = (await response.json()) as { data: { data: { id: string } }[] };
  return data.map((school) => school.data.id);
}

function asDemoApp(
  { name, clientId, clientSecret, apiKey }: CreatedApp,
  districts: DemoApp['districts'],
): DemoApp {
  return { name, clientId, clientSecret, ...(apiKey === undefined ? {} : { apiKey }), districts };
}

function pick<T>(all: readonly T[], places: readonly number[]): T[] {
  return places.flatMap((place) => all.slice(place, place + 1));
}
