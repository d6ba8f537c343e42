import { Command } from 'commander';
import { runs } from '../run.js';
import { table } from '../text.js';
import type { KeyStatus } from '../wire.js';

/** The keys of the installation, not to be confused with `key`: those of apps. */
export function keys(): Command {
  const command = new Command('keys').description('the keys of this installation and their versions');
  runs(
    command
      .command('status')
      .description('how much hangs on each version of the master key and the pepper')
      .addHelpText('after', '\nExample:\n  hallpass keys status'),
    async (admin) => {
      const status = await admin.keyStatus();
      return { json: status, text: draw(status) };
    },
  );
  runs(
    command
      .command('rotate')
      .description('wrap every data key anew under the primary master key, beside everything else')
      .addHelpText('after', '\nExample:\n  hallpass keys rotate'),
    async (admin) => {
      const status = await admin.rotateKeys();
      const { rewrapped, masterKey } = status;
      const done = `Wrapped ${rewrapped} data keys anew under version ${masterKey.primary}.`;
      return { json: status, text: `${done}\n\n${draw(status)}` };
    },
  );
  return command;
}

function draw({ masterKey, pepper }: KeyStatus): string {
  const rows = [
    ...rowsOf('master key', masterKey, ({ dataKeys = 0 }) => `${dataKeys} data keys`),
    ...rowsOf('pepper', pepper, ({ secrets = 0 }) => `${secrets} secrets`),
  ];
  return table(['KEY', 'VERSION', 'IN USE FOR', 'CONFIGURED'], rows);
}

type State = KeyStatus['masterKey'];

function rowsOf(name: string, state: State, count: (use: State['uses'][number]) => string): unknown[][] {
  const { primary, configured, uses } = state;
  const versions = [...new Set([...configured, ...uses.map(({ version }) => version)])].toSorted(
    (a, b) => a - b,
  );
  return versions.map((version) => {
    const use = uses.find((each) => each.version === version) ?? { version };
    const isThere = configured.includes(version) ? (version === primary ? 'primary' : 'yes') : 'MISSING';
    return [name, version, count(use), isThere];
  });
}
