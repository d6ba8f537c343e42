import { Badge, Button, Code, Modal, Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get } from '../../shared/api';
import { formatInstant } from '../../shared/format';
import { PageTitle, Section } from '../../shared/states';
import { common, events as t } from '../../strings';
import { useAppScope, type Api } from '../scope';
import { useMigration } from './data';
import { EVENT_TYPES } from './event-types';
import { PagedTable } from '../../shared/paged-table';

const LIMIT = 100;
const SINCE_DAYS = 30;

export function EventsPage() {
  const scope = useAppScope();
  const migration = useMigration();
  const names = new Map(migration.data?.byDistrict.map((each) => [each.districtId, each.districtName]));
  const [type, setType] = useState('');
  const [since] = useState(() => new Date(Date.now() - SINCE_DAYS * 86_400_000).toISOString());
  const [shown, setShown] = useState<Api['PlatformEventEntry']>();
  const list = useInfiniteQuery({
    queryKey: ['events', scope, type],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      get<Api['PlatformEventsResponse']>('/v1/events', {
        scope,
        signal,
        query: { order: 'latest', limit: LIMIT, types: type, since, after: pageParam },
      }),
    getNextPageParam: ({ data, next }) => (data.length === LIMIT ? next : undefined),
  });
  return (
    <>
      <PageTitle title={t.title} lead={t.lead} />
      <Section
        title={t.title}
        isWholePage
        aside={
          <Select
            aria-label={t.type}
            placeholder={common.all}
            clearable
            searchable
            data={EVENT_TYPES}
            value={type || null}
            onChange={(value) => setType(value ?? '')}
          />
        }
      >
        <PagedTable
          query={list}
          label={t.title}
          empty={t.none}
          keyOf={({ id }) => id}
          columns={[
            { name: t.type, cell: (row) => <Badge>{row.type}</Badge> },
            { name: t.at, cell: ({ at }) => formatInstant(at) },
            {
              name: t.district,
              cell: ({ districtId }) => (districtId ? (names.get(districtId) ?? districtId) : '–'),
            },
            {
              name: t.data,
              cell: (row) => (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => setShown(row)}
                  aria-label={`${t.show}: ${row.type}`}
                >
                  {t.show}
                </Button>
              ),
            },
          ]}
        />
      </Section>
      <Modal opened={shown !== undefined} onClose={() => setShown(undefined)} title={shown?.type} size="lg">
        <Code block>{JSON.stringify(shown, null, 2)}</Code>
      </Modal>
    </>
  );
}
