import { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import { text as readAll } from 'node:stream/consumers';
import { UsageError, runs } from '../run.js';
import { listing } from '../text.js';

export function key(): Command {
  const command = new Command('key').description('legacy API keys');
  runs<{ app: string }>(
    command
      .command('import')
      .description(
        'take over a key of another system, read from standard input: arguments are seen by every process',
      )
      .requiredOption('--app <id>', 'the app it belongs to')
      .addHelpText('after', '\nExample:\n  hallpass key import --app 5f0c… < old-key.txt'),
    async (admin, { app }) => {
      const { id } = await admin.importKey(app, await readKey());
      return { json: { id }, text: `Imported the key: ${id}. It works as long as the sunset plan lets it.` };
    },
  );
  runs<{ file: string }>(
    command
      .command('import-list')
      .description('take over the keys of many apps, all that a CSV file lists or none')
      .requiredOption('--file <csv>', 'columns app (its id or client id) and key; - reads standard input')
      .addHelpText('after', '\nExample:\n  hallpass key import-list --file old-keys.csv'),
    async (admin, { file }) => {
      const keys = readList(file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8'));
      const { imported } = await admin.importKeys(keys);
      return {
        json: { imported },
        text: `Imported ${imported} keys. They work as long as the sunset plan lets them.`,
      };
    },
  );
  runs<{ app: string }>(
    command
      .command('list')
      .description('the keys of an app, without their secrets')
      .requiredOption('--app <id>', 'the app')
      .addHelpText('after', '\nExample:\n  hallpass key list --app 5f0c…'),
    async (admin, { app }) => {
      const data = await admin.listKeys(app);
      const text = listing(data, 'keys', {
        ID: (k) => k.id,
        ISSUED: (k) => k.createdAt,
        REVOKED: (k) => k.revokedAt,
      });
      return { json: { data }, text };
    },
  );
  runs<{ app: string }>(
    command
      .command('revoke')
      .description('end a key for good')
      .requiredOption('--app <id>', 'the app')
      .argument('<key>', "the key's id, not the key")
      .addHelpText('after', '\nExample:\n  hallpass key revoke --app 5f0c… 61ab…'),
    async (admin, { app }, id) => {
      const revoked = await admin.revokeKey(app, id ?? '');
      return { json: revoked, text: `Revoked key ${id}.` };
    },
  );
  return command;
}

/** The lines of a list of keys. What is wrong is told by line, and no key is repeated. */
function readList(text: string): { line: number; app: string; key: string }[] {
  try {
    const options = {
      columns: true,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      info: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    };
    const rows = parse(text, options) as unknown as {
      record: Record<string, string>;
      info: { lines: number };
    }[];
    const keys = rows.map(({ record, info }) => ({
      line: info.lines,
      app: record['app'] ?? '',
      key: record['key'] ?? '',
    }));
    if (keys.length === 0) throw new UsageError('The list holds no keys: it begins with the line app,key.');
    if (!('app' in (rows[0]?.record ?? {})) || !('key' in (rows[0]?.record ?? {})))
      throw new UsageError('The list lacks its columns: it begins with the line app,key.');
    return keys;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UsageError(`The list is no CSV file: see line ${Number(error['lines'])}.`);
  }
}

async function readKey(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Paste the key, press Enter, then Ctrl-D: ');
  const given = (await readAll(process.stdin)).trim();
  if (given === '') throw new UsageError('Standard input is empty: the key is read from there.');
  if (/\s/.test(given))
    throw new UsageError('Standard input holds more than one word: a key has no spaces or line ends.');
  return given;
}
