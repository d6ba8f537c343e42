import { createDataSource } from './data-source.js';

/**
 * Brings the database at the address up to date, one process at a time; answers how many migrations that took. Its user must own the
 * schema and may create roles.
 */
export async function migrate(url: string): Promise<number> {
  const dataSource = await createDataSource({ url, poolSize: 2 }).initialize();
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock(4736201)');
    return (await dataSource.runMigrations({ transaction: 'all' })).length;
  } finally {
    await lock.query('select pg_advisory_unlock(4736201)').catch(() => undefined);
    await lock.release();
    await dataSource.destroy();
  }
}
