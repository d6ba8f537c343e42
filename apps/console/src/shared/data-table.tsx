import { Button, Center, Group, Pagination, Table, Text } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { common } from '../strings';
import { Cells, type Column } from './cells';
import type { NearRowsProps } from './near-rows';

export type { Column } from './cells';

interface Props<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** Rows drawn at once: the browser stays quick however many there are. */
  pageSize?: number;
  onMore?: (() => void) | undefined;
  isLoadingMore?: boolean;
}

/** Beyond so many rows only those near the eye are drawn. */
const DRAWN_MAX = 100;

/** Fetched when a list is long. */
const NearRows = lazy(async () => ({ default: (await import('./near-rows')).NearRows }));

/** A table on a wide screen, a list of cards on a narrow one. */
export function DataTable<T>({
  label,
  columns,
  rows,
  keyOf,
  pageSize = 50,
  onMore,
  isLoadingMore = false,
}: Props<T>) {
  const [chosen, setPage] = useState(1);
  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  const page = Math.min(chosen, pages);
  const shown = rows.slice((page - 1) * pageSize, page * pageSize);
  return (
    <>
      <Table
        className="stack-table"
        verticalSpacing="sm"
        highlightOnHover
        aria-label={label}
        {...(shown.length > DRAWN_MAX ? { 'aria-rowcount': shown.length + 1 } : {})}
      >
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ name, isNumber }) => (
              <Table.Th key={name} ta={isNumber ? 'right' : undefined}>
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        {shown.length > DRAWN_MAX ? (
          <Suspense fallback={<Rows rows={shown.slice(0, DRAWN_MAX)} columns={columns} keyOf={keyOf} />}>
            <NearRows {...({ rows: shown, columns, keyOf } as unknown as NearRowsProps<unknown>)} />
          </Suspense>
        ) : (
          <Rows rows={shown} columns={columns} keyOf={keyOf} />
        )}
      </Table>
      {pages > 1 && (
        <Group justify="space-between" mt="md">
          <Text size="sm" c="dimmed" role="status">
            {common.shown(shown.length, rows.length)}
          </Text>
          <Pagination
            total={pages}
            value={page}
            onChange={setPage}
            size="sm"
            getItemProps={(number) => ({ 'aria-label': common.page(number) })}
            getControlProps={(control) => ({ 'aria-label': control })}
          />
        </Group>
      )}
      {onMore && <More onMore={onMore} isLoading={isLoadingMore} isEager={shown.length >= DRAWN_MAX} />}
    </>
  );
}

function Rows<T>({ rows, columns, keyOf }: Pick<Props<T>, 'rows' | 'columns' | 'keyOf'>) {
  return (
    <Table.Tbody>
      {rows.map((row) => (
        <Table.Tr key={keyOf(row)}>
          <Cells row={row} columns={columns} />
        </Table.Tr>
      ))}
    </Table.Tbody>
  );
}

/** Asks for more when it is pressed, and in a long list already when it comes near the eye. */
function More({ onMore, isLoading, isEager }: { onMore: () => void; isLoading: boolean; isEager: boolean }) {
  const { ref, entry } = useIntersection({ rootMargin: '600px' });
  const isNear = isEager && (entry?.isIntersecting ?? false);
  const ask = useRef(onMore);
  ask.current = onMore;
  useEffect(() => {
    if (isNear && !isLoading) ask.current();
  }, [isNear, isLoading]);
  return (
    <Center mt="md" ref={ref}>
      <Button variant="default" onClick={onMore} loading={isLoading}>
        {common.showMore}
      </Button>
    </Center>
  );
}
