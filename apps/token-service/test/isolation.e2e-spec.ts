import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { invitePerson, moveGrant, openSession, requestGrant } from '@hallpass/database';
import { SYSTEM, TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { newId, newSecret, type ImportId, type PartnerId, type PersonId } from '@hallpass/domain';
import { AuthorityWatch, Sessions, openApiOf } from '@hallpass/service-kit';
import { Deliverer } from '../src/webhooks/deliverer.service.js';
import { Publishing, TestTokenService, basic, type Answer, type Method } from './fixtures.js';
import { Receiver } from './receiver.js';

/**
 * The isolation matrix: two apps × three districts × every route of the contract × every kind of id. A route without a row
 * fails. For each caller, an id that is not its own, or is of another kind, answers as an absent one does, to the byte; what
 * is answered names nothing of the other app's; and what it tries upon the other app's changes nothing there.
 */
interface Row {
  /**
   * Who may call it. `client`: an app by its secret; `district`: its people by portal token; `token`: a district's token;
   * `person`: who has signed in (people.e2e-spec.ts has what they may); `public`: all.
   */
  access: 'client' | 'district' | 'token' | 'person' | 'public';
  /** What answers its own caller; 200, when left out. */
  success?: number;
  /** Which kind of id each parameter of the path is; one further right belongs to the one before it. */
  path?: Record<string, Kind>;
  /** Sent with every call. */
  query?: string;
  /** Parameters of the query that take an id: one that is not the caller's answers as an absent one. */
  queryIds?: Record<string, Kind>;
  /** Fields of the body that take an id, likewise. */
  bodyIds?: Record<string, Kind>;
  /** With what its own caller's own may be named besides. */
  body?: (caller: Caller) => object;
  /** The body is a form, as OAuth has it. */
  isForm?: boolean;
  /** What is not well formed: each answers 400. */
  malformed?: { query?: string; body?: object }[];
  /** Makes what the call changes or takes away, so that its success is seen on something made for it. */
  prepare?: (caller: Caller) => Promise<Record<string, string>>;
}

const KINDS = [
  'app',
  'client',
  'district',
  'grant',
  'token',
  'invitation',
  'event',
  'webhook',
  'delivery',
  'import',
] as const;
type Kind = (typeof KINDS)[number];

const WEBHOOK = { id: 'webhook' } as const;
const TOKEN = { id: 'token' } as const;
const GRANT = { id: 'grant' } as const;
const INVITATION = { id: 'invitation' } as const;
const IMPORT = { id: 'import' } as const;

/** A grant of the caller's app in its district, of an app of its own and with a token, made for one call. */
const madeGrant = async ({ district }: Caller) => {
  const app = await directory.app();
  const { id } = await directory.grant(app, district);
  return { id, tokenId: await tokenOf(id) };
};
const madeToken = async ({ app }: Caller) => {
  const { id } = await directory.grant(app, await directory.district([]));
  return { id: await tokenOf(id) };
};
const madeRequest = async ({ app }: Caller) => {
  const { id: districtId } = await directory.district([]);
  const choice = { selection: { type: 'everything' as const }, hiddenFields: [] };
  const command = { appId: app.id, districtId, awaits: 'app' as const, ...choice };
  return { id: (await directory.dataSource.transaction((tx) => requestGrant(tx, command, SYSTEM))).id };
};
const madeInvitation = async ({ app, district }: Caller, isNamed = true) => {
  const made = await service.call('POST', '/v1/invitations', app, isNamed ? { districtId: district.id } : {});
  return made.body as { id: string; code: string };
};
/** An import that waits for an answer, in the place of whatever ran before. */
const heldImport = async ({ district }: Caller) => {
  const id = newId<ImportId>();
  await directory.dataSource.query(
    `insert into imports (id, district_id, status, base_seq) select $1, id, 'held', seq from districts where id = $2`,
    [id, district.id],
  );
  return { id };
};
const tokenOf = async (grantId: string): Promise<string> => {
  const [row] = await directory.dataSource.query<{ id: string }[]>(
    'select id from tokens where grant_id = $1',
    [grantId],
  );
  return row?.id ?? '';
};
const malformedPage = [{ query: 'limit=0' }, { query: 'limit=1001' }, { query: 'startingAfter=x' }];
const malformedGrace = [{ body: {} }, { body: { graceSeconds: -1 } }, { body: { graceSeconds: 2_592_001 } }];
const malformedSharing = [
  { body: { selection: { type: 'schools' } } },
  { body: { hideFields: 'student.dob' } },
  { body: { startsAt: 'tomorrow' } },
];
const theirForm = (form: Record<string, string>) => new URLSearchParams(form);
const person = { access: 'person' } as const;
const ROWS: Record<string, Row> = {
  'POST /v1/session': {
    access: 'public',
    success: 401,
    body: () => ({ email: 'nobody@school.example', password: 'x' }),
    malformed: [{ body: {} }, { body: { email: 'a', password: 1 } }],
  },
  'GET /v1/session': person,
  'DELETE /v1/session': person,
  'DELETE /v1/session/all': person,
  'POST /v1/session/reauthenticate': person,
  'POST /v1/session/password': person,
  'POST /v1/session/totp': person,
  'POST /v1/session/totp/confirm': person,
  'DELETE /v1/session/totp': person,
  'POST /v1/password-resets': {
    access: 'public',
    success: 202,
    body: () => ({ email: 'nobody@school.example' }),
    malformed: [{ body: {} }, { body: { email: 'x' } }],
  },
  'POST /v1/person-links/look-up': {
    access: 'public',
    success: 404,
    body: () => ({ code: newSecret('personLink') }),
    malformed: [{ body: {} }],
  },
  'POST /v1/person-links/accept': {
    access: 'public',
    success: 404,
    body: () => ({ code: newSecret('personLink'), password: 'seven quiet lanterns' }),
    malformed: [{ body: {} }, { body: { code: 'x' } }],
  },
  'GET /v1/viewings': person,
  'POST /v1/viewings/begin': {
    access: 'public',
    success: 404,
    body: () => ({ code: newSecret('viewing') }),
    malformed: [{ body: {} }, { body: { code: 7 } }],
  },
  'GET /v1/people': person,
  'POST /v1/people': person,
  'PATCH /v1/people/{id}': person,
  'DELETE /v1/people/{id}': person,
  'GET /v1/apps': person,
  'PATCH /v1/apps/{id}': person,
  'GET /v1/apps/{appId}/client-secrets': person,
  'POST /v1/apps/{appId}/client-secrets/rotate': person,
  'POST /v1/apps/{appId}/client-secrets/{id}/grace': person,
  'POST /v1/apps/{appId}/client-secrets/{id}/revoke': person,
  'POST /v1/tokens/{id}/reveal': { access: 'client', path: TOKEN, success: 400 },
  'GET /health/live': { access: 'public' },
  'GET /health/ready': { access: 'public' },
  'GET /oauth/tokens': {
    access: 'client',
    query: 'owner_type=district',
    queryIds: { district: 'district' },
    malformed: [{ query: '' }, { query: 'owner_type=district&district=x' }],
  },
  'GET /oauth/tokeninfo': { access: 'token' },
  'GET /.well-known/oauth-authorization-server': { access: 'public' },
  'POST /oauth/token': {
    access: 'client',
    isForm: true,
    body: ({ district }) => ({ grant_type: 'client_credentials', district: district.id }),
    bodyIds: { district: 'district' },
    malformed: [
      { body: theirForm({}) },
      { body: theirForm({ grant_type: 'password' }) },
      { body: theirForm({ grant_type: 'client_credentials' }) },
      { body: theirForm({ grant_type: 'client_credentials', resource: 'https://elsewhere.example' }) },
      { body: new URLSearchParams('grant_type=client_credentials&district=x&district=y') },
      { body: { grant_type: 'client_credentials' } },
    ],
  },
  // Codes are sent to redirect URIs; what becomes of them is in oauth-codes.e2e-spec.ts.
  'POST /oauth/tokens': {
    access: 'client',
    success: 400,
    body: () => ({
      grant_type: 'authorization_code',
      code: newSecret('authorizationCode'),
      redirect_uri: 'x',
    }),
    malformed: [{ body: {} }, { body: { grant_type: 'client_credentials' } }, { body: { code: ['a'] } }],
  },
  'POST /oauth/introspect': {
    access: 'client',
    isForm: true,
    body: ({ token }) => ({ token }),
    malformed: [{ body: theirForm({}) }, { body: { token: 'x' } }],
  },
  'POST /oauth/revoke': {
    access: 'client',
    isForm: true,
    body: () => ({ token: newSecret('token') }),
    malformed: [{ body: theirForm({}) }, { body: { token: 'x' } }],
  },
  'GET /v1/secret-patterns': { access: 'public' },
  'POST /v1/exposed-tokens': {
    access: 'public',
    success: 202,
    body: () => ({ token: newSecret('token') }),
    malformed: [{ body: {} }, { body: { token: '' } }, { body: { token: 'x'.repeat(501) } }],
  },
  'GET /v1/tokens': {
    access: 'client',
    queryIds: { grantId: 'grant', startingAfter: 'token' },
    malformed: [...malformedPage, { query: 'grantId=x' }],
  },
  'GET /v1/districts': {
    access: 'client',
    queryIds: { grantId: 'grant', startingAfter: 'grant' },
    malformed: [
      ...malformedPage,
      { query: 'grantId=x' },
      { query: 'state=lost' },
      { query: `search=${'x'.repeat(101)}` },
    ],
  },
  'GET /v1/tokens/{id}': { access: 'client', path: TOKEN },
  'POST /v1/tokens/{id}/rotate': {
    access: 'client',
    path: TOKEN,
    prepare: madeToken,
    body: () => ({ graceSeconds: 60 }),
    malformed: [
      { body: { graceSeconds: 'long' } },
      { body: { start: 'later' } },
      { body: { token: 'mine' } },
    ],
  },
  'POST /v1/tokens/{id}/grace': {
    access: 'client',
    path: TOKEN,
    async prepare(caller) {
      const { id } = await madeToken(caller);
      await service.call('POST', `/v1/tokens/${id}/rotate`, caller.app, {});
      return { id };
    },
    body: () => ({ graceSeconds: 60 }),
    malformed: malformedGrace,
  },
  'POST /v1/tokens/{id}/revoke': { access: 'client', path: TOKEN, prepare: madeToken },
  'GET /v1/grants': { access: 'client', queryIds: { startingAfter: 'grant' }, malformed: malformedPage },
  'GET /v1/grants/{id}': { access: 'client', path: GRANT },
  'POST /v1/grants/{id}/accept': { access: 'client', path: GRANT, prepare: madeRequest },
  'POST /v1/grants/{id}/decline': { access: 'client', path: GRANT, prepare: madeRequest },
  'POST /v1/invitations': {
    access: 'client',
    success: 201,
    body: ({ district }) => ({ districtId: district.id, note: 'Welcome', days: 3 }),
    malformed: [{ body: { districtId: 'x' } }, { body: { days: 0 } }, { body: { note: 1 } }],
  },
  'GET /v1/invitations': {
    access: 'client',
    queryIds: { startingAfter: 'invitation' },
    malformed: malformedPage,
  },
  'DELETE /v1/invitations/{id}': {
    access: 'client',
    path: INVITATION,
    success: 204,
    prepare: (caller) => madeInvitation(caller),
  },
  'GET /v1/district': { access: 'district' },
  'GET /v1/district/access-log': {
    access: 'district',
    queryIds: { appId: 'app' },
    malformed: [
      { query: 'limit=0' },
      { query: 'limit=1001' },
      { query: 'startingAfter=x' },
      { query: 'from=2026-02-30' },
      { query: 'to=2026-09' },
      { query: 'to=yesterday' },
      { query: 'appId=x' },
      { query: 'format=xml' },
      { query: `startingAfter=2026-02-30.${'f'.repeat(24)}.token.user` },
    ],
  },
  'GET /v1/district/apps': {
    access: 'district',
    query: 'search=nobody',
    malformed: [...malformedPage, { query: `search=${'x'.repeat(101)}` }],
  },
  'GET /v1/district/invitations': { access: 'district' },
  'POST /v1/district/invitations/look-up': {
    access: 'district',
    success: 404,
    body: () => ({ code: newSecret('invitation') }),
    malformed: [{ body: {} }, { body: { code: '' } }],
  },
  'POST /v1/district/invitations/accept': {
    access: 'district',
    success: 404,
    body: () => ({ invitationId: ABSENT }),
    bodyIds: { invitationId: 'invitation' },
    malformed: [{ body: {} }, { body: { code: 1 } }, { body: { invitationId: 'x' } }, ...malformedSharing],
  },
  'POST /v1/district/preview': {
    access: 'district',
    success: 404,
    body: () => ({ grantId: ABSENT, kind: 'student' }),
    bodyIds: { grantId: 'grant' },
    malformed: [
      { body: {} },
      { body: { appId: 'x' } },
      { body: { appId: '0'.repeat(24), kind: 'pupil' } },
      { body: { appId: '0'.repeat(24), limit: 0 } },
      ...malformedSharing,
    ],
  },
  'GET /v1/district/grants': {
    access: 'district',
    queryIds: { startingAfter: 'grant' },
    malformed: malformedPage,
  },
  'POST /v1/district/grants': {
    access: 'district',
    success: 404,
    body: () => ({ appId: ABSENT }),
    bodyIds: { appId: 'app' },
    malformed: [{ body: {} }, { body: { appId: 'x' } }],
  },
  'GET /v1/district/grants/{id}': { access: 'district', path: GRANT },
  'PATCH /v1/district/grants/{id}': {
    access: 'district',
    path: GRANT,
    prepare: madeGrant,
    body: () => ({ hideFields: ['student.dob'] }),
    malformed: malformedSharing,
  },
  'POST /v1/district/grants/{id}/pause': { access: 'district', path: GRANT, prepare: madeGrant },
  'POST /v1/district/grants/{id}/resume': {
    access: 'district',
    path: GRANT,
    async prepare(caller) {
      const made = await madeGrant(caller);
      await moveGrant(directory.dataSource, made.id, 'pause', SYSTEM);
      return made;
    },
  },
  'POST /v1/district/grants/{id}/revoke': { access: 'district', path: GRANT, prepare: madeGrant },
  'GET /v1/district/grants/{id}/tokens': { access: 'district', path: GRANT, malformed: malformedPage },
  'POST /v1/district/tokens/{id}/revoke': {
    access: 'district',
    path: TOKEN,
    prepare: async (caller) => ({ id: (await madeGrant(caller)).tokenId }),
  },
  'GET /v1/usage': { access: 'client', malformed: [{ query: 'days=0' }, { query: 'days=x' }] },
  'POST /v1/tokens/{id}/test': {
    access: 'client',
    path: TOKEN,
    prepare: madeToken,
    // No data API runs beside this one.
    success: 503,
    body: () => ({ path: '/v3.1/users?limit=1' }),
    malformed: [
      'https://elsewhere.example/v3.1/users',
      '//elsewhere.example/v3.1',
      '@elsewhere.example/v3.1/users',
      '/metrics',
      '/v3.1/../metrics',
      '/v3.1/users#x',
      '/v3.1/users\r\nx: y',
      '/v3.1/users?a b',
      7,
    ].map((path) => ({ body: { path } })),
  },
  'GET /v1/district/imports': {
    access: 'district',
    queryIds: { startingAfter: 'import' },
    malformed: malformedPage,
  },
  'GET /v1/district/imports/{id}': { access: 'district', path: IMPORT },
  'POST /v1/district/imports/{id}/changes': {
    access: 'district',
    path: IMPORT,
    body: () => ({ kind: 'student', type: 'deleted', search: 'nobody' }),
    malformed: [
      {},
      { kind: 'pupil' },
      { kind: 'user', limit: 101 },
      { kind: 'user', type: 'gone' },
      { kind: 'user', search: 7 },
      { kind: 'user', after: 7 },
      { kind: 'user', search: '\0' },
      { kind: 'user', after: '\0' },
    ].map((body) => ({ body })),
  },
  // Archives are sent in errands.e2e-spec.ts.
  'POST /v1/district/imports': { access: 'district', success: 415 },
  'POST /v1/district/imports/{id}/confirm': {
    access: 'district',
    path: IMPORT,
    success: 202,
    prepare: heldImport,
  },
  'POST /v1/district/imports/{id}/discard': { access: 'district', path: IMPORT, prepare: heldImport },
  'POST /v1/district/records': {
    access: 'district',
    body: () => ({ kind: 'student', search: 'nobody' }),
    malformed: [
      {},
      { kind: 'pupil' },
      { kind: 'student', limit: 101 },
      { kind: 'student', search: 7 },
      { kind: 'student', search: '\0' },
    ].map((body) => ({ body })),
  },
  'GET /v1/sandbox': {
    access: 'client',
    async prepare({ app }) {
      await service.call('POST', '/v1/sandbox', app);
      return {};
    },
  },
  'POST /v1/sandbox': { access: 'client' },
  'GET /v1/migration': { access: 'client', malformed: [{ query: 'format=xml' }, { query: 'unknown=1' }] },
  'GET /v1/events': {
    access: 'client',
    malformed: [
      { query: 'limit=0' },
      { query: 'limit=1001' },
      { query: 'wait=26' },
      { query: 'types=grant.lost' },
      { query: 'since=yesterday' },
      { query: 'after=x' },
      { query: 'after=zzzzzzzzzzzzz.1' },
      { query: 'order=first' },
      { query: 'order=latest&wait=5' },
      { query: 'unknown=1' },
    ],
  },
  'POST /v1/webhooks': {
    access: 'client',
    success: 201,
    body: () => ({ url: receiver.url, types: ['grant.approved'], description: 'ours' }),
    malformed: [
      { body: {} },
      { body: { url: 'not an address' } },
      { body: { url: 'https://a.example/#part' } },
      { body: { url: 'https://a.example/', types: ['grant.lost'] } },
      { body: { url: 'https://a.example/', types: ['webhook.test'] } },
      { body: { url: 'https://a.example/', secret: 'mine' } },
      { body: { url: 'https://a.example/', isEnabled: false } },
      { body: { url: 'https://a.example/', types: null } },
      { body: { url: 'https://a.example/', types: 'grant.approved' } },
      { body: { url: 'https://a.example/', description: null } },
      { body: { url: null } },
    ],
  },
  'GET /v1/webhooks': { access: 'client' },
  'GET /v1/webhooks/{id}': { access: 'client', path: WEBHOOK },
  'PATCH /v1/webhooks/{id}': {
    access: 'client',
    path: WEBHOOK,
    body: () => ({ description: 'changed' }),
    malformed: [
      { url: '' },
      { url: null },
      { types: null },
      { isEnabled: 'yes' },
      { isEnabled: null },
      { goneAt: null },
    ].map((body) => ({ body })),
  },
  'DELETE /v1/webhooks/{id}': {
    access: 'client',
    path: WEBHOOK,
    success: 204,
    async prepare({ app }) {
      const { body } = await service.call('POST', '/v1/webhooks', app, { url: receiver.url });
      return { id: body.id };
    },
  },
  'POST /v1/webhooks/{id}/secret/rotate': {
    access: 'client',
    path: WEBHOOK,
    body: () => ({ overlapHours: 1 }),
    malformed: [
      { body: { overlapHours: -1 } },
      { body: { overlapHours: 169 } },
      { body: { overlapHours: '1' } },
      { body: { overlapHours: null } },
    ],
  },
  'POST /v1/webhooks/{id}/test': { access: 'client', path: WEBHOOK, success: 202 },
  'GET /v1/webhooks/{id}/deliveries': {
    access: 'client',
    path: WEBHOOK,
    queryIds: { startingAfter: 'delivery' },
    malformed: [
      { query: 'status=lost' },
      { query: 'limit=0' },
      { query: 'limit=201' },
      { query: 'startingAfter=x' },
    ],
  },
  'POST /v1/webhooks/{id}/deliveries/{deliveryId}/replay': {
    access: 'client',
    path: { id: 'webhook', deliveryId: 'delivery' },
    success: 202,
  },
  'POST /v1/webhooks/{id}/replay': {
    access: 'client',
    path: WEBHOOK,
    success: 202,
    body: () => ({ since: '2026-01-01T00:00:00Z' }),
    malformed: [{ body: {} }, { body: { since: 'yesterday' } }],
  },
};

const ABSENT = 'f'.repeat(24);
const NO_IDS = ['x', 'null', '0'.repeat(23), `${'0'.repeat(24)}'`, '%00'];

/** An app, and a district that shares with it alone of the two; with all that is theirs, as the database has it. */
interface Caller {
  name: string;
  app: TestApp;
  district: TestDistrict;
  /** Of the app, in the district that shares with both. */
  token: string;
  portalToken: string;
  /** Of a person who may change whatever is the app's, or the district's. */
  session: string;
  secrets: string[];
}

let directory: TestDirectory;
let service: TestTokenService;
let receiver: Receiver;
let callers: Caller[];
let publishing: Publishing;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory);
  receiver = await Receiver.start();
  const districts = [await directory.district(), await directory.district(), await directory.district()];
  const [first, second, third] = districts as [TestDistrict, TestDistrict, TestDistrict];
  callers = [await callerIn('app 1', first, second), await callerIn('app 2', first, third)];
  await allow(1_000_000);
  publishing = new Publishing(directory);
});
afterAll(async () => {
  await publishing.stop();
  await service.close();
  await receiver.close();
  await directory.close();
});

async function callerIn(name: string, common: TestDistrict, district: TestDistrict): Promise<Caller> {
  const app = await directory.app();
  const hooks = [];
  for (let i = 0; i < 2; i += 1)
    hooks.push(
      (await service.call('POST', '/v1/webhooks', app, { url: receiver.url })).body.secret as string,
    );
  const tokens = [];
  for (const each of [common, district]) tokens.push((await directory.grant(app, each)).token);
  const codes = [];
  for (const body of [{}, { districtId: district.id }])
    codes.push((await service.call('POST', '/v1/invitations', app, body)).body.code as string);
  // Districts do not find it: what one may ask is as absent to it as what is not there.
  await directory.dataSource.query('update apps set is_listed = false where id = $1', [app.id]);
  await directory.dataSource.query(
    `insert into served_days (district_id, day, app_id, credential_type, kind, calls, records)
     select d, '2026-09-30', $1, 'token', 'user', 1, 1 from unnest($2::text[]) d`,
    [app.id, [common.id, district.id]],
  );
  const portalToken = await directory.portalToken(district);
  const session = await sessionOf(app, district);
  const secrets = [session, ...tokens, ...hooks, ...codes, portalToken, app.clientSecret, app.apiKey];
  return { name, app, district, token: tokens[0] ?? '', portalToken, session, secrets };
}

/** Somebody of the app's partner and of the district, signed in. */
async function sessionOf(app: TestApp, district: TestDistrict): Promise<string> {
  const [row] = await directory.dataSource.query<{ id: PartnerId }[]>(
    'select partner_id id from apps where id = $1',
    [app.id],
  );
  const email = `${app.id}@school.example`;
  const scopes = [
    [{ type: 'partner', id: (row as { id: PartnerId }).id }, 'developer'],
    [{ type: 'district', id: district.id }, 'editor'],
  ] as const;
  let personId: PersonId | undefined;
  for (const [scope, role] of scopes)
    ({
      member: { id: personId },
    } = await invitePerson(directory.dataSource, directory.keys, { scope, email, role }, SYSTEM));
  const session = { personId: personId as PersonId, audience: 'portal' } as const;
  return openSession(directory.dataSource, directory.keys, session);
}

/** The call by the session in the place of the secret. */
function callBySession(route: string, caller: Caller, ids: Record<string, string>) {
  const [method, path] = partsOf(route);
  const row = ROWS[route] as Row;
  const scope: Record<string, string> =
    row.access === 'client' ? { 'hallpass-app': caller.app.id } : { 'hallpass-district': caller.district.id };
  return service.call(
    method,
    `${fill(path, ids)}${row.query ? `?${row.query}` : ''}`,
    undefined,
    bodyOf(row, caller),
    {
      headers: {
        cookie: `hallpass=${caller.session}`,
        'hallpass-csrf': service.nest.get(Sessions).csrfToken(caller.session),
        ...scope,
      },
    },
  );
}

/** As many requests of each app as that. */
async function allow(requestsMax: number): Promise<void> {
  await directory.dataSource.query(
    `insert into rate_policies select name, subject, $1, 86400, 'enforce'
       from (values ('client', 'app'), ('token-endpoint', 'app'), ('portal', 'district'), ('exposure-report', 'address'))
         each (name, subject)
     union all values ('failed-sign-in', 'address', 1000000, 86400, 'enforce')
     on conflict (name) do update set requests_max = excluded.requests_max`,
    [requestsMax],
  );
  await directory.dataSource.query(
    `insert into authority_changes (subject_type, subject_id) values ('rules', 'test')`,
  );
  await service.nest.get(AuthorityWatch).look();
}

type Ids = Record<Kind, { id: string; of?: string }[]>;

/** The ids of a caller's own, by kind: its app's, or, where its district's people call, its district's. */
function ownIds(caller: Caller, access: Row['access'] = 'client'): Promise<Ids> {
  return access === 'district' ? idsOfDistrict(caller) : idsOfApp(caller);
}

async function idsOfDistrict({ district }: Caller): Promise<Ids> {
  const ids = (text: string) =>
    directory.dataSource.query<{ id: string; of?: string }[]>(text, [district.id]);
  const none = { client: [], event: [], webhook: [], delivery: [] };
  return {
    ...none,
    // Those that it shares with, or that have invited it; a partner of the test bears its id as a name.
    app: await ids(
      `select app_id id from grants where district_id = $1 union select app_id from invitations where district_id = $1
       union select a.partner_id from invitations i join apps a on a.id = i.app_id where i.district_id = $1`,
    ),
    district: [{ id: district.id }],
    grant: await ids('select id from grants where district_id = $1 order by 1'),
    token: await ids('select id from tokens where district_id = $1 order by 1'),
    invitation: await ids('select id from invitations where district_id = $1 order by 1'),
    import: await ids('select id from imports where district_id = $1 order by 1'),
  };
}

/** Of deliveries with the webhook that each is of. */
async function idsOfApp({ app }: Caller): Promise<Ids> {
  const ids = (text: string) => directory.dataSource.query<{ id: string; of?: string }[]>(text, [app.id]);
  return {
    app: [{ id: app.id }],
    client: [{ id: app.clientId }],
    district: await ids('select district_id id from grants where app_id = $1 order by 1'),
    grant: await ids('select id from grants where app_id = $1 order by 1'),
    token: await ids('select id from tokens where app_id = $1 order by 1'),
    invitation: await ids('select id from invitations where app_id = $1 order by 1'),
    event: await ids('select id from platform_events where app_id = $1 order by 1'),
    // Imports are a district's.
    import: [],
    webhook: await ids('select id from webhooks where app_id = $1 order by created_at, id'),
    delivery: await ids(
      `select d.id, d.webhook_id "of" from webhook_deliveries d join webhooks w on w.id = d.webhook_id
       where w.app_id = $1 order by d.number`,
    ),
  };
}

/** What others must not have changed, and no clock does. */
async function stateOf({ app }: Caller): Promise<unknown> {
  return directory.dataSource.query(
    `select (select string_agg(w::text, ' ' order by w.id) from webhooks w where w.app_id = $1) webhooks,
       (select string_agg(s::text, ' ' order by s.id) from webhook_seals s join webhooks w on w.id = s.webhook_id
        where w.app_id = $1) seals,
       (select count(*) from webhook_deliveries d join webhooks w on w.id = d.webhook_id where w.app_id = $1) deliveries,
       (select count(*) from platform_events e where e.app_id = $1) events,
       (select string_agg(i::text, ' ' order by i.id) from invitations i where i.app_id = $1) invitations,
       (select string_agg((to_jsonb(c) - 'confirmed_at')::text, ' ' order by c.id) from client_secrets c where c.app_id = $1) client_secrets,
       (select string_agg(g::text, ' ' order by g.id) from grants g where g.app_id = $1) grants,
       (select string_agg((to_jsonb(t) - 'confirmed_at')::text, ' ' order by t.id) from tokens t where t.app_id = $1) tokens`,
    [app.id],
  );
}

const partsOf = (route: string): [Method, string] => route.split(' ') as [Method, string];
const fill = (path: string, ids: Record<string, string>) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? ABSENT);
const anonymous = (text: string) => text.replace(/"requestId":"[^"]*"/, '');

function call(
  route: string,
  caller: Caller,
  ids: Record<string, string>,
  query = ROWS[route]?.query ?? '',
  more: object = {},
) {
  const [method, path] = partsOf(route);
  const row = ROWS[route] as Row;
  const url = `${fill(path, ids)}${query && `?${query}`}`;
  return service.call(method, url, credentialOf(row, caller), bodyOf(row, caller, more));
}

function credentialOf({ access }: Row, caller: Caller): TestApp | string | undefined {
  if (access === 'client') return caller.app;
  if (access === 'public') return undefined;
  return `Bearer ${access === 'token' ? caller.token : caller.portalToken}`;
}

function bodyOf({ body, isForm }: Row, caller: Caller, more: object = {}): object | undefined {
  const whole = body && { ...body(caller), ...more };
  return whole && isForm ? new URLSearchParams(whole as Record<string, string>) : whole;
}

/** The answer names nothing of another app's. */
async function expectOwn(
  answer: Answer,
  caller: Caller,
  access: Row['access'],
  asked: readonly string[],
): Promise<void> {
  const ids = Object.values(await ownIds(caller, access)).flatMap((list) => list.map(({ id }) => id));
  const unasked = await directory.dataSource.query<{ id: string }[]>(
    'select partner_id id from apps where id = $1 union all select id from api_keys where app_id = $1',
    [caller.app.id],
  );
  const own = new Set([...ids, ...(access === 'client' ? unasked.map(({ id }) => id) : [])]);
  const named = answer.text.match(/(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])/g) ?? [];
  expect(named.filter((id) => !own.has(id) && !asked.includes(id))).toEqual([]);
  for (const other of callers.filter((each) => each !== caller))
    for (const secret of other.secrets) expect(answer.text).not.toContain(secret);
}

/** Every way to fill the path with ids that are not, together, the caller's own. */
async function foreignFillings(
  { path = {}, access }: Row,
  caller: Caller,
): Promise<Record<string, string>[]> {
  const own = await ownIds(caller, access);
  const all = await Promise.all(callers.flatMap((each) => [idsOfApp(each), idsOfDistrict(each)]));
  const ofKind = (kind: Kind) => all.flatMap((ids) => ids[kind]);
  const isOwn = (kind: Kind, id: string, parent: string | undefined) =>
    own[kind].some((each) => each.id === id && (each.of === undefined || each.of === parent));
  const [first, second] = Object.entries(path);
  if (!first) return [];
  const candidates = KINDS.flatMap((kind) => {
    const ids = ofKind(kind).map(({ id }) => id);
    // Of other kinds one is as good as all.
    return kind === first[1] || kind === second?.[1] ? ids : ids.slice(0, 1);
  });
  const fillings = candidates.flatMap((id) =>
    second ? candidates.map((inner) => ({ [first[0]]: id, [second[0]]: inner })) : [{ [first[0]]: id }],
  );
  return fillings.filter((filling) => {
    const [id, inner] = [filling[first[0]] ?? '', second && filling[second[0]]];
    return !isOwn(first[1], id, undefined) || (second && !isOwn(second[1], inner ?? '', id));
  });
}

/** The path filled with the caller's own. */
async function ownFilling(row: Row, caller: Caller): Promise<Record<string, string>> {
  if (row.prepare) return row.prepare(caller);
  const own = await ownIds(caller, row.access);
  const filling: Record<string, string> = {};
  let parent: string | undefined;
  for (const [name, kind] of Object.entries(row.path ?? {})) {
    const id = own[kind].find((each) => each.of === undefined || each.of === parent)?.id;
    if (id === undefined) throw new Error(`the caller has no ${kind}`);
    filling[name] = parent = id;
  }
  return filling;
}

const rowsWith = (has: (row: Row) => unknown) =>
  Object.entries(ROWS)
    .filter(([, row]) => has(row))
    .map(([route, row]) => [route, row] as const);

describe('the isolation matrix', () => {
  it('has a row for every route of the contract, and no other', () => {
    const { paths } = openApiOf(service.nest, '', '');
    const routes = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(Object.keys(ROWS).sort()).toEqual(routes.sort());
  });

  it('stands on callers who each have something of every kind', async () => {
    for (const caller of callers)
      for (const [kind, ids] of Object.entries(await ownIds(caller)))
        expect([caller.name, kind, ids.length > 0]).toEqual([caller.name, kind, kind !== 'import']);
  });

  it.each(rowsWith(({ path }) => path))('%s answers 404 for what is not the caller’s', async (route, row) => {
    await service.nest.get(Deliverer).deliverDue();
    for (const caller of callers) {
      const others = callers.filter((each) => each !== caller);
      const before = await Promise.all(others.map(stateOf));
      const absent = await call(route, caller, {});
      expect([absent.status, absent.body.code]).toEqual([404, 'not-found']);
      for (const filling of await foreignFillings(row, caller)) {
        const { status, text } = await call(route, caller, filling);
        expect([caller.name, filling, status]).toEqual([caller.name, filling, 404]);
        // Which of two ids is absent may be told of one's own webhook, and of no other.
        if (Object.keys(filling).length === 1) expect(anonymous(text)).toBe(anonymous(absent.text));
        // A session opens no more than the secret does.
        if (row.access === 'client' || row.access === 'district')
          expect(anonymous((await callBySession(route, caller, filling)).text)).toBe(anonymous(text));
      }
      for (const bad of NO_IDS)
        expect([bad, (await call(route, caller, { id: bad })).status]).toEqual([bad, 404]);
      expect(await Promise.all(others.map(stateOf))).toEqual(before);
    }
  });

  it('tells nothing of another’s webhook by a delivery of it', async () => {
    const route = 'POST /v1/webhooks/{id}/deliveries/{deliveryId}/replay';
    const [caller, other] = callers as [Caller, Caller];
    const theirs = await ownFilling(ROWS[route] as Row, other);
    const absent = await call(route, caller, {});
    expect(anonymous((await call(route, caller, theirs)).text)).toBe(anonymous(absent.text));
  });

  it.each(rowsWith(({ queryIds, bodyIds }) => queryIds ?? bodyIds))(
    '%s takes an id in its query or body that is not the caller’s as an absent one',
    async (route, row) => {
      for (const caller of callers) {
        const filling = await ownFilling(row, caller);
        const own = await ownIds(caller, row.access);
        const named = { ...row.queryIds, ...row.bodyIds };
        for (const [name, kind] of Object.entries(named)) {
          const ask = (id: string) =>
            row.bodyIds && name in row.bodyIds
              ? call(route, caller, filling, row.query, { [name]: id })
              : call(route, caller, filling, [row.query, `${name}=${id}`].filter(Boolean).join('&'));
          const shown = ({ status, text }: Answer, id: string) => [
            status,
            anonymous(text).replaceAll(id, ''),
          ];
          const absent = shown(await ask(ABSENT), ABSENT);
          for (const each of callers)
            for (const candidate of KINDS)
              for (const { id } of (await ownIds(each))[candidate]) {
                if (candidate === kind && own[kind].some((mine) => mine.id === id)) continue;
                expect([name, candidate, shown(await ask(id), id)]).toEqual([name, candidate, absent]);
              }
        }
      }
    },
  );

  it.each(rowsWith(({ access }) => access !== 'public' && access !== 'person'))(
    '%s shows and does its caller’s own',
    async (route, row) => {
      for (const caller of callers) {
        const others = callers.filter((each) => each !== caller);
        const before = await Promise.all(others.map(stateOf));
        const filling = await ownFilling(row, caller);
        const answer = await call(route, caller, filling);
        expect([route, answer.status, answer.text]).toEqual([route, row.success ?? 200, answer.text]);
        await expectOwn(answer, caller, row.access, Object.values(filling));
        expect(await Promise.all(others.map(stateOf))).toEqual(before);
      }
    },
  );

  it.each(rowsWith(({ access }) => access === 'public'))(
    '%s is open to all, and names nothing',
    async (route, { success = 200 }) => {
      const [caller] = callers as [Caller];
      const { status, text } = await call(route, caller, {});
      expect([status, text.match(/[0-9a-f]{24}/)]).toEqual([success, null]);
    },
  );
});

describe('whoever is not let in', () => {
  it.each(rowsWith(({ access }) => access === 'client'))('%s answers 401', async (route, row) => {
    const [{ app, token }, other] = callers as [Caller, Caller];
    const [method, path] = partsOf(route);
    const filling = await ownFilling(row, callers[0] as Caller);
    const url = `${fill(path, filling)}${row.query ? `?${row.query}` : ''}`;
    for (const credential of [
      undefined,
      basic(app.clientId, newSecret('clientSecret')),
      basic(app.clientId, other.app.clientSecret),
      basic(app.apiKey, ''),
      `Bearer ${token}`,
    ]) {
      const { status, headers } = await service.call(
        method,
        url,
        credential,
        bodyOf(row, callers[0] as Caller),
      );
      expect([route, status]).toEqual([route, 401]);
      expect(headers['www-authenticate']).toMatch(/^Basic realm=/);
    }
  });

  it.each(rowsWith(({ access }) => access === 'person'))('%s answers 401', async (route) => {
    const [{ app, token, portalToken }] = callers as [Caller];
    const [method, path] = partsOf(route);
    for (const credential of [undefined, app, `Bearer ${token}`, `Bearer ${portalToken}`]) {
      const { status, body } = await service.call(method, fill(path, {}), credential);
      expect([route, status, body.code]).toEqual([route, 401, 'credentials-missing']);
    }
  });

  it.each(rowsWith(({ access }) => access === 'district'))('%s answers 401', async (route, row) => {
    const [caller] = callers as [Caller, Caller];
    const [method, path] = partsOf(route);
    const url = fill(path, await ownFilling(row, caller));
    const { app, token } = caller;
    for (const credential of [
      undefined,
      app,
      `Bearer ${token}`,
      `Bearer ${newSecret('portalToken')}`,
      basic(caller.portalToken, ''),
    ]) {
      const { status, headers } = await service.call(method, url, credential, bodyOf(row, caller));
      expect([route, status]).toEqual([route, 401]);
      expect(headers['www-authenticate']).toMatch(/^Bearer realm="hallpass portal"/);
    }
  });

  it.each(rowsWith(({ malformed }) => malformed))(
    '%s answers 400 to what is not well formed',
    async (route, row) => {
      const [caller] = callers as [Caller];
      const [method, path] = partsOf(route);
      for (const { query = row.query ?? '', body = bodyOf(row, caller) } of row.malformed ?? []) {
        const filling = await ownFilling(row, caller);
        const url = `${fill(path, filling)}${query && `?${query}`}`;
        const { status, text } = await service.call(method, url, credentialOf(row, caller), body);
        expect([url, body, status, text]).toEqual([url, body, 400, text]);
      }
    },
  );

  it('is whoever asks too often, at every route: 429', async () => {
    await allow(1);
    for (const [route] of rowsWith(({ access }) => access === 'client' || access === 'district')) {
      const district = await directory.district([]);
      const portalToken = await directory.portalToken(district);
      const app = await directory.app();
      const fresh: Caller = {
        name: 'fresh',
        app,
        district,
        token: '',
        portalToken,
        session: '',
        secrets: [],
      };
      expect((await call(route, fresh, {})).status).not.toBe(429);
      const { status, headers } = await call(route, fresh, {});
      expect([route, status, Number(headers['retry-after']) >= 1]).toEqual([route, 429, true]);
    }
    await allow(1_000_000);
  });
});
