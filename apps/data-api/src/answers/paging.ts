/** Where a list stands, for clients that count pages. */
export interface Paging {
  current: number;
  total: number;
  count: number;
}

/** Clever's, recorded: of an empty list all is zero. */
export function pagingOf(count: number, current: number, limit: number): Paging {
  return count === 0
    ? { current: 0, total: 0, count: 0 }
    : { current, total: Math.ceil(count / limit), count };
}
