import { Command } from 'commander';
import { UsageError, commaList, runs } from '../run.js';
import { facts, listing } from '../text.js';
import { readJson } from './app.js';
import type { Grant, Selection, SharingRequest } from '../wire.js';

interface SharingOptions {
  schools?: string;
  sections?: string;
  rules?: string;
  everything?: boolean;
  hideFields?: string;
  showFields?: string;
  starts?: string;
  ends?: string;
}

export function grant(): Command {
  const command = new Command('grant').description("a district's authorisation of one app");
  addApprove(command);
  addNarrow(command);
  addMove(command, 'pause', 'stop its token until resumed', 'Paused');
  addMove(command, 'resume', 'let its token read again', 'Resumed');
  addMove(command, 'revoke', 'end it, and its token, for good', 'Revoked');
  addList(command);
  addExplain(command);
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
      .option('--sections <ids>', 'share these sections only, and who is in them')
      .option('--rules <file>', 'share what the rules in this JSON file choose')
      .option('--hide-fields <fields>', 'do not share these, as kind.field with commas between')
      .option('--starts <date>', 'not before this day or instant')
      .option('--ends <date>', 'no longer from this day or instant on')
      .addHelpText(
        'after',
        '\nExample:\n  hallpass grant approve --app 5f0c… --district 58da… --hide-fields users.dob',
      ),
    async (admin, { app, district, ...sharing }) => {
      const { id, token } = await admin.approveGrant({
        appId: app,
        districtId: district,
        ...(await sharingOf(sharing)),
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
      .option('--sections <ids>', 'share these sections only, and who is in them')
      .option('--rules <file>', 'share what the rules in this JSON file choose')
      .option('--everything', 'share every record')
      .option('--hide-fields <fields>', 'share these no longer, as kind.field with commas between')
      .option('--show-fields <fields>', 'share these again, of those that the app asked for')
      .option('--starts <date>', 'not before this day or instant ("" at once)')
      .option('--ends <date>', 'no longer from this day or instant on ("" without end)')
      .addHelpText('after', '\nExample:\n  hallpass grant narrow 61ab… --schools 58da…,58db…'),
    async (admin, options, id) => {
      const change = await sharingOf(options);
      if (Object.keys(change).length === 0)
        throw new UsageError(
          'Say what to change: --schools, --sections, --rules, --everything, --hide-fields, --show-fields, --starts or --ends.',
        );
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

function addExplain(command: Command): void {
  runs<{ kind: string; record: string }>(
    command
      .command('explain')
      .description('why its app does or does not see a record')
      .argument('<grant>', 'its id')
      .requiredOption('--kind <kind>', 'school, term, course, user or section')
      .requiredOption('--record <id>', "the record's id")
      .addHelpText('after', '\nExample:\n  hallpass grant explain 61ab… --kind user --record 58da…'),
    async (admin, { kind, record }, id) => {
      const explained = await admin.explain(id ?? '', kind, record);
      const { verdict, because, refusal, hiddenFields = [] } = explained;
      const text = facts({
        verdict,
        because,
        'the grant answers': refusal === null ? undefined : `nothing now: ${refusal}`,
        'hidden fields': hiddenFields.join(', ') || undefined,
        'shown since': explained.shownSince,
        'shown until': explained.shownUntil,
        'deleted by import': explained.deletedBy,
        'deleted at': explained.deletedAt,
      });
      return { json: explained, text };
    },
  );
}

async function sharingOf(options: SharingOptions): Promise<SharingRequest> {
  const selection = await selectionOf(options);
  const hidden = commaList(options.hideFields);
  const shown = commaList(options.showFields);
  return {
    ...(selection ? { selection } : {}),
    ...(hidden ? { hideFields: hidden } : {}),
    ...(shown ? { showFields: shown } : {}),
    ...(options.starts === undefined ? {} : { startsAt: options.starts || null }),
    ...(options.ends === undefined ? {} : { endsAt: options.ends || null }),
  };
}

async function selectionOf(options: SharingOptions): Promise<Selection | undefined> {
  const { schools, sections, rules, everything } = options;
  const given = [schools, sections, rules, everything].filter((each) => each !== undefined);
  if (given.length > 1)
    throw new UsageError('--schools, --sections, --rules and --everything exclude each other.');
  if (everything) return { type: 'everything' };
  if (rules !== undefined) return { type: 'rules', rules: rulesIn(await readJson(rules)) };
  if (schools !== undefined) return { type: 'schools', schoolIds: idsIn(schools, '--schools') };
  if (sections !== undefined) return { type: 'sections', sectionIds: idsIn(sections, '--sections') };
  return undefined;
}

function rulesIn(value: unknown): unknown[] {
  const rules = Array.isArray(value) ? (value as unknown[]) : (value as { rules?: unknown[] } | null)?.rules;
  if (!Array.isArray(rules))
    throw new UsageError('The file holds a list of rules: [{"kind": "section", "conditions": […]}].');
  return rules;
}

function idsIn(text: string, option: string): string[] {
  const ids = commaList(text) ?? [];
  if (ids.length === 0)
    throw new UsageError(`${option} names none. To stop sharing, pause or revoke the grant.`);
  return ids;
}

function describe({ selection, fields = {} }: Grant): string {
  const records = recordsOf(selection);
  const count = Object.values(fields).reduce((sum, paths) => sum + paths.length, 0);
  return `${records}, ${count} fields of ${Object.keys(fields).join(', ') || 'nothing'}`;
}

function recordsOf(selection: Selection | undefined): string {
  switch (selection?.type) {
    case 'schools':
      return `${selection.schoolIds.length} schools`;
    case 'sections':
      return `${selection.sectionIds.length} sections`;
    case 'rules':
      return selection.rules.length === 1
        ? 'what a rule chooses'
        : `what ${selection.rules.length} rules choose`;
    case 'everything':
    case undefined:
      return 'everything';
  }
}
