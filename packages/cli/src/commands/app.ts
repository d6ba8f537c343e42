import { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { UsageError, runs } from '../run.js';
import { facts, listing } from '../text.js';

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
