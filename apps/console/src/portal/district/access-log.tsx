import { Select, SimpleGrid } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get } from '../../shared/api';
import { DownloadButton } from '../../shared/download';
import { formatDay, formatNumber, kindName } from '../../shared/format';
import { PageTitle, Section } from '../../shared/states';
import { district as t } from '../../strings';
import { useDistrictScope, type Api } from '../scope';
import { useListedApps } from './data';
import { PagedTable } from '../../shared/paged-table';

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** Who was served how many records, by day. */
export function AccessLogPage() {
  const scope = useDistrictScope();
  const apps = useListedApps();
  const [from, setFrom] = useState<string | null>(() => daysAgo(29));
  const [to, setTo] = useState<string | null>(() => daysAgo(0));
  const [appId, setAppId] = useState<string | null>(null);
  const filters = { from, to, appId };
  const log = useInfiniteQuery({
    queryKey: ['access-log', scope, filters],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      get<Api['AccessLogPage']>('/v1/district/access-log', {
        scope,
        signal,
        query: { ...filters, limit: 200, startingAfter: pageParam },
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  return (
    <>
      <PageTitle title={t.accessLog} lead={t.logLead} />
      <Section
        title={t.accessLog}
        isWholePage
        aside={
          <DownloadButton
            path="/v1/district/access-log"
            options={{ scope, query: filters }}
            name="access-log.csv"
          />
        }
      >
        <SimpleGrid cols={{ base: 1, sm: 3 }} mb="md">
          <DateInput label={t.from} value={from} onChange={setFrom} valueFormat="MMM D, YYYY" />
          <DateInput label={t.to} value={to} onChange={setTo} valueFormat="MMM D, YYYY" />
          <Select
            label={t.app}
            placeholder={t.anyApp}
            clearable
            searchable
            data={(apps.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={appId}
            onChange={setAppId}
          />
        </SimpleGrid>
        <PagedTable
          query={log}
          label={t.accessLog}
          empty={t.logEmpty}
          keyOf={(row) => `${row.day} ${row.app.id} ${row.credentialType} ${row.kind}`}
          columns={[
            { name: t.day, cell: ({ day }) => formatDay(day) },
            { name: t.app, cell: ({ app }) => app.name },
            { name: t.credential, cell: ({ credentialType }) => t.credentials[credentialType] },
            { name: t.kind, cell: ({ kind }) => kindName(kind) },
            { name: t.calls, isNumber: true, cell: ({ calls }) => formatNumber(calls) },
            { name: t.records, isNumber: true, cell: ({ records }) => formatNumber(records) },
          ]}
        />
      </Section>
    </>
  );
}
