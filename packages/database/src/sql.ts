import { QueryFailedError } from 'typeorm';

/** What runs SQL: a data source, an entity manager of a transaction, a query runner. */
export interface Sql {
  // TypeORM's own signature; the callers of rows() name the shape.
  query(text: string, parameters?: unknown[]): Promise<unknown>;
}

/** The rows of a SELECT or of a RETURNING, of whatever verb. */
export async function rows<Row>(sql: Sql, text: string, parameters?: unknown[]): Promise<Row[]> {
  const result = (await sql.query(text, parameters)) as Row[] | [Row[], number];
  // TypeORM answers UPDATE and DELETE with a pair of rows and count.
  const isPair = result.length === 2 && Array.isArray(result[0]) && typeof result[1] === 'number';
  return isPair ? (result[0] as Row[]) : (result as Row[]);
}

export async function firstRow<Row>(
  sql: Sql,
  text: string,
  parameters?: unknown[],
): Promise<Row | undefined> {
  return (await rows<Row>(sql, text, parameters))[0];
}

/** The constraint that a statement broke, by its name; undefined of any other error. */
export function brokenConstraint(error: unknown): string | undefined {
  const cause = error instanceof QueryFailedError ? (error.driverError as unknown) : error;
  const { constraint } = (cause ?? {}) as { constraint?: string };
  return constraint;
}
