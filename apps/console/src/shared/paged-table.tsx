import { DataTable, type Column } from './data-table';
import { EmptyState, Loaded } from './states';

/** What a list that the service pages is asked by. */
interface PagedQuery<T> {
  data: { pages: readonly { data: readonly T[] }[] } | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

interface Props<T> {
  query: PagedQuery<T>;
  label: string;
  /** What stands in the place of an empty list. */
  empty: string;
  emptyText?: string | undefined;
  keyOf: (row: T) => string;
  columns: readonly Column<T>[];
}

/** A list that the service pages: as much of it as was asked for, and a way to ask for more. */
export function PagedTable<T>({ query, label, empty, emptyText, keyOf, columns }: Props<T>) {
  return (
    <Loaded query={query}>
      {({ pages }) => {
        const rows = pages.flatMap(({ data }) => data);
        if (rows.length === 0) return <EmptyState title={empty}>{emptyText}</EmptyState>;
        return (
          <DataTable
            label={label}
            rows={rows}
            pageSize={rows.length}
            keyOf={keyOf}
            columns={columns}
            onMore={query.hasNextPage ? () => void query.fetchNextPage() : undefined}
            isLoadingMore={query.isFetchingNextPage}
          />
        );
      }}
    </Loaded>
  );
}
