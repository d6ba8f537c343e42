import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { recordPlatformEvent } from '@hallpass/database';
import { TestDirectory, type TestApp } from '@hallpass/database/testing';
import { Deliverer } from '../src/webhooks/deliverer.service.js';
import { TestTokenService } from './fixtures.js';
import { Receiver } from './receiver.js';

const PUBLIC = '93.184.216.34';

let directory: TestDirectory;
let service: TestTokenService;
let receiver: Receiver;
let app: TestApp;
/** What every host name means just now. */
let address = PUBLIC;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory, {
    env: { WEBHOOKS_ALLOW_PRIVATE: 'false' },
    resolve: (host) =>
      host.startsWith('missing')
        ? Promise.reject(new Error('ENOTFOUND'))
        : Promise.resolve([{ address, family: 4 }]),
  });
  receiver = await Receiver.start();
  app = await directory.app();
});
afterAll(async () => {
  await service.close();
  await receiver.close();
  await directory.close();
});
beforeEach(() => {
  address = PUBLIC;
});

const create = (url: string) => service.call('POST', '/v1/webhooks', app, { url });

describe('an address that no webhook may go to', () => {
  it.each([
    'https://127.0.0.1/hooks',
    'https://2130706433/hooks',
    'https://[::ffff:10.0.0.1]/hooks',
    'https://169.254.169.254/latest',
    'https://missing.example/hooks',
  ])('%s is refused when it is set up', async (url) => {
    const { status, body } = await create(url);
    expect([status, body.code]).toEqual([422, 'webhook-address-refused']);
  });

  it.each(['http://hooks.example/', 'https://user:s3cret@hooks.example/', 'ftp://hooks.example/', 'hooks'])(
    '%s is not well formed',
    async (url) => {
      const { status, body, text } = await create(url);
      expect([status, body.code, body.faults[0].field]).toEqual([400, 'request-invalid', 'url']);
      expect(text).not.toContain('s3cret');
    },
  );

  it('is refused when a webhook is moved to it', async () => {
    const { body } = await create('https://hooks.example/');
    const url = `/v1/webhooks/${body.id}`;
    const moved = await service.call('PATCH', url, app, { url: 'https://10.0.0.1/' });
    expect([moved.status, moved.body.code]).toEqual([422, 'webhook-address-refused']);
    expect((await service.call('GET', url, app)).body.url).toBe('https://hooks.example/');
  });

  it('is what a name has come to mean, though it was public when the webhook was set up', async () => {
    const url = `https://rebinding.example:${receiver.port}/hooks`;
    const { status, body } = await create(url);
    expect(status).toBe(201);
    address = '127.0.0.1';
    await recordPlatformEvent(directory.dataSource, {
      type: 'key.refused',
      appId: app.id,
      districtId: null,
      data: {},
    });
    await service.nest.get(Deliverer).deliverDue();
    const deliveries = await service.call('GET', `/v1/webhooks/${body.id}/deliveries`, app);
    expect(deliveries.body.data).toMatchObject([
      { status: 'pending', attempts: [{ httpStatus: null, error: 'address-refused' }] },
    ]);
    expect(receiver.received).toEqual([]);
  });
});
