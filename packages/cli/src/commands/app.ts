import { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { UsageError, runs } from '../run.js';
import { daysOrNone, secondsOf, toRotation, wholeNumber, withRotation } from '../rotation.js';
import { facts, listing, lives } from '../text.js';

export function app(): Command {
  const command = new Command('app').description("partners' applications");
  runs<{ partner: string; name: string; apiKey?: boolean; request?: string }>(
    command
      .command('create')
      .description('register an application; its secrets are shown this once')
      .requiredOption('--partner <id>', 'whose it is')
      .requiredOption('--name <name>', 'what people call it')
      .option('--api-key', 'also issue a legacy API key')
      .option('--request <file>', 'JSON file with the kinds and fields it asks for (all, when left out)')
      .addHelpText('after', '\nExample:\n  hallpass app create --partner 5f0c… --name "Reading Rocket"'),
    async (admin, { partner, name, apiKey, request }) => {
      const { id, clientId, clientSecret, ...rest } = await admin.createApp({
        partnerId: partner,
        name,
        ...(apiKey ? { apiKey } : {}),
        ...(request === undefined ? {} : { request: await readJson(request) }),
      });
      const key = rest.apiKey;
      return {
        json: { id, clientId, clientSecret, ...(key === undefined ? {} : { apiKey: key }) },
        text: [
          `Created app ${name}. Keep what follows now: it is not shown again.`,
          facts({ id, 'client id': clientId, 'client secret': clientSecret, 'API key': key }),
        ].join('\n'),
      };
    },
  );
  runs(
    command.command('list').description('all apps').addHelpText('after', '\nExample:\n  hallpass app list'),
    async (admin) => {
      const data = await admin.listApps();
      const text = listing(data, 'apps', {
        ID: (a) => a.id,
        NAME: (a) => a.name,
        PARTNER: (a) => a.partnerId,
        'CLIENT ID': (a) => a.clientId,
      });
      return { json: { data }, text };
    },
  );
  setting(command);
  command.addCommand(secret());
  return command;
}

interface Settings {
  purpose?: string;
  listed?: boolean;
  enabled?: boolean;
  signup?: string;
  reveal?: string;
  revealFrom?: string;
  tokenMaxAge?: string;
  redirectUri?: string;
  publicKeys?: string;
}

function setting(command: Command): void {
  runs<Settings>(
    command
      .command('set')
      .description('change settings of an app; what is not named stays as it is')
      .argument('<app>', "the app's id")
      .option('--purpose <text>', 'what it asks for and why, for districts to read')
      .option('--listed', 'districts find it by themselves')
      .option('--no-listed', 'districts do not find it')
      .option('--enabled', 'it may read')
      .option('--no-enabled', 'it reads nothing, at once')
      .option('--signup <mode>', 'how it answers districts that ask: at-once or by-hand')
      .option('--reveal <mode>', 'whether /oauth/tokens shows it its tokens: always, once or never')
      .option(
        '--reveal-from <addresses>',
        'from where: addresses and networks with commas; "any" for everywhere',
      )
      .option('--token-max-age <days>', 'after how many days its tokens are replaced; "none" for never')
      .option('--redirect-uri <uri>', 'where it is called with a code; "none" for nowhere')
      .option('--public-keys <file>', 'JSON file with its public keys: a JWK set, or a list of JWKs')
      .addHelpText('after', '\nExample:\n  hallpass app set 5f0c… --reveal once --reveal-from 192.0.2.0/24'),
    async (admin, given, id = '') => {
      const { revealFrom, tokenMaxAge, redirectUri, publicKeys, listed, enabled, ...same } = given;
      const { purpose, signup, reveal } = same;
      const settings = {
        ...(purpose === undefined ? {} : { purpose }),
        ...(signup === undefined ? {} : { signup }),
        ...(reveal === undefined ? {} : { reveal }),
        ...(listed === undefined ? {} : { isListed: listed }),
        ...(enabled === undefined ? {} : { isEnabled: enabled }),
        ...(revealFrom === undefined
          ? {}
          : { revealAddresses: revealFrom === 'any' ? [] : revealFrom.split(',') }),
        ...(tokenMaxAge === undefined ? {} : { tokenMaxAgeDays: daysOrNone(tokenMaxAge) }),
        ...(redirectUri === undefined ? {} : { redirectUris: redirectUri === 'none' ? [] : [redirectUri] }),
        ...(publicKeys === undefined ? {} : { publicKeys: keysIn(await readJson(publicKeys)) }),
      };
      if (Object.keys(settings).length === 0) throw new UsageError('Name at least one setting to change.');
      const changed = await admin.changeApp(id, settings);
      return { json: changed, text: `Changed app ${changed.name}: ${Object.keys(settings).join(', ')}.` };
    },
  );
}

function keysIn(json: unknown): unknown {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && 'keys' in json
    ? json.keys
    : json;
}

function secret(): Command {
  const command = new Command('secret').description('client secrets, by which apps sign in');
  const ofApp = (each: Command) => each.requiredOption('--app <id>', 'the app');
  runs<{ app: string }>(
    ofApp(command.command('list'))
      .description('the client secrets of an app, masked, with their dates')
      .addHelpText('after', '\nExample:\n  hallpass app secret list --app 5f0c…'),
    async (admin, { app: id }) => {
      const data = await admin.listClientSecrets(id);
      return { json: { data }, text: lives(data, 'client secrets') };
    },
  );
  runs<{ app: string; grace?: string; onFirstUse?: boolean; days?: string }>(
    withRotation(ofApp(command.command('rotate')))
      .description('issue a client secret, shown this once, beside the present one')
      .option('--days <count>', 'after so many days the new one ends')
      .addHelpText('after', '\nExample:\n  hallpass app secret rotate --app 5f0c… --grace 7d'),
    async (admin, { app: id, days, ...options }) => {
      const age = days === undefined ? {} : { ageDays: wholeNumber(days, '--days') };
      const rotated = await admin.rotateClientSecret(id, { ...toRotation(options), ...age });
      const { clientSecret, clientSecretId, retiresAt } = rotated;
      return {
        json: rotated,
        text: [
          'Keep the new client secret now: it is not shown again.',
          facts({ id: clientSecretId, 'client secret': clientSecret, 'the old one ends': retiresAt }),
        ].join('\n'),
      };
    },
  );
  runs<{ app: string; grace: string }>(
    ofApp(command.command('grace'))
      .description('set when the older of two live client secrets ends')
      .argument('<secret>', "the secret's id")
      .requiredOption('--grace <time>', 'from now: 0, 30m, 12h, 7d')
      .addHelpText('after', '\nExample:\n  hallpass app secret grace --app 5f0c… 61ab… --grace 0'),
    async (admin, { app: id, grace }, secretId = '') => {
      const changed = await admin.changeClientSecretGrace(id, secretId, secondsOf(grace, '--grace'));
      return { json: changed, text: `Client secret ${changed.masked} ends ${changed.retiresAt}.` };
    },
  );
  runs<{ app: string }>(
    ofApp(command.command('revoke'))
      .description('end a client secret at once, with the access tokens given so far')
      .argument('<secret>', "the secret's id")
      .addHelpText('after', '\nExample:\n  hallpass app secret revoke --app 5f0c… 61ab…'),
    async (admin, { app: id }, secretId = '') => {
      const revoked = await admin.revokeClientSecret(id, secretId);
      const next = revoked.successor?.clientSecret;
      return {
        json: revoked,
        text: next
          ? `Revoked ${revoked.masked}. Keep its successor now: it is not shown again.\n${facts({ 'client secret': next })}`
          : `Revoked ${revoked.masked}.`,
      };
    },
  );
  return command;
}

/** A JSON file the operator named; a fault in it is the operator's to mend. */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} cannot be read as JSON: ${(error as Error).message}`, { cause: error });
  }
}
