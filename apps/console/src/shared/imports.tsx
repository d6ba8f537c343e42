import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';
import { district as t } from '../strings';
import { DataTable } from './data-table';
import { formatNumber, kindName } from './format';
import { Section } from './states';
import { Text } from '@mantine/core';

interface KindChange {
  created: number;
  updated: number;
  deleted: number;
  unchanged: number;
}
interface ImportProblem {
  class: string;
  code: string;
  file?: string;
  line?: number;
  column?: string;
  message: string;
  mend: string;
}
/** An import as its district and staff see it. */
export interface Import {
  id: string;
  status: string;
  startedAt: string;
  finishedAt: string | null;
  kinds: Record<string, KindChange>;
  heldKinds?: string[];
  problemCounts: { class: string; code: string; file?: string; count: number }[];
  problems?: ImportProblem[];
}

const COLORS: Readonly<Record<string, string>> = {
  running: 'blue',
  held: 'orange',
  published: 'teal',
  unchanged: 'gray',
  refused: 'red',
  failed: 'red',
  discarded: 'gray',
};

export function ImportStatus({ status }: { status: string }) {
  return <Badge color={COLORS[status] ?? 'gray'}>{t.importStatuses[status] ?? status}</Badge>;
}

/** "4,530 created, 12 changed": what an import did, in one line. */
export function changesOf({ kinds }: Import): string {
  const sum = (of: keyof KindChange) => Object.values(kinds).reduce((total, each) => total + each[of], 0);
  const parts = [
    [sum('created'), t.created],
    [sum('updated'), t.updated],
    [sum('deleted'), t.deleted],
  ] as const;
  const said = parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${formatNumber(count)} ${what.toLowerCase()}`);
  return said.join(', ') || t.importStatuses['unchanged'] || '';
}

/** What an import changed by kind, with more of that, and what it found wrong by file and line. */
export function ImportReport({ report, children }: { report: Import; children?: ReactNode }) {
  const problems = report.problems ?? [];
  return (
    <>
      <Section title={t.changes}>
        <DataTable
          label={t.changes}
          rows={Object.entries(report.kinds)}
          keyOf={([kind]) => kind}
          columns={[
            { name: t.kind, cell: ([kind]) => kindName(kind) },
            { name: t.created, isNumber: true, cell: ([, each]) => formatNumber(each.created) },
            { name: t.updated, isNumber: true, cell: ([, each]) => formatNumber(each.updated) },
            { name: t.deleted, isNumber: true, cell: ([, each]) => formatNumber(each.deleted) },
            { name: t.kept, isNumber: true, cell: ([, each]) => formatNumber(each.unchanged) },
          ]}
        />
      </Section>
      {children}
      <Section title={t.problems}>
        {problems.length === 0 ? (
          <Text c="dimmed">{t.problemsNone}</Text>
        ) : (
          <DataTable
            label={t.problems}
            rows={problems}
            keyOf={(each) => JSON.stringify(each)}
            columns={[
              { name: t.file, cell: ({ file }) => file },
              { name: t.line, isNumber: true, cell: ({ line }) => line },
              { name: t.column, cell: ({ column }) => column },
              { name: t.what, cell: ({ message }) => message },
              { name: t.mend, cell: ({ mend }) => mend },
            ]}
          />
        )}
      </Section>
    </>
  );
}
