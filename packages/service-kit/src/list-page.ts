import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import type { EntityTarget, EntityManager, FindOptionsWhere, ObjectLiteral } from 'typeorm';
import { Problem } from './problems/problem.js';

export class ListQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 1000, default: 100 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit: number = 100;

  /** The `next` of the page before. */
  @ApiPropertyOptional()
  @IsOptional()
  @Matches(/^[0-9a-f]{24}$/, { message: 'startingAfter is taken from `next`' })
  startingAfter?: string;
}

export interface ListPage<T> {
  data: T[];
  /** Pass as `startingAfter` for the page that follows; null on the last. */
  next: string | null;
}

/** In which order a list stands. Rows with equal values stand by id, so that each has one place. */
export interface ListOrder<Row> {
  by: keyof Row & string;
  /** The greatest, the latest first. */
  descending?: boolean;
  /** Whether capital letters stand with small ones. */
  foldsCase?: boolean;
}

/** Which rows a list has, and in which order. */
export interface ListOf<Row> {
  order: ListOrder<Row>;
  /** Whose rows they are: of nobody else's anything is told. */
  of?: FindOptionsWhere<Row>;
  /** Which of those, as it may change from page to page. */
  where?: FindOptionsWhere<Row>;
}

export const BY_NAME = { by: 'name', foldsCase: true } as const;
export const LATEST_FIRST = { by: 'createdAt', descending: true } as const;
export const LATEST_BEGUN_FIRST = { by: 'startedAt', descending: true } as const;

/** A page of rows; refused when the last of the page before is not of this list. */
export async function listPage<Row extends ObjectLiteral & { id: string }, T>(
  manager: EntityManager,
  target: EntityTarget<Row>,
  { limit, startingAfter }: ListQuery,
  show: (row: Row) => T,
  { order: { by, descending = false, foldsCase = false }, of, where }: ListOf<Row>,
): Promise<ListPage<T>> {
  const direction = descending ? 'DESC' : 'ASC';
  const keyOf = (alias: string) => (foldsCase ? `lower(${alias}.${by})` : `${alias}.${by}`);
  const query = manager
    .createQueryBuilder(target, 'row')
    .where({ ...of, ...where })
    .orderBy(keyOf('row'), direction)
    .addOrderBy('row.id', direction)
    .limit(limit + 1);
  if (startingAfter !== undefined) {
    const last: FindOptionsWhere<Row> = Object.assign({}, of, { id: startingAfter });
    if (!(await manager.existsBy(target, last)))
      throw new Problem('request-invalid', {
        detail: 'startingAfter names nothing of this list. Take it from `next`, or begin anew without it.',
      });
    // Compared in the database: a Date holds less of an instant than a column does.
    query.andWhere(
      (outer) =>
        `(${keyOf('row')}, row.id) ${descending ? '<' : '>'} ${outer
          .subQuery()
          // One text: of several, it is the library that chooses the order.
          .select(`${keyOf('last')}, last.id`)
          .from(target, 'last')
          .where('last.id = :startingAfter', { startingAfter })
          .getQuery()}`,
    );
  }
  const found = await query.getMany();
  const page = found.slice(0, limit);
  return { data: page.map(show), next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}
