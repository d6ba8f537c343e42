// Makes docs/configuration.md of the classes that configure the services and of the launcher's variables: names, defaults, limits and
// doc comments as they stand in the source. With --write it writes the page; without, it fails where the page is out of date.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import prettier from 'prettier';
import ts from 'typescript';

const at = (path) => new URL(`../../${path}`, import.meta.url);
const PAGE = at('docs/configuration.md');
const ALL = ['token-service', 'data-api', 'admin'];

/** The classes in the order of the page, and which services each configures. */
const CLASSES = [
  ['packages/service-kit/src/config/service-config.ts', 'ServiceConfig', ALL],
  ['packages/service-kit/src/config/service-config.ts', 'SealingServiceConfig', ['token-service', 'admin']],
  ['apps/token-service/src/config.ts', 'TokenServiceConfig', ['token-service']],
  ['apps/data-api/src/config.ts', 'DataApiConfig', ['data-api']],
  ['apps/admin/src/config.ts', 'AdminConfig', ['admin']],
];
const LAUNCHER = 'packages/launcher/src/config.ts';

const parsed = new Map();
function sourceOf(path) {
  if (!parsed.has(path))
    parsed.set(path, ts.createSourceFile(path, readFileSync(at(path), 'utf8'), ts.ScriptTarget.Latest, true));
  return parsed.get(path);
}

function faulty(path, name, what) {
  return new Error(`${path}: ${name} ${what}`);
}

/** The text of a doc comment, as one line. */
function commentOf(node) {
  const [last] = ts.getJSDocCommentsAndTags(node).slice(-1);
  return (ts.getTextOfJSDocComment(last?.comment) ?? '').replaceAll(/\s+/g, ' ').trim();
}

/** A literal's value; undefined of what is none. */
function valueOf(node) {
  if (!node) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  return undefined;
}

/** The message of a decorator's options, also when it is made by an arrow function. */
function messageIn(node) {
  let found;
  const visit = (each) => {
    const isMessage = ts.isPropertyAssignment(each) && /^(message|defaultMessage)$/.test(each.name.getText());
    if (isMessage)
      found ??= valueOf(ts.isArrowFunction(each.initializer) ? each.initializer.body : each.initializer);
    ts.forEachChild(each, visit);
  };
  visit(node);
  return found;
}

/** What the decorators ask of a field: words for its limits, and whether it must be set. */
function rulesOf(member, path) {
  const calls = new Map();
  for (const { expression } of ts.getDecorators(member) ?? [])
    calls.set(expression.expression.getText(), expression);
  const number = (name) => valueOf(calls.get(name)?.arguments[0])?.toLocaleString('en').replaceAll(',', '');
  const words = [];
  let isNeeded = false;
  if (calls.has('IsBoolean')) words.push('`true` or `false`');
  if (calls.has('IsInt')) words.push('whole number');
  if (calls.has('Min') && calls.has('Max')) words.push(`${number('Min')} to ${number('Max')}`);
  if (calls.has('IsUrl')) words.push('address, http or https');
  if (calls.has('MaxLength')) words.push(`${number('MaxLength')} characters at the most`);
  if (calls.has('IsKeyring')) {
    isNeeded = true;
    words.push('keyring');
  }
  for (const name of ['IsNotEmpty', 'Matches', 'ValidateBy']) {
    const call = calls.get(name);
    const message = call && messageIn(call);
    if (call && !message) throw faulty(path, member.name.getText(), `has ${name} without a message`);
    if (!call) continue;
    const said = message.replace(`${member.name.getText()} `, '');
    if (said.startsWith('is missing')) isNeeded = true;
    else words.push(said.replace(/^(is|are) /, ''));
  }
  // A decorator of the file's own makes a field count only beside another.
  let beside;
  for (const statement of member.getSourceFile().statements.filter(ts.isVariableStatement)) {
    const [{ name }] = statement.declarationList.declarations;
    if (calls.has(name.getText())) [beside] = statement.getText().match(/\b[A-Z]+(_[A-Z]+)+\b/) ?? [];
  }
  const known =
    /^(Is(Boolean|Int|Url|String|Optional|NotEmpty|Keyring)|Min|Max|MaxLength|Matches|ValidateBy|With\w+)$/;
  for (const name of calls.keys())
    if (!known.test(name)) throw faulty(path, member.name.getText(), `has ${name}, which is not known here`);
  if (words.length === 0) words.push('text');
  return { words, isNeeded, beside };
}

/** The rows of the services: a variable that a class only sets anew belongs to the row that it has. */
function serviceRows() {
  const rows = [];
  for (const [path, className, services] of CLASSES) {
    const found = sourceOf(path).statements.find(
      (each) => ts.isClassDeclaration(each) && each.name?.text === className,
    );
    if (!found) throw faulty(path, className, 'is missing');
    for (const member of found.members.filter(ts.isPropertyDeclaration)) {
      const name = member.name.getText();
      const value = valueOf(member.initializer);
      if (value === undefined) throw faulty(path, name, 'has a default that is no literal');
      if (member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.OverrideKeyword)) {
        const row = rows.find((each) => each.name === name);
        row.defaults.push([services[0], value]);
        continue;
      }
      const meaning = commentOf(member);
      if (!meaning) throw faulty(path, name, 'has no doc comment');
      rows.push({ name, services, defaults: [], value, meaning, ...rulesOf(member, path) });
    }
  }
  return rows;
}

function launcherRows() {
  const declaration = sourceOf(LAUNCHER)
    .statements.filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find((each) => each.name.getText() === 'DEFAULTS');
  return declaration.initializer.expression.properties.map((property) => {
    const meaning = commentOf(property);
    if (!meaning) throw faulty(LAUNCHER, property.name.getText(), 'has no doc comment');
    return { name: property.name.getText(), value: valueOf(property.initializer), meaning };
  });
}

const code = (value) => `\`${value}\``;
const labels = { 'token-service': 'token service', 'data-api': 'data API', admin: 'admin' };
const cell = (text) => text.replaceAll('|', '\\|').replace(/\.$/, '');

function defaultOf({ name, isNeeded, beside, words, value, defaults }) {
  if (defaults.length > 0)
    return ALL.map((service) => code(defaults.find(([each]) => each === service)[1])).join(', ');
  if (isNeeded && words.includes('keyring'))
    return `(needed, or ${code(`${name}_FILE`)}, or ${code('…_COMMAND')})`;
  if (isNeeded) return beside ? `(needed with ${code(beside)})` : '(needed)';
  return value === '' ? '' : code(value);
}

async function page() {
  const services = serviceRows();
  const rows = services.map((row) => [
    code(row.name),
    row.services.length === ALL.length ? 'all' : row.services.map((each) => labels[each]).join(', '),
    defaultOf(row),
    cell(row.words.join(', ')),
    cell(row.meaning),
  ]);
  const table = (head, lines) =>
    [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const launcher = launcherRows().map(({ name, value, meaning }) => [
    code(name),
    value === '' ? '' : code(value),
    cell(meaning),
  ]);
  if (rows.length < 30 || launcher.length < 7) throw new Error('variables have been lost');
  const text = `# Configuration

<!-- Made of the source by apps/docs/configuration.mjs: \`pnpm run configuration\` in apps/docs. Do not edit. -->

Everything is configured by environment variables; one that is empty counts as unset. How to run Hallpass with them is in
[operations](operations.md).

## The launcher

What \`npm start\` reads. It hands on to the services whatever else is set, but for what follows from these and from
its folder: their ports, database, keys and folder of uploads.

${table(['variable', 'default', 'meaning'], launcher)}

## A service

For those who run the services one by one, in containers for example. A service that is not configured well does not start, and
tells all faults at once, without the values. PORT's defaults are those of the token service, the data API and admin.

${table(['variable', 'services', 'default', 'limits', 'meaning'], rows)}
`;
  const options = await prettier.resolveConfig(PAGE.pathname);
  return prettier.format(text, { ...options, parser: 'markdown' });
}

const text = await page();
const isWriting = process.argv.includes('--write');
if (isWriting) writeFileSync(PAGE, text);
const isTrue = readFileSync(PAGE, 'utf8') === text;
if (!isTrue) console.error('docs/configuration.md is out of date: pnpm run configuration in apps/docs');
const counts = {
  name: 'docs of the configuration',
  passed: isTrue ? 1 : 0,
  failed: isTrue ? 0 : 1,
  skipped: 0,
};
const countsFile = process.env.HALLPASS_TEST_COUNTS;
if (countsFile && !isWriting) appendFileSync(countsFile, `${JSON.stringify(counts)}\n`);
process.exitCode = isTrue ? 0 : 1;
