import { resolve } from 'node:path';
import { LaunchError } from './launch-error.js';

export const SERVICES = ['token-service', 'data-api', 'admin'] as const;
export type Service = (typeof SERVICES)[number];

export const PORT_VARIABLES = {
  'token-service': 'TOKEN_SERVICE_PORT',
  'data-api': 'DATA_API_PORT',
  admin: 'ADMIN_PORT',
} as const satisfies Record<Service, keyof typeof DEFAULTS>;
/** The variables that the launcher reads, each with what stands for it when it is not set. */
export const DEFAULTS = {
  /** Address to listen on; the demo is made on loopback alone. */
  HOST: '127.0.0.1',

  /** Port of the token service. */
  TOKEN_SERVICE_PORT: '4001',

  /** Port of the data API. */
  DATA_API_PORT: '4002',

  /** Port of the admin service. */
  ADMIN_PORT: '4003',

  /** First of three ports for metrics, on loopback, in the order above; 0: none. */
  METRICS_PORT: '4101',

  /** Folder for data, keys, logs and demo credentials. */
  HALLPASS_FOLDER: '.hallpass',

  /** A Postgres of your own, as its owner; without it the embedded one is started. */
  DATABASE_URL: '',
} as const;

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

export interface Config {
  /** The repository. */
  root: string;
  /** Data, keys, logs and demo credentials. */
  folder: string;
  host: string;
  ports: Readonly<Record<Service, number>>;
  /** Where each service tells Prometheus how it fares, on the loopback address; 0: nowhere. */
  metricsPorts: Readonly<Record<Service, number>>;
  /** The owner's address of a Postgres of one's own; the embedded one, when absent. */
  databaseUrl: string | undefined;
  /** Only a database of ours on a loopback address may be filled with a demo. */
  isDemo: boolean;
  isFresh: boolean;
}

/** Everything the launcher takes from outside; throws with every fault at once. */
export function readConfig(env: NodeJS.ProcessEnv, args: string[]): Config {
  const faults: string[] = [];
  const ports = readPorts(env, faults);
  const metricsPorts = readMetricsPorts(env, faults);
  const all = [...Object.values(ports), ...Object.values(metricsPorts)].filter((port) => port !== 0);
  if (new Set(all).size < all.length) faults.push('Two services have the same port.');
  const unknown = args.filter((each) => each !== '--fresh');
  if (unknown.length > 0)
    faults.push(`${unknown.join(' ')} is not an option. There is one: npm start -- --fresh.`);
  const databaseUrl = textOf(env, 'DATABASE_URL') || undefined;
  const isFresh = args.includes('--fresh');
  if (isFresh && databaseUrl) {
    faults.push(
      '--fresh deletes embedded data, and DATABASE_URL is set: empty that database yourself, or unset it.',
    );
  }
  if (faults.length > 0) throw new LaunchError(faults.join('\n'));

  const root = resolve(import.meta.dirname, '../../..');
  const host = textOf(env, 'HOST');
  return {
    root,
    folder: resolve(root, textOf(env, 'HALLPASS_FOLDER')),
    host,
    ports,
    metricsPorts,
    databaseUrl,
    isDemo: databaseUrl === undefined && LOOPBACK.includes(host),
    isFresh,
  };
}

/** What is empty counts as unset. */
function textOf(env: NodeJS.ProcessEnv, name: keyof typeof DEFAULTS): string {
  return env[name] || DEFAULTS[name];
}

function readPorts(env: NodeJS.ProcessEnv, faults: string[]): Record<Service, number> {
  const entries = SERVICES.map((service) => {
    const text = textOf(env, PORT_VARIABLES[service]);
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      faults.push(`${PORT_VARIABLES[service]}="${text}" is not a port: a number from 1 to 65535.`);
    }
    return [service, port] as const;
  });
  return Object.fromEntries(entries) as Record<Service, number>;
}

/** METRICS_PORT and the two that follow it, in the order of the services. */
function readMetricsPorts(env: NodeJS.ProcessEnv, faults: string[]): Record<Service, number> {
  const text = textOf(env, 'METRICS_PORT');
  const first = Number(text);
  if (!Number.isInteger(first) || first < 0 || first > 65_533)
    faults.push(`METRICS_PORT="${text}" is not the first of three ports: a number to 65533, or 0 for none.`);
  const entries = SERVICES.map((service, i) => [service, first === 0 ? 0 : first + i] as const);
  return Object.fromEntries(entries) as Record<Service, number>;
}

/** Where a service is reached from this machine: an address that means "all of them" is not one to call. */
export function urlOf({ host, ports }: Config, service: Service): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${ports[service]}`;
}
