import { Alert, Anchor, Group, Loader, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { get, post } from '../../shared/api';
import { ConfirmButton } from '../../shared/dialogs';
import { formatInstant, formatNumber, kindName } from '../../shared/format';
import { ImportChanges } from '../../shared/import-changes';
import { ImportReport, ImportStatus, changesOf, type Import } from '../../shared/imports';
import { useSignedIn } from '../../shared/session';
import { Loaded, PageTitle, Section } from '../../shared/states';
import { common, district as t } from '../../strings';
import { useDistrictScope, useMayChange, usePlace } from '../scope';
import { PagedTable } from '../../shared/paged-table';
import { UploadSection } from './upload';

export function ImportsPage() {
  const { id } = usePlace();
  const scope = useDistrictScope();
  const mayChange = useMayChange();
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
      {mayChange && <UploadSection />}
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
    refetchInterval: ({ state }) => (state.data?.status === 'running' ? 1000 : false),
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
            {data.status === 'running' && (
              <Group gap="sm" mb="lg" role="status">
                <Loader size="sm" aria-hidden />
                <Text>{t.running}</Text>
              </Group>
            )}
            {data.status === 'held' && <Held report={data} />}
            <ImportReport report={data}>
              {['held', 'published'].includes(data.status) && <Changes report={data} />}
            </ImportReport>
          </>
        )}
      </Loaded>
    </>
  );
}

/** Staff who look on are shown no records here: they have a page of their own. */
function Changes({ report }: { report: Import }) {
  const scope = useDistrictScope();
  const { actingAs } = useSignedIn();
  if (actingAs) return null;
  const path = `/v1/district/imports/${report.id}/changes` as const;
  return <ImportChanges key={report.status} report={report} path={path} scope={scope} />;
}

/** An import that would delete much: it waits until somebody has looked at it. */
function Held({ report }: { report: Import }) {
  const scope = useDistrictScope();
  const mayChange = useMayChange();
  const client = useQueryClient();
  const kinds = report.heldKinds ?? [];
  const deleted = kinds.reduce((sum, kind) => sum + (report.kinds[kind]?.deleted ?? 0), 0);
  const all = Object.values(report.kinds).reduce((sum, kind) => sum + kind.deleted, 0);
  const answer = (verb: 'confirm' | 'discard') => async () => {
    await post(`/v1/district/imports/${report.id}/${verb}`, { scope });
    await client.invalidateQueries();
  };
  return (
    <Alert
      color="orange"
      variant="light"
      title={t.heldTitle}
      icon={<IconAlertTriangle aria-hidden />}
      mb="lg"
    >
      <Text size="sm">{t.heldText(deleted, kinds.map((kind) => kindName(kind)).join(', '))}</Text>
      {mayChange ? (
        <Group mt="md">
          <ConfirmButton
            title={t.confirmTitle}
            body={t.confirmText(all)}
            verb={t.confirmImport}
            act={answer('confirm')}
          >
            {t.confirmImport}
          </ConfirmButton>
          <ConfirmButton
            title={t.discardTitle}
            body={t.discardText}
            verb={t.discardImport}
            done={t.discarded}
            isDestructive={false}
            act={answer('discard')}
          >
            {t.discardImport}
          </ConfirmButton>
        </Group>
      ) : (
        <Text size="sm" mt="sm">
          {common.viewerHint}
        </Text>
      )}
    </Alert>
  );
}
