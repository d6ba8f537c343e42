import { Command } from 'commander';
import { UsageError, commaList, runs } from '../run.js';
import { facts, listing } from '../text.js';
import type { Grant, Selection, SharingRequest } from '../wire.js';

interface SharingOptions {
  schools?: string;
  everything?: boolean;
  hideFields?: string;
  showFields?: string;
}

export function grant(): Command {
  const command = new Command('grant').description("a district's authorisation of one app");
  addApprove(command);
  addNarrow(command);
  addMove(command, 'pause', 'stop its token until resumed', 'Paused');
  addMove(command, 'resume', 'let its token read again', 'Resumed');
  addMove(command, 'revoke', 'end it, and its token, for good', 'Revoked');
  addList(command);
  return command;
}

function addApprove(command: Command): void {
  runs<{ app: string; district: string } & SharingOptions>(
    command
      .command('approve')
      .description('let an app read a district; the token is shown this once')
      .requiredOption('--app <id>', 'the app')
      .requiredOption('--district <id>', 'the district')
      .option('--schools <ids>', 'share these schools only, with commas between (everything, when left out)')
      .option('--hide-fields <fields>', 'do not share these, as kind.field with commas between')
      .addHelpText(
        'after',
        '\nExample:\n  hallpass grant approve --app 5f0c… --district 58da… --hide-fields users.dob',
      ),
    async (admin, { app, district, ...sharing }) => {
      const { id, token } = await admin.approveGrant({
        appId: app,
        districtId: district,
        ...sharingOf(sharing),
      });
      const text = `Approved. The token is not shown again here; its app finds it at GET /oauth/tokens.\n${facts({ grant: id, token })}`;
      return { json: { id, token }, text };
    },
  );
}

function addNarrow(command: Command): void {
  runs<SharingOptions>(
    command
      .command('narrow')
      .description('change what a grant shares; what is not named stays as it is')
      .argument('<grant>', 'its id')
      .option('--schools <ids>', 'share these schools only, with commas between')
      .option('--everything', 'share every school')
      .option('--hide-fields <fields>', 'share these no longer, as kind.field with commas between')
      .option('--show-fields <fields>', 'share these again, of those that the app asked for')
      .addHelpText('after', '\nExample:\n  hallpass grant narrow 61ab… --schools 58da…,58db…'),
    async (admin, options, id) => {
      const change = sharingOf(options);
      if (Object.keys(change).length === 0)
        throw new UsageError('Say what to change: --schools, --everything, --hide-fields or --show-fields.');
      const changed = await admin.changeGrant(id ?? '', change);
      return { json: changed, text: `Changed grant ${id}: it shares ${describe(changed)}.` };
    },
  );
}

function addMove(
  command: Command,
  move: 'pause' | 'resume' | 'revoke',
  description: string,
  done: string,
): void {
  runs(
    command
      .command(move)
      .description(description)
      .argument('<grant>', 'its id')
      .addHelpText('after', `\nExample:\n  hallpass grant ${move} 61ab…`),
    async (admin, _options, id) => {
      const moved = await admin.moveGrant(id ?? '', move);
      return { json: moved, text: `${done} grant ${id}.` };
    },
  );
}

function addList(command: Command): void {
  runs<{ app?: string; district?: string }>(
    command
      .command('list')
      .description('grants, of one app or one district if given')
      .option('--app <id>', 'of this app')
      .option('--district <id>', 'of this district')
      .addHelpText('after', '\nExample:\n  hallpass grant list --district 58da…'),
    async (admin, { app, district }) => {
      const data = await admin.listGrants({
        ...(app === undefined ? {} : { appId: app }),
        ...(district === undefined ? {} : { districtId: district }),
      });
      const text = listing(data, 'grants', {
        ID: (g) => g.id,
        STATUS: (g) => g.status,
        APP: (g) => g.appId,
        DISTRICT: (g) => g.districtId,
        SHARES: describe,
      });
      return { json: { data }, text };
    },
  );
}

function sharingOf({ schools, everything, hideFields, showFields }: SharingOptions): SharingRequest {
  if (schools !== undefined && everything)
    throw new UsageError('--schools and --everything exclude each other.');
  const selection = selectionOf(commaList(schools), everything ?? false);
  const hidden = commaList(hideFields);
  const shown = commaList(showFields);
  return {
    ...(selection ? { selection } : {}),
    ...(hidden ? { hideFields: hidden } : {}),
    ...(shown ? { showFields: shown } : {}),
  };
}

function selectionOf(schoolIds: string[] | undefined, everything: boolean): Selection | undefined {
  if (everything) return { type: 'everything' };
  if (schoolIds === undefined) return undefined;
  if (schoolIds.length === 0)
    throw new UsageError('--schools names no school. To stop sharing, pause or revoke the grant.');
  return { type: 'schools', schoolIds };
}

function describe({ selection, fields = {} }: Grant): string {
  const records = selection?.type === 'schools' ? `${selection.schoolIds.length} schools` : 'everything';
  const count = Object.values(fields).reduce((sum, paths) => sum + paths.length, 0);
  return `${records}, ${count} fields of ${Object.keys(fields).join(', ') || 'nothing'}`;
}
