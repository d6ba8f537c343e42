import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import {
  MoreThan,
  type EntityTarget,
  type EntityManager,
  type FindOptionsWhere,
  type ObjectLiteral,
} from 'typeorm';

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

/** A page of rows by id. */
export async function listPage<Row extends ObjectLiteral & { id: string }, T>(
  manager: EntityManager,
  target: EntityTarget<Row>,
  { limit, startingAfter }: ListQuery,
  show: (row: Row) => T,
  where: FindOptionsWhere<Row> = {},
): Promise<ListPage<T>> {
  const place = startingAfter === undefined ? {} : { id: MoreThan(startingAfter) };
  const found = await manager.find(target, {
    where: { ...where, ...place } as FindOptionsWhere<Row>,
    order: { id: 'ASC' } as never,
    take: limit + 1,
  });
  const page = found.slice(0, limit);
  return { data: page.map(show), next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** A page of rows that begin one after another, the latest first. Ids carry no time. */
export function latestPage<Row extends ObjectLiteral & { id: string; startedAt: Date }, T>(
  manager: EntityManager,
  target: EntityTarget<Row>,
  query: ListQuery,
  show: (row: Row) => T,
  where: FindOptionsWhere<Row>,
): Promise<ListPage<T>> {
  return orderedPage(manager, target, query, show, where, {
    by: (row) => `${row}.started_at`,
    direction: 'DESC',
  });
}

/** A page of rows by name, as people look through them. */
export function namedPage<Row extends ObjectLiteral & { id: string; name: string }, T>(
  manager: EntityManager,
  target: EntityTarget<Row>,
  query: ListQuery,
  show: (row: Row) => T,
  where: FindOptionsWhere<Row> = {},
): Promise<ListPage<T>> {
  return orderedPage(manager, target, query, show, where, {
    by: (row) => `lower(${row}.name)`,
    direction: 'ASC',
  });
}

async function orderedPage<Row extends ObjectLiteral & { id: string }, T>(
  manager: EntityManager,
  target: EntityTarget<Row>,
  { limit, startingAfter }: ListQuery,
  show: (row: Row) => T,
  where: FindOptionsWhere<Row>,
  { by, direction }: { by: (row: string) => string; direction: 'ASC' | 'DESC' },
): Promise<ListPage<T>> {
  const rows = manager.createQueryBuilder(target, 'row').where(where);
  if (startingAfter !== undefined) {
    if (!(await manager.existsBy(target, { ...where, id: startingAfter }))) return { data: [], next: null };
    // Compared in the database, whose instants are finer than those of a Date.
    const last = rows.subQuery().select(by('last')).from(target, 'last').where('last.id = :last');
    const sign = direction === 'ASC' ? '>' : '<';
    rows.andWhere(`(${by('row')}, row.id) ${sign} (${last.getQuery()}, :last)`, {
      last: startingAfter,
    });
  }
  const found = await rows
    .orderBy(by('row'), direction)
    .addOrderBy('row.id', direction)
    .limit(limit + 1)
    .getMany();
  const page = found.slice(0, limit);
  return { data: page.map(show), next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}
