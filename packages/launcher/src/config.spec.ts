import { describe, expect, it } from '@jest/globals';
import { readConfig, urlOf } from './config.js';

describe('readConfig', () => {
  it('has the documented ports and address, and a demo', () => {
    const config = readConfig({}, []);
    expect(config).toMatchObject({
      host: '127.0.0.1',
      ports: { 'token-service': 4001, 'data-api': 4002, admin: 4003 },
      metricsPorts: { 'token-service': 4101, 'data-api': 4102, admin: 4103 },
      databaseUrl: undefined,
      isDemo: true,
      isFresh: false,
    });
    expect(config.folder).toBe(`${config.root}/.hallpass`);
  });

  it('takes ports, host and folder from the environment; what is empty counts as unset', () => {
    const env = { ADMIN_PORT: '5003', DATA_API_PORT: '', HOST: '::1', HALLPASS_FOLDER: '/srv/h/.hallpass' };
    const config = readConfig(env, ['--fresh']);
    expect(config).toMatchObject({
      ports: { admin: 5003, 'data-api': 4002 },
      folder: '/srv/h/.hallpass',
      isFresh: true,
    });
    expect(urlOf(config, 'admin')).toBe('http://[::1]:5003');
  });

  it.each([
    ['an own database', { DATABASE_URL: 'postgres://db/hallpass' }],
    ['an address others reach', { HOST: '0.0.0.0' }],
    ['an address of the network', { HOST: '192.168.1.2' }],
  ])('has no demo with %s', (_, env) => {
    expect(readConfig(env, []).isDemo).toBe(false);
  });

  it('tells every fault at once', () => {
    const env = { TOKEN_SERVICE_PORT: '70000', DATA_API_PORT: 'x', DATABASE_URL: 'postgres://db/hallpass' };
    const read = () => readConfig(env, ['--fresh', '--frsh']);
    for (const fault of [
      'TOKEN_SERVICE_PORT="70000"',
      'DATA_API_PORT="x"',
      '--frsh is not an option',
      '--fresh deletes',
    ]) {
      expect(read).toThrow(fault);
    }
    for (const twice of [{ ADMIN_PORT: '4001' }, { ADMIN_PORT: '4102' }, { METRICS_PORT: '4000' }])
      expect(() => readConfig(twice, [])).toThrow('Two services have the same port.');
    for (const port of ['-1', '65534', 'x'])
      expect(() => readConfig({ METRICS_PORT: port }, [])).toThrow(`METRICS_PORT="${port}"`);
    expect(readConfig({ METRICS_PORT: '0' }, []).metricsPorts).toEqual({
      'token-service': 0,
      'data-api': 0,
      admin: 0,
    });
  });

  it('reaches a service that listens everywhere on the loopback address', () => {
    expect(urlOf(readConfig({ HOST: '0.0.0.0' }, []), 'data-api')).toBe('http://127.0.0.1:4002');
  });
});
