import { Table } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, useLayoutEffect, useRef, useState } from 'react';
import { Cells, type Column } from './cells';

const ROW_PX = 54;

export interface NearRowsProps<T> {
  rows: readonly T[];
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
}

/** Each move of the wheel draws the list anew: a row that stays is not. */
const KeptCells = memo(Cells) as unknown as typeof Cells;

/** The rows near the eye; what stands above and below them is as high as its rows would be. */
export function NearRows<T>({ rows, columns, keyOf }: NearRowsProps<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    if (body.current) setTop(body.current.getBoundingClientRect().top + window.scrollY);
  }, [rows.length]);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    overscan: 6,
    scrollMargin: top,
    getItemKey: (i) => keyOf(rows[i] as T),
  });
  const items = virtual.getVirtualItems();
  const above = (items[0]?.start ?? top) - top;
  const below = virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top);
  const space = (height: number) =>
    height > 0 && (
      <tr className="space" aria-hidden style={{ height }}>
        <td colSpan={columns.length} />
      </tr>
    );
  return (
    <Table.Tbody ref={body}>
      {space(above)}
      {items.map(({ key, index }) => (
        <Table.Tr key={key} ref={virtual.measureElement} data-index={index} aria-rowindex={index + 2}>
          <KeptCells row={rows[index] as T} columns={columns} />
        </Table.Tr>
      ))}
      {space(below)}
    </Table.Tbody>
  );
}
