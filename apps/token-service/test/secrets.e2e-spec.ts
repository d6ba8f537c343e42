import 'reflect-metadata';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { changeApp, revokeClientSecret, rotateClientSecret } from '@hallpass/database';
import { SYSTEM, TestDirectory } from '@hallpass/database/testing';
import { SECRET_PATTERN } from '@hallpass/domain';
import { CredentialUses } from '@hallpass/service-kit';
import { RedirectCalls } from '../src/oauth/redirect-calls.js';
import { Deliverer } from '../src/webhooks/deliverer.service.js';
import { Publishing, TestTokenService, basic, type Answer } from './fixtures.js';
import { Receiver } from './receiver.js';

let directory: TestDirectory;
let service: TestTokenService;
let publishing: Publishing;
let receiver: Receiver;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory);
  publishing = new Publishing(directory);
  receiver = await Receiver.start();
});
afterAll(async () => {
  await publishing.stop();
  await receiver.close();
  await service.close();
  await directory.close();
});

it('no secret of any kind is in the database, the log, an error or an event', async () => {
  const secrets = new Set<string>();
  const errors: string[] = [];
  const keep = (answer: Answer): Answer => {
    for (const [secret] of answer.text.matchAll(new RegExp(SECRET_PATTERN, 'g'))) secrets.add(secret);
    for (const [secret] of answer.text.matchAll(/whsec_[A-Za-z0-9+/=]+/g)) secrets.add(secret);
    if (answer.status >= 400) errors.push(answer.text);
    return answer;
  };
  const call = async (...parameters: Parameters<TestTokenService['call']>) =>
    keep(await service.call(...parameters));
  const form = (fields: Record<string, string>) => new URLSearchParams(fields);

  const app = await directory.app();
  const { dataSource, keys } = directory;
  await changeApp(dataSource, app.id, { redirectUris: [receiver.url] }, SYSTEM);
  await call('POST', '/v1/webhooks', app, { url: receiver.url });
  const district = await directory.district();
  const portal = await directory.portalToken(district);
  const operator = await directory.operator('auditor');
  for (const secret of [app.clientSecret, app.apiKey, portal, operator]) secrets.add(secret);

  const invitation = await call('POST', '/v1/invitations', app, {});
  await call('POST', '/v1/district/invitations/accept', `Bearer ${portal}`, { code: invitation.body.code });
  await service.nest.get(RedirectCalls).round();
  await service.nest.get(Deliverer).deliverDue();
  const codes = receiver.received.flatMap(({ path }) => path.match(SECRET_PATTERN) ?? []);
  expect(codes).toHaveLength(1);
  for (const code of codes) secrets.add(code);
  const list = await call('GET', '/oauth/tokens?owner_type=district', app);
  const token: string = list.body.data[0].access_token;
  await call('POST', `/v1/tokens/${list.body.data[0].id}/rotate`, app, {});
  const clientCredentials = { grant_type: 'client_credentials', district: district.id };
  const access = await call('POST', '/oauth/token', app, form(clientCredentials));
  const rotated = await rotateClientSecret(
    dataSource,
    keys,
    { appId: app.id, graceSeconds: 60, start: 'at-once' },
    SYSTEM,
  );
  secrets.add(rotated.clientSecret);
  const { successor } = await revokeClientSecret(
    dataSource,
    keys,
    { appId: app.id, id: rotated.clientSecretId },
    SYSTEM,
  );
  if (successor) secrets.add(successor.clientSecret);

  // Each secret where it has no business, in every place where one could be sent.
  const known = [...secrets];
  for (const secret of known) {
    const from = `10.2.0.${secrets.size}`;
    await call('GET', '/oauth/tokeninfo', `Bearer ${secret} `, undefined, { from });
    await call('GET', '/oauth/tokeninfo', `Basic ${secret}`, undefined, { from });
    await call('GET', `/oauth/tokeninfo/${secret}?access_token=${secret}`, undefined, undefined, { from });
    await call('GET', `/oauth/tokens?owner_type=${secret}`, basic(app.clientId, secret), undefined, { from });
    await call('GET', `/oauth/tokens?owner_type=${secret}`, app);
    await call('POST', '/oauth/token', app, form({ ...clientCredentials, resource: secret }));
    await call('POST', '/oauth/tokens', app, {
      grant_type: 'authorization_code',
      code: secret,
      redirect_uri: secret,
    });
    await call('POST', '/oauth/introspect', app, form({ token: secret, token_type_hint: secret }));
    await call('POST', `/v1/tokens/${secret}/rotate`, app, { graceSeconds: secret });
    await call('GET', `/v1/events?after=${secret}&types=${secret}`, app);
    await call('POST', '/v1/webhooks', app, { url: `https://u:${secret}@a.example/` });
    await call('POST', '/v1/invitations', app, { districtId: secret });
    await call('POST', '/v1/district/invitations/look-up', `Bearer ${portal}`, { code: secret });
    await call('POST', '/v1/district/grants', `Bearer ${secret}`, { appId: secret }, { from });
  }
  await call('POST', '/oauth/revoke', app, form({ token: access.body.access_token }));
  await call('POST', '/v1/exposed-tokens', undefined, { token });
  await service.nest.get(CredentialUses).flush();
  await service.nest.get(Deliverer).deliverDue();

  expect(secrets.size).toBeGreaterThanOrEqual(11);
  expect(errors.length).toBeGreaterThan(100);
  const tables = await dataSource.query<{ name: string }[]>(
    `select table_name name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const places: [string, string][] = [
    ['log', service.log.join('\n')],
    ['errors', errors.join('\n')],
    ['webhooks', receiver.received.map(({ headers, body }) => JSON.stringify(headers) + body).join('\n')],
  ];
  for (const { name } of tables) {
    const [row] = await dataSource.query<{ text: string | null }[]>(
      `select string_agg(t::text, ' ') text from ${name} t`,
    );
    places.push([name, row?.text ?? '']);
  }
  for (const [place, text] of places) {
    const hexes = new Set([...secrets].map((secret) => Buffer.from(secret).toString('hex')));
    const found = [...secrets, ...hexes].filter((secret) => text.includes(secret));
    expect([place, found.map((secret) => secret.slice(0, 9))]).toEqual([place, []]);
  }
});
