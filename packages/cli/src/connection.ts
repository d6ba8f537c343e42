import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AdminError } from './admin-error.js';
import type { AdminClientOptions } from './admin-client.js';

/** What npm start writes for scripts, in `.hallpass/demo.json`. */
export interface DemoFile {
  tokenService: string;
  dataApi: string;
  admin: string;
  operatorToken: string;
  apps: {
    name: string;
    clientId: string;
    clientSecret: string;
    apiKey?: string;
    districts: { id: string; name: string; token: string }[];
  }[];
  /** Who may sign in; made by demos of this version on. */
  people?: { email: string; password: string; of: string; url: string }[];
  /** The district of made-up people that the documentation's samples read. */
  sandbox?: { districtId: string; token: string };
}

/**
 * Where the admin service is and who asks: both from the environment, or both from the nearest `.hallpass/demo.json`. Never
 * one from each, which would hand one installation's token to another.
 */
export function findConnection(env: NodeJS.ProcessEnv, cwd: string): AdminClientOptions {
  const url = env['HALLPASS_ADMIN_URL'];
  const operatorToken = env['HALLPASS_OPERATOR_TOKEN'];
  if (url && operatorToken) return { url, operatorToken };
  if (url || operatorToken) {
    throw notConnected(
      `${url ? 'HALLPASS_OPERATOR_TOKEN' : 'HALLPASS_ADMIN_URL'} is not set, and its partner is.`,
    );
  }
  const demo = findDemo(cwd);
  if (!demo)
    throw notConnected(`No admin service is set, and no .hallpass/demo.json lies in ${cwd} or above it.`);
  return { url: demo.admin, operatorToken: demo.operatorToken };
}

/** Where the token service is, and the app that asks. */
export interface ClientConnection {
  url: string;
  clientId: string;
  clientSecret: string;
}

/** The same for what an app asks: all of it from the environment, or that of the first app of the demo. */
export function findClient(env: NodeJS.ProcessEnv, cwd: string): ClientConnection {
  const [url, clientId, clientSecret] = CLIENT_VARIABLES.map((name) => env[name]);
  if (url && clientId && clientSecret) return { url, clientId, clientSecret };
  if (url || clientId || clientSecret) {
    const missing = CLIENT_VARIABLES.filter((name) => !env[name]).join(' and ');
    throw noClient(`${missing} is not set, and the rest is.`);
  }
  const demo = findDemo(cwd);
  const [app] = demo?.apps ?? [];
  if (!demo || !app) throw noClient(`No app is set, and no .hallpass/demo.json lies in ${cwd} or above it.`);
  return { url: demo.tokenService, clientId: app.clientId, clientSecret: app.clientSecret };
}

/** Where the data API is, and the token of the district that is read. */
export interface DistrictConnection {
  url: string;
  token: string;
}

/**
 * The same for what reads a roster: the address from the environment, the token from there or from standard input; or the first
 * token of the demo.
 */
export async function findDistrict(
  env: NodeJS.ProcessEnv,
  cwd: string,
  input: AsyncIterable<Buffer | string> & { isTTY?: boolean },
): Promise<DistrictConnection> {
  const url = env['HALLPASS_DATA_API_URL'];
  const given = env['HALLPASS_TOKEN'];
  if (given && !url) throw noDistrict('HALLPASS_DATA_API_URL is not set, and HALLPASS_TOKEN is.');
  if (url) {
    const token = given || (input.isTTY ? '' : (await textOf(input)).trim());
    if (!token) throw noDistrict('HALLPASS_DATA_API_URL is set, and no token came with it.');
    return { url, token };
  }
  const demo = findDemo(cwd);
  const [district] = demo?.apps[0]?.districts ?? [];
  if (!demo || !district)
    throw noDistrict(`No token is set, and no .hallpass/demo.json lies in ${cwd} or above it.`);
  return { url: demo.dataApi, token: district.token };
}

async function textOf(input: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  for await (const chunk of input) text += chunk.toString();
  return text;
}

function noDistrict(detail: string): AdminError {
  return new AdminError(
    { title: 'Which district?', detail, code: 'not-connected' },
    'Set HALLPASS_DATA_API_URL, and HALLPASS_TOKEN or a token on standard input; or run npm start and call hallpass from its folder.',
  );
}

const CLIENT_VARIABLES = [
  'HALLPASS_TOKEN_SERVICE_URL',
  'HALLPASS_CLIENT_ID',
  'HALLPASS_CLIENT_SECRET',
] as const;

function noClient(detail: string): AdminError {
  return new AdminError(
    { title: 'Which app?', detail, code: 'not-connected' },
    `Set ${CLIENT_VARIABLES.join(', ')}, or run npm start and call hallpass from its folder.`,
  );
}

function findDemo(cwd: string): DemoFile | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const text = readIfThere(join(folder, '.hallpass', 'demo.json'));
    if (text !== undefined) return JSON.parse(text) as DemoFile;
    if (folder === dirname(folder)) return undefined;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new AdminError(
      { title: 'The demo credentials cannot be read', detail: `${file}: ${code}.` },
      'Run as the user who ran npm start, or set HALLPASS_ADMIN_URL and HALLPASS_OPERATOR_TOKEN.',
    );
  }
}

function notConnected(detail: string): AdminError {
  return new AdminError(
    { title: 'Which Hallpass?', detail, code: 'not-connected' },
    'Set both HALLPASS_ADMIN_URL and HALLPASS_OPERATOR_TOKEN, or run npm start and call hallpass from its folder.',
  );
}
