import { Command } from 'commander';
import { app } from './commands/app.js';
import { audit } from './commands/audit.js';
import { district } from './commands/district.js';
import { events } from './commands/events.js';
import { grant } from './commands/grant.js';
import { importRoster } from './commands/import.js';
import { key } from './commands/key.js';
import { keys } from './commands/keys.js';
import { listen } from './commands/listen.js';
import { operator } from './commands/operator.js';
import { partner } from './commands/partner.js';
import { override } from './commands/override.js';
import { policy } from './commands/policy.js';
import { pull } from './commands/pull.js';
import { demo } from './commands/demo.js';
import { sunset } from './commands/sunset.js';
import { token } from './commands/token.js';

/** The whole command. */
export function program(): Command {
  const root = new Command('hallpass')
    .description("The operator's command of Hallpass, over its admin API.")
    .addHelpText(
      'after',
      `
It finds the admin service and an operator token in HALLPASS_ADMIN_URL and HALLPASS_OPERATOR_TOKEN, or else in the
nearest .hallpass/demo.json, which npm start writes. Every command takes --json.

Example:
  hallpass district create --name "Alder County"
  hallpass import --district <id> ./roster`,
    );
  for (const make of [
    partner,
    app,
    district,
    importRoster,
    grant,
    token,
    key,
    demo,
    sunset,
    policy,
    override,
    operator,
    keys,
    audit,
    listen,
    pull,
    events,
  ]) {
    root.addCommand(make());
  }
  return root;
}
