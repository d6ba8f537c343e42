import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { get } from '../shared/api';
import { DownloadButton } from '../shared/download';
import { formatNumber, formatShare } from '../shared/format';
import { MigrationView, ReadinessBadge, type Migration } from '../shared/migration-view';
import { Loaded, PageTitle, Section } from '../shared/states';
import { migration, staff as t } from '../strings';
import { usePaged, type Api } from './data';
import { PagedTable } from '../shared/paged-table';

export function MigrationsPage() {
  const list = usePaged<Api['MigrationResponse']>('/v1/migration');
  return (
    <>
      <PageTitle title={t.migration} lead={t.migrationLead} />
      <Section
        title={t.apps}
        aside={<DownloadButton path="/v1/migration" options={{}} name="migration.csv" />}
      >
        <PagedTable
          query={list}
          label={t.migration}
          empty={migration.none}
          keyOf={({ appId }) => appId}
          columns={[
            {
              name: t.app,
              cell: ({ appId, appName }) => (
                <Anchor component={Link} to={`/migration/${appId}`} fw={600}>
                  {appName}
                </Anchor>
              ),
            },
            { name: t.partner, cell: ({ partnerName }) => partnerName },
            { name: t.readiness, cell: ({ readiness }) => <ReadinessBadge readiness={readiness} /> },
            { name: t.moved, isNumber: true, cell: ({ shareMoved }) => formatShare(shareMoved) },
            { name: t.keyCalls, isNumber: true, cell: ({ keyCalls }) => formatNumber(keyCalls) },
            {
              name: t.daysLeft,
              isNumber: true,
              cell: ({ daysLeft }) => (daysLeft === null ? '–' : formatNumber(daysLeft)),
            },
            { name: t.nextStep, cell: ({ nextStep }) => nextStep },
          ]}
        />
      </Section>
    </>
  );
}

export function MigrationPage() {
  const { id = '' } = useParams();
  const one = useQuery({
    queryKey: ['migration', id],
    queryFn: ({ signal }) => get<Migration>(`/v1/migration/${id}`, { signal }),
  });
  return (
    <Loaded query={one}>
      {(detail) => (
        <>
          <PageTitle title={`${t.migration}: ${detail.appName}`} lead={detail.partnerName}>
            <ReadinessBadge readiness={detail.readiness} />
          </PageTitle>
          <MigrationView
            detail={detail}
            csv={<DownloadButton path={`/v1/migration/${id}`} options={{}} name="migration.csv" />}
          />
        </>
      )}
    </Loaded>
  );
}
