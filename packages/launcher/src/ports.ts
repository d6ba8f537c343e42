import { createServer } from 'node:net';
import { type Config, PORT_VARIABLES, SERVICES } from './config.js';
import { LaunchError } from './launch-error.js';

/** Throws naming every port that cannot be listened on, and how to choose another. */
export async function requireFreePorts({ host, ports, metricsPorts }: Config): Promise<void> {
  const faults = await Promise.all(
    SERVICES.map(async (service) => ({ service, code: await tryPort(host, ports[service]) })),
  );
  const taken = faults.flatMap(({ service, code }) => {
    const port = ports[service];
    if (code === undefined) return [];
    if (code === 'EADDRINUSE')
      return [
        `Port ${port}, for ${service}, is taken. Choose another: ${PORT_VARIABLES[service]}=${port + 100} npm start`,
      ];
    return [
      `Cannot listen on ${host} port ${port}, for ${service} (${code}). See HOST and ${PORT_VARIABLES[service]}.`,
    ];
  });
  for (const [service, port] of Object.entries(metricsPorts))
    if (port !== 0 && (await tryPort('127.0.0.1', port)) !== undefined)
      taken.push(
        `Cannot listen on port ${port}, for the metrics of ${service}. Choose others: METRICS_PORT=${port + 100} npm start, or none: METRICS_PORT=0 npm start`,
      );
  if (taken.length > 0) throw new LaunchError(taken.join('\n'));
}

/** Undefined when the port is free, or else why not. */
function tryPort(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  return new Promise((done) => {
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(undefined)));
  });
}
