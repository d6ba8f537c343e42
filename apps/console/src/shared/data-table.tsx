import { Button, Center, Group, Pagination, Table, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { common } from '../strings';

export interface Column<T> {
  name: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand under each other. */
  isNumber?: boolean;
}

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
      <Table className="stack-table" verticalSpacing="sm" highlightOnHover aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ name, isNumber }) => (
              <Table.Th key={name} ta={isNumber ? 'right' : undefined}>
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((row) => (
            <Table.Tr key={keyOf(row)}>
              {columns.map(({ name, cell, isNumber }) => (
                <Table.Td
                  key={name}
                  data-label={name}
                  ta={isNumber ? 'right' : undefined}
                  className={isNumber ? 'tabular' : undefined}
                >
                  {cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
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
      {onMore && (
        <Center mt="md">
          <Button variant="default" onClick={onMore} loading={isLoadingMore}>
            {common.showMore}
          </Button>
        </Center>
      )}
    </>
  );
}
