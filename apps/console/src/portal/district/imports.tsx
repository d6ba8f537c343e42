import { Alert, Anchor, Badge, Code, Group, Loader, Select, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { get, post } from '../../shared/api';
import { ConfirmButton } from '../../shared/dialogs';
import { formatInstant, formatNumber, kindName } from '../../shared/format';
import { ImportReport, ImportStatus, changesOf, type Import } from '../../shared/imports';
import { Loaded, PageTitle, Section } from '../../shared/states';
import { common, district as t } from '../../strings';
import { useDistrictScope, useMayChange, usePlace, type Api } from '../scope';
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
            <ImportReport report={data} />
            {data.status === 'published' && <Changes report={data} />}
          </>
        )}
      </Loaded>
    </>
  );
}

/** An import that would delete much: it waits until somebody has looked at it. */
function Held({ report }: { report: Import }) {
  const scope = useDistrictScope();
  const mayChange = useMayChange();
  const client = useQueryClient();
  const kinds = report.heldKinds ?? [];
  const deleted = kinds.reduce((sum, kind) => sum + (report.kinds[kind]?.deleted ?? 0), 0);
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
            body={t.confirmText(deleted)}
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

type ChangesPage = Api['ImportChangesResponse'];
interface RecordChange {
  type: 'created' | 'updated' | 'deleted';
  object: object;
  previousAttributes?: object;
}

const CHANGE_COLORS = { created: 'teal', updated: 'blue', deleted: 'orange' } as const;

/** Record by record what the import did: what is new, what changed from what, and what went. */
function Changes({ report }: { report: Import }) {
  const scope = useDistrictScope();
  const kinds = Object.entries(report.kinds)
    .filter(([, { created, updated, deleted }]) => created + updated + deleted > 0)
    .map(([kind]) => kind);
  const [kind, setKind] = useState(kinds.includes('user') ? 'user' : (kinds[0] ?? 'user'));
  const list = useInfiniteQuery({
    queryKey: ['import-changes', scope, report.id, kind],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      get<ChangesPage>(`/v1/district/imports/${report.id}/changes`, {
        scope,
        signal,
        query: { kind, limit: 50, startingAfter: pageParam },
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  if (kinds.length === 0) return null;
  return (
    <Section title={t.recordChanges} lead={t.recordChangesLead}>
      <Select
        label={t.kind}
        data={kinds.map((each) => ({ value: each, label: kindName(each) }))}
        value={kind}
        onChange={(value) => value && setKind(value)}
        allowDeselect={false}
        maw={320}
        mb="sm"
      />
      <PagedTable
        query={list}
        label={t.recordChanges}
        empty={t.recordChangesNone}
        emptyText={t.recordChangesNoneText}
        keyOf={({ id }) => id}
        columns={[
          { name: t.record, cell: ({ title }) => title },
          {
            name: t.changeType,
            cell: ({ change }) => {
              const { type } = change as unknown as RecordChange;
              return <Badge color={CHANGE_COLORS[type]}>{t[type]}</Badge>;
            },
          },
          {
            name: t.before,
            cell: ({ change }) => {
              const { previousAttributes } = change as unknown as RecordChange;
              return previousAttributes && <Code className="wrap">{JSON.stringify(previousAttributes)}</Code>;
            },
          },
        ]}
      />
    </Section>
  );
}
