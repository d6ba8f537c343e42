import { Command } from 'commander';
import { addInvite } from './invite.js';
import { daysOrNone } from '../rotation.js';
import { UsageError, runs } from '../run.js';
import { facts, listing } from '../text.js';

export function district(): Command {
  const command = new Command('district').description('districts, which own roster data');
  runs<{ name: string; id?: string }>(
    command
      .command('create')
      .description('add a district')
      .requiredOption('--name <name>', 'what people call it')
      .option('--id <hex>', 'its id of 24 hex characters, to keep one from another system')
      .addHelpText('after', '\nExample:\n  hallpass district create --name "Alder County"'),
    async (admin, { name, id: wanted }) => {
      const { id } = await admin.createDistrict({ name, ...(wanted === undefined ? {} : { id: wanted }) });
      return { json: { id, name }, text: `Created district ${name}: ${id}` };
    },
  );
  runs(
    command
      .command('list')
      .description('all districts')
      .addHelpText('after', '\nExample:\n  hallpass district list'),
    async (admin) => {
      const data = await admin.listDistricts();
      return { json: { data }, text: listing(data, 'districts', { ID: (d) => d.id, NAME: (d) => d.name }) };
    },
  );
  runs<{ tokenMaxAge?: string; exposure?: string }>(
    command
      .command('set')
      .description('change settings of a district; what is not named stays as it is')
      .argument('<district>', "the district's id")
      .option(
        '--token-max-age <days>',
        'after how many days tokens that read it are replaced; "none" for never',
      )
      .option('--exposure <policy>', 'what happens to a token that is found exposed: rotate or notify')
      .addHelpText('after', '\nExample:\n  hallpass district set 5f0c… --token-max-age 180'),
    async (admin, { tokenMaxAge, exposure }, id = '') => {
      if (tokenMaxAge === undefined && exposure === undefined)
        throw new UsageError('Name at least one setting to change.');
      const changed = await admin.changeDistrict(id, {
        ...(tokenMaxAge === undefined ? {} : { tokenMaxAgeDays: daysOrNone(tokenMaxAge) }),
        ...(exposure === undefined ? {} : { exposure }),
      });
      return { json: changed, text: `Changed district ${changed.name}.` };
    },
  );
  runs<{ yes?: boolean }>(
    command
      .command('destroy-seals')
      .description('destroy the key of a district: its tokens work on, and nobody can be shown them again')
      .argument('<district>', "the district's id")
      .option('--yes', 'it is meant: this cannot be undone')
      .addHelpText('after', '\nExample:\n  hallpass district destroy-seals 5f0c… --yes'),
    async (admin, { yes }, id = '') => {
      if (!yes) throw new UsageError('This cannot be undone. Add --yes if it is meant.');
      const { name } = await admin.destroySeals(id);
      return {
        json: { id, name },
        text: `Destroyed the seals of ${name}. Rotate its tokens to show new ones.`,
      };
    },
  );
  runs<{ from?: string; to?: string; app?: string }>(
    command
      .command('access-log')
      .description('what each app was served of a district, by day, kind and count')
      .argument('<district>', "the district's id")
      .option('--from <day>', 'the first day (UTC), as 2026-09-30; all that is kept, when left out')
      .option('--to <day>', 'the last day (UTC)')
      .option('--app <id>', 'one app alone')
      .addHelpText('after', '\nExample:\n  hallpass district access-log 5f0c… --from 2026-09-01'),
    async (admin, { from, to, app: appId }, id = '') => {
      const data = await admin.accessLog(id, { from, to, appId });
      const text = listing(data, 'records served', {
        DAY: (e) => e.day,
        APP: (e) => e.app.name,
        CREDENTIAL: (e) => e.credentialType,
        KIND: (e) => e.kind,
        ANSWERS: (e) => e.calls,
        RECORDS: (e) => e.records,
      });
      return { json: { data }, text };
    },
  );
  command.addCommand(portalToken());
  addInvite(command, (districtId) => ({ districtId }), 'owner', 'district');
  return command;
}

function portalToken(): Command {
  const command = new Command('portal-token').description('how the people of a district sign in');
  const ofDistrict = (each: Command) => each.requiredOption('--district <id>', 'the district');
  runs<{ district: string; name: string }>(
    ofDistrict(command.command('issue'))
      .description('issue a portal token, shown this once')
      .requiredOption('--name <name>', 'who it is for')
      .addHelpText(
        'after',
        '\nExample:\n  hallpass district portal-token issue --district 5f0c… --name "IT"',
      ),
    async (admin, { district: districtId, name }) => {
      const issued = await admin.issuePortalToken(districtId, name);
      const { id, portalToken: token } = issued;
      return {
        json: issued,
        text: `Keep the token now: it is not shown again.\n${facts({ id, 'portal token': token })}`,
      };
    },
  );
  runs<{ district: string }>(
    ofDistrict(command.command('list'))
      .description('the portal tokens of a district, masked')
      .addHelpText('after', '\nExample:\n  hallpass district portal-token list --district 5f0c…'),
    async (admin, { district: districtId }) => {
      const data = await admin.listPortalTokens(districtId);
      const text = listing(data, 'portal tokens', {
        ID: (t) => t.id,
        NAME: (t) => t.name,
        TOKEN: (t) => t.masked,
        ISSUED: (t) => t.createdAt,
        REVOKED: (t) => t.revokedAt,
      });
      return { json: { data }, text };
    },
  );
  runs<{ district: string }>(
    ofDistrict(command.command('revoke'))
      .description('end a portal token at once')
      .argument('<token>', "the token's id")
      .addHelpText('after', '\nExample:\n  hallpass district portal-token revoke --district 5f0c… 61ab…'),
    async (admin, { district: districtId }, id = '') => {
      const revoked = await admin.revokePortalToken(districtId, id);
      return { json: revoked, text: `Revoked ${revoked.masked}.` };
    },
  );
  return command;
}
