import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

export interface Column<T> {
  name: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand under each other. */
  isNumber?: boolean;
}

/** A row's cells; on a narrow screen each says of which column it is. */
export function Cells<T>({ row, columns }: { row: T; columns: readonly Column<T>[] }) {
  return columns.map(({ name, cell, isNumber }) => (
    <Table.Td
      key={name}
      data-label={name}
      ta={isNumber ? 'right' : undefined}
      className={isNumber ? 'tabular' : undefined}
    >
      {cell(row)}
    </Table.Td>
  ));
}
