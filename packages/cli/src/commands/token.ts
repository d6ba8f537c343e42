import { Command } from 'commander';
import { runs } from '../run.js';
import { secondsOf, toRotation, withRotation } from '../rotation.js';
import { listing, lives } from '../text.js';

export function token(): Command {
  const command = new Command('token').description('the bearer secrets of grants');
  runs<{ app: string }>(
    command
      .command('list')
      .description('the tokens of an app, without their secrets')
      .requiredOption('--app <id>', 'the app')
      .addHelpText('after', '\nExample:\n  hallpass token list --app 5f0c…'),
    async (admin, { app }) => {
      const data = await admin.listTokens(app);
      const text = listing(data, 'tokens', {
        ID: (t) => t.id,
        GRANT: (t) => t.grantId,
        DISTRICT: (t) => t.districtId,
        ISSUED: (t) => t.createdAt,
      });
      return { json: { data }, text };
    },
  );
  runs(
    command
      .command('show')
      .description('a token with its dates and where it is used from')
      .argument('<token>', "the token's id")
      .addHelpText('after', '\nExample:\n  hallpass token show 61ab…'),
    async (admin, _options, id = '') => {
      const shown = await admin.getToken(id);
      const uses = listing(shown.uses ?? [], 'uses', {
        ADDRESS: (use) => use.address,
        WITH: (use) => use.userAgent,
        FIRST: (use) => use.firstAt,
        LAST: (use) => use.lastAt,
        USES: (use) => use.uses,
      });
      return { json: shown, text: `${lives([shown], 'tokens')}\n\n${uses}` };
    },
  );
  runs<{ grace?: string; onFirstUse?: boolean }>(
    withRotation(command.command('rotate'))
      .description('issue a token beside the present one; its app fetches it from /oauth/tokens')
      .argument('<token>', "the token's id")
      .addHelpText('after', '\nExample:\n  hallpass token rotate 61ab… --grace 7d --on-first-use'),
    async (admin, options, id = '') => {
      const rotated = await admin.rotateToken(id, toRotation(options));
      const end = rotated.retiresAt ?? 'so long after the first use of the new one';
      return { json: rotated, text: `Issued token ${rotated.tokenId}. The present one ends: ${end}.` };
    },
  );
  runs<{ grace: string }>(
    command
      .command('grace')
      .description('set when the older of two live tokens ends')
      .argument('<token>', "the token's id")
      .requiredOption('--grace <time>', 'from now: 0, 30m, 12h, 7d')
      .addHelpText('after', '\nExample:\n  hallpass token grace 61ab… --grace 0'),
    async (admin, { grace }, id = '') => {
      const changed = await admin.changeTokenGrace(id, secondsOf(grace, '--grace'));
      return { json: changed, text: `Token ${changed.masked} ends ${changed.retiresAt}.` };
    },
  );
  runs(
    command
      .command('revoke')
      .description('end a token at once; its successor is issued where none other lasts')
      .argument('<token>', "the token's id")
      .addHelpText('after', '\nExample:\n  hallpass token revoke 61ab…'),
    async (admin, _options, id = '') => {
      const revoked = await admin.revokeToken(id);
      const next = revoked.successorId ? ` Its successor is ${revoked.successorId}.` : '';
      return { json: revoked, text: `Revoked ${revoked.masked}.${next}` };
    },
  );
  return command;
}
