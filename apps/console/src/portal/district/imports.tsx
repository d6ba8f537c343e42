import { Anchor } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { get } from '../../shared/api';
import { formatInstant, formatNumber } from '../../shared/format';
import { ImportReport, ImportStatus, changesOf, type Import } from '../../shared/imports';
import { Loaded, PageTitle, Section } from '../../shared/states';
import { district as t } from '../../strings';
import { useDistrictScope, usePlace } from '../scope';
import { PagedTable } from '../../shared/paged-table';

export function ImportsPage() {
  const { id } = usePlace();
  const scope = useDistrictScope();
  const list = useInfiniteQuery({
    queryKey: ['imports', scope],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      get<{ data: Import[]; next: string | null }>('/v1/district/imports', {
        scope,
        signal,
        query: { limit: 50, startingAfter: pageParam },
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  return (
    <>
      <PageTitle title={t.imports} lead={t.importsLead} />
      <Section title={t.imports}>
        <PagedTable
          query={list}
          label={t.imports}
          empty={t.noImports}
          keyOf={(row) => row.id}
          columns={[
            {
              name: t.begun,
              cell: (row) => (
                <Anchor component={Link} to={`/districts/${id}/imports/${row.id}`} fw={600}>
                  {formatInstant(row.startedAt)}
                </Anchor>
              ),
            },
            { name: t.status, cell: ({ status }) => <ImportStatus status={status} /> },
            { name: t.changes, cell: changesOf },
            {
              name: t.problems,
              isNumber: true,
              cell: ({ problemCounts }) =>
                formatNumber(problemCounts.reduce((sum, { count }) => sum + count, 0)),
            },
          ]}
        />
      </Section>
    </>
  );
}

export function ImportPage() {
  const { importId = '' } = useParams();
  const { id } = usePlace();
  const scope = useDistrictScope();
  const report = useQuery({
    queryKey: ['import', scope, importId],
    queryFn: ({ signal }) => get<Import>(`/v1/district/imports/${importId}`, { scope, signal }),
  });
  return (
    <>
      <Anchor component={Link} to={`/districts/${id}/imports`} size="sm">
        ← {t.importsBack}
      </Anchor>
      <Loaded query={report}>
        {(data) => (
          <>
            <PageTitle title={`${t.report}: ${formatInstant(data.startedAt)}`}>
              <ImportStatus status={data.status} />
            </PageTitle>
            <ImportReport report={data} />
          </>
        )}
      </Loaded>
    </>
  );
}
