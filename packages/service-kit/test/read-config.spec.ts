import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig } from '../src/config/read-config.js';
import { SealingServiceConfig, keysOf } from '../src/config/service-config.js';

const key = Buffer.alloc(32, 7).toString('base64');
const environment = {
  DATABASE_URL: 'postgres://host/db',
  HALLPASS_TOKEN_PEPPER: key,
  HALLPASS_MASTER_KEY: key,
};
const read = (more: NodeJS.ProcessEnv = {}) => readConfig(SealingServiceConfig, { ...environment, ...more });

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(SealingServiceConfig, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('needs a database and two keys, and has a default for the rest', () => {
    expect(read()).toMatchObject({
      ...environment,
      HOST: '127.0.0.1',
      PORT: 0,
      DATABASE_POOL_SIZE: 10,
      DOCS_URL: 'http://127.0.0.1:4002/docs',
      LOG_REQUESTS: true,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(read({ PORT: '', LOG_REQUESTS: '', HOST: '' })).toMatchObject({
      PORT: 0,
      LOG_REQUESTS: true,
      HOST: '127.0.0.1',
    });
  });

  it('names every fault at once, and repeats no value', () => {
    const faults = faultsOf({
      DATABASE_URL: '',
      HALLPASS_TOKEN_PEPPER: 'geheim',
      HALLPASS_MASTER_KEY: 'geheim!',
      PORT: 'geheim',
      DATABASE_POOL_SIZE: '0',
      LOG_REQUESTS: 'geheim',
    });
    for (const name of [
      'DATABASE_URL',
      'HALLPASS_TOKEN_PEPPER',
      'HALLPASS_MASTER_KEY',
      'PORT',
      'DATABASE_POOL_SIZE',
      'LOG_REQUESTS',
    ])
      expect([name, faults.some((fault) => fault.startsWith(name))]).toEqual([name, true]);
    expect(new ConfigError(faults).message).not.toContain('geheim');
  });

  it('names the keys that are not there', () => {
    expect(faultsOf({ DATABASE_URL: 'postgres://host/db' }).toSorted()).toEqual([
      expect.stringMatching(/^HALLPASS_MASTER_KEY has to be 32 bytes/),
      expect.stringMatching(/^HALLPASS_TOKEN_PEPPER has to be 32 bytes/),
    ]);
  });

  it.each([16, 31, 33, 64])('refuses a key of %d bytes, which no service could work with', (bytes) => {
    expect(
      faultsOf({ ...environment, HALLPASS_MASTER_KEY: Buffer.alloc(bytes).toString('base64') }),
    ).toHaveLength(1);
  });

  it('takes a key from a file or a command in the place of the variable, and from one place alone', () => {
    const rest = { DATABASE_URL: 'postgres://host/db', HALLPASS_TOKEN_PEPPER: key };
    const command = `printf '2:%s,1:%s' '${Buffer.alloc(32, 9).toString('base64')}' '${key}'`;
    const { masterKeys } = keysOf(
      readConfig(SealingServiceConfig, { ...rest, HALLPASS_MASTER_KEY_COMMAND: command }),
    );
    expect(masterKeys.primary).toBe(2);
    expect([...masterKeys.versions.keys()]).toEqual([2, 1]);
    expect(faultsOf({ ...environment, HALLPASS_MASTER_KEY_COMMAND: command })).toHaveLength(1);
  });

  it('says that a file or a command brought no key, and nothing of what it brought', () => {
    const failing = (more: NodeJS.ProcessEnv) => {
      try {
        keysOf(
          readConfig(SealingServiceConfig, {
            DATABASE_URL: 'postgres://host/db',
            HALLPASS_TOKEN_PEPPER: key,
            ...more,
          }),
        );
      } catch (error) {
        return (error as ConfigError).message;
      }
      return undefined;
    };
    expect(failing({ HALLPASS_MASTER_KEY_COMMAND: 'echo geheim' })).toMatch(
      /HALLPASS_MASTER_KEY_COMMAND has to be/,
    );
    expect(failing({ HALLPASS_MASTER_KEY_COMMAND: 'echo geheim; exit 1' })).not.toContain('geheim');
    expect(failing({ HALLPASS_MASTER_KEY_FILE: '/nowhere' })).toMatch(/cannot be read/);
  });

  it('yields the keys as bytes', () => {
    expect(keysOf(read()).peppers.versions.get(1)).toEqual(Buffer.alloc(32, 7));
  });

  it.each([
    ['true', true],
    ['1', true],
    ['TRUE', true],
    ['false', false],
    ['0', false],
    ['False', false],
  ])('reads the boolean %s as %s', (text, expected) => {
    expect(read({ LOG_REQUESTS: text }).LOG_REQUESTS).toBe(expected);
  });

  it.each(['yes', 'no', 'off', 'null', ' false'])('refuses the boolean %s rather than guess', (text) => {
    expect(faultsOf({ ...environment, LOG_REQUESTS: text })).toHaveLength(1);
  });

  it.each(['4002', '65535', '0'])('reads the port %s', (text) => {
    expect(read({ PORT: text }).PORT).toBe(Number(text));
  });

  it.each(['65536', '-1', '80.5', ' ', '0x50', '1e3', 'NaN', 'Infinity', '80 81'])(
    'refuses the port %j',
    (text) => {
      expect(faultsOf({ ...environment, PORT: text }).length).toBeGreaterThan(0);
    },
  );

  it('refuses a pool of one, which the watch would have to itself', () => {
    expect(faultsOf({ ...environment, DATABASE_POOL_SIZE: '1' })).toHaveLength(1);
    expect(read({ DATABASE_POOL_SIZE: '2' }).DATABASE_POOL_SIZE).toBe(2);
  });

  it('heeds no variable but those of its fields', () => {
    expect(read({ port: '1', SERVICE_PORT: '2', ['__proto__']: 'x' })).toMatchObject({ PORT: 0 });
  });
});
