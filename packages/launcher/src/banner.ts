import type { DemoFile } from '@hallpass/cli';
import { relative } from 'node:path';
import { type Config, urlOf } from './config.js';
import { OPERATOR_TOKEN_FILE } from './operator-token.js';

/** What is said once everything answers: where it is, where the credentials are, and lines to try. */
export function banner(config: Config, demo: DemoFile | undefined, tookMs: number): string {
  return [
    '',
    `  Hallpass is ready (${(tookMs / 1000).toFixed(1)} s). Ctrl-C stops it.`,
    '',
    `  Data API       ${urlOf(config, 'data-api')}`,
    `  Token service  ${urlOf(config, 'token-service')}`,
    `  Admin API      ${urlOf(config, 'admin')}`,
    `  Documentation  ${urlOf(config, 'data-api')}/docs`,
    ...metricsLines(config),
    '',
    ...(demo ? demoLines(config, demo) : plainLines(config)),
    '',
  ].join('\n');
}

function metricsLines({ metricsPorts }: Config): string[] {
  const ports = Object.values(metricsPorts).filter((port) => port !== 0);
  return ports.length === 0 ? [] : [`  Metrics        http://127.0.0.1:${ports.join(', ')} /metrics`];
}

function demoLines(config: Config, demo: DemoFile): string[] {
  const full = demo.apps[0];
  const legacy = demo.apps.find((app) => app.apiKey !== undefined);
  const token = full?.districts[0]?.token;
  return [
    `  Demo credentials are in ${nameOf(config, 'demo.json')}. Try, in another terminal:`,
    '',
    ...(token
      ? [
          '  # The first students of a district, with the token of one app for that district',
          `  curl -H 'Authorization: Bearer ${token}' '${demo.dataApi}/v3.0/users?role=student&limit=3'`,
          '',
        ]
      : []),
    ...(full
      ? [
          "  # The app's server finds its tokens",
          `  curl -u '${full.clientId}:${full.clientSecret}' '${demo.tokenService}/oauth/tokens?owner_type=district'`,
          '',
        ]
      : []),
    ...(legacy?.apiKey
      ? [
          '  # An app still on its API key: see the Deprecation and Sunset headers',
          `  curl -i -u '${legacy.apiKey}:' '${demo.dataApi}/v3.0/schools?limit=1'`,
          '',
        ]
      : []),
    ...(demo.people
      ? [
          '  # People who may sign in, in a browser',
          ...demo.people.map(({ email, password, of, url }) => `  ${email} / ${password}  (${of}, ${url})`),
          '',
        ]
      : []),
    '  # What an operator does',
    '  npx hallpass grant list',
  ];
}

function plainLines(config: Config): string[] {
  const file = nameOf(config, OPERATOR_TOKEN_FILE);
  return [
    '  There is no demo: it is made only in an embedded database of its own, on a loopback address.',
    `  The first operator's token is in ${file}. Try, in another terminal:`,
    '',
    `  export HALLPASS_ADMIN_URL=${urlOf(config, 'admin')} HALLPASS_OPERATOR_TOKEN="$(cat ${file})"`,
    '  npx hallpass partner create --name "Our first partner"',
  ];
}

function nameOf({ root, folder }: Config, name: string): string {
  const path = relative(root, folder);
  return path.startsWith('..') ? `${folder}/${name}` : `${path}/${name}`;
}
