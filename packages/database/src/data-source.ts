import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { entities } from './entities.js';
import { migrationClasses } from './migration-classes.js';
import { roleOf, type ServiceName } from './service-roles.js';

export interface DatabaseOptions {
  url: string;
  /** The service whose role the connections take on; left out by those who migrate. */
  service?: ServiceName;
  /** Connections kept at the most. */
  poolSize?: number;
}

/** An unopened TypeORM data source; each session acts as the service's role and no other. */
export function createDataSource({ url, service, poolSize = 10 }: DatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    entities,
    migrations: migrationClasses(),
    migrationsTableName: 'migrations',
    applicationName: `hallpass ${service ?? 'migrations'}`,
    // Counters and seqs stay far below 2^53.
    parseInt8: true,
    // Whoever cannot be served within this time is told so, rather than kept waiting for a database that is away.
    connectTimeoutMS: 5_000,
    extra: {
      max: poolSize,
      // A burst finds its connections open, with their plans made: a fresh one takes a tenth of a second, of the others as well.
      ...(service === undefined ? {} : { idleTimeoutMillis: 600_000 }),
      ...(service === undefined ? {} : { options: `-c role=${roleOf(service)}` }),
    },
  });
}

/** The pg pool beneath an opened data source, for named statements, COPY and LISTEN. */
export function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}
