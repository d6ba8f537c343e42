import type { PoolClient } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

/** One database session for a piece of work that needs temporary tables and COPY beside its transactions. */
export interface Session {
  client: PoolClient;
  runner: QueryRunner;
  /** Commits what the work did, or undoes it and passes its error on. */
  transaction: <T>(work: (tx: EntityManager) => Promise<T>) => Promise<T>;
}

export async function withSession<T>(
  dataSource: DataSource,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  const client = (await runner.connect()) as PoolClient;
  try {
    return await work({ client, runner, transaction: (inside) => inTransaction(runner, inside) });
  } finally {
    await runner.release();
  }
}

async function inTransaction<T>(runner: QueryRunner, work: (tx: EntityManager) => Promise<T>): Promise<T> {
  await runner.startTransaction();
  try {
    const result = await work(runner.manager);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  }
}
