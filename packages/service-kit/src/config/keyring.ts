import { execSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseKeyring, type Keyring } from '@hallpass/database';
import { ValidateBy } from 'class-validator';
import { ConfigError } from './read-config.js';

const COMMAND_MS = 30_000;

/** Where a keyring comes from: one of the three. */
export interface KeyringSource {
  text: string;
  file: string;
  command: string;
}

/** The variable holds a keyring, or its `_FILE` or `_COMMAND` says where one is: one of the three. */
export function IsKeyring(): PropertyDecorator {
  return ValidateBy({
    name: 'isKeyring',
    validator: {
      validate(value: string, args) {
        const { file, command } = elsewhere(args?.object, args?.property);
        const named = [value, file, command].filter((each) => each !== '');
        return named.length === 1 && (value === '' || isKeyring(value));
      },
      defaultMessage: (args) =>
        `${args?.property} has to be 32 bytes of base64 (openssl rand -base64 32), or several as 2:base64,1:base64; ` +
        `or in its place ${args?.property}_FILE or ${args?.property}_COMMAND, and one of the three alone`,
    },
  });
}

function elsewhere(config: object | undefined, name: string | undefined): { file: string; command: string } {
  const values = (config ?? {}) as Record<string, string | undefined>;
  return { file: values[`${name}_FILE`] ?? '', command: values[`${name}_COMMAND`] ?? '' };
}

function isKeyring(text: string): boolean {
  try {
    parseKeyring(text);
    return true;
  } catch {
    return false;
  }
}

/** Reads a keyring from wherever it is. What a command or a file holds is in no error. */
export function readKeyring(name: string, { text, file, command }: KeyringSource): Keyring {
  if (text !== '') return parse(name, text);
  if (file !== '')
    return parse(
      `${name}_FILE`,
      attempt(`${name}_FILE cannot be read`, () => readFileSync(file, 'utf8')),
    );
  return parse(
    `${name}_COMMAND`,
    attempt(`${name}_COMMAND failed or took more than ${COMMAND_MS / 1000} seconds`, () =>
      execSync(command, { encoding: 'utf8', timeout: COMMAND_MS, stdio: ['ignore', 'pipe', 'ignore'] }),
    ),
  );
}

function attempt(fault: string, work: () => string): string {
  try {
    return work();
  } catch {
    throw new ConfigError([fault]);
  }
}

function parse(name: string, text: string): Keyring {
  try {
    return parseKeyring(text);
  } catch (error) {
    throw new ConfigError([`${name} ${(error as Error).message}`]);
  }
}
