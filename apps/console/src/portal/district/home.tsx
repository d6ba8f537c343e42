import { Alert, Anchor, Badge, Button, Card, Group, SimpleGrid, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { get } from '../../shared/api';
import { DataTable } from '../../shared/data-table';
import { formatAgo, formatDay, formatInstant } from '../../shared/format';
import { ImportStatus, changesOf, type Import } from '../../shared/imports';
import { EmptyState, Loaded, PageTitle, Section } from '../../shared/states';
import { district as t } from '../../strings';
import { useDistrictScope, usePlace, type Api } from '../scope';
import { selectionName } from '../../shared/selection';
import { GRANT_COLORS, useGrants, useInvitations, useListedApps, type Grant } from './data';

export function HomePage() {
  const { id, name } = usePlace();
  const scope = useDistrictScope();
  const base = `/districts/${id}`;
  const own = useQuery({
    queryKey: ['district', scope],
    queryFn: ({ signal }) => get<Api['DistrictResponse']>('/v1/district', { scope, signal }),
  });
  const imports = useQuery({
    queryKey: ['imports-latest', scope],
    queryFn: ({ signal }) =>
      get<{ data: Import[] }>('/v1/district/imports', { scope, signal, query: { limit: 10 } }),
  });
  const held = imports.data?.data.find(({ status }) => status === 'held');
  const [last] = imports.data?.data ?? [];
  const grants = useGrants();
  const apps = useListedApps();
  const invitations = useInvitations();
  const names = new Map(apps.data?.map((app) => [app.id, app]));
  const invited = invitations.data?.data ?? [];
  return (
    <>
      <PageTitle title={name} lead={t.homeLead}>
        <Button component={Link} to={`${base}/apps`}>
          {t.findApp}
        </Button>
      </PageTitle>
      {held && (
        <Alert
          color="orange"
          variant="light"
          title={t.heldTitle}
          icon={<IconAlertTriangle aria-hidden />}
          mb="lg"
        >
          <Text size="sm" mb="xs">
            {t.heldHome(formatInstant(held.startedAt), changesOf(held))}
          </Text>
          <Anchor component={Link} to={`${base}/imports/${held.id}`} size="sm">
            {t.look}
          </Anchor>
        </Alert>
      )}
      <Card className="card" padding="md" mb="lg">
        <Text size="sm" c="dimmed">
          {t.lastImport}
        </Text>
        <Loaded query={own}>
          {({ lastImportAt }) => (
            <Text fw={600}>
              {lastImportAt ? `${formatAgo(lastImportAt)} · ${formatInstant(lastImportAt)}` : t.noImport}
            </Text>
          )}
        </Loaded>
        {last && last.id !== held?.id && (
          <Group gap="xs" mt={6}>
            <ImportStatus status={last.status} />
            <Anchor component={Link} to={`${base}/imports/${last.id}`} size="sm">
              {t.lastReport(changesOf(last))}
            </Anchor>
          </Group>
        )}
      </Card>
      {invited.length > 0 && (
        <Section title={t.invited} lead={t.invitedText}>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {invited.map(({ id: invitationId, app, note }) => (
              <Card className="card" padding="md" key={invitationId}>
                <Title order={3}>{app.name}</Title>
                <Text size="sm" c="dimmed">
                  {t.by(app.partner)}
                </Text>
                {note && <Text size="sm">{note}</Text>}
                <Anchor
                  component={Link}
                  to={`${base}/apps/${app.id}?invitation=${invitationId}`}
                  aria-label={`${t.look}: ${app.name}`}
                >
                  {t.look}
                </Anchor>
              </Card>
            ))}
          </SimpleGrid>
        </Section>
      )}
      <Section title={t.sharedWith}>
        <Loaded query={grants}>
          {(rows) =>
            rows.length === 0 ? (
              <EmptyState title={t.nothingShared}>{t.nothingSharedText}</EmptyState>
            ) : (
              <DataTable
                label={t.sharedWith}
                rows={rows.toSorted(
                  (a, b) => Number(a.status === 'revoked') - Number(b.status === 'revoked'),
                )}
                keyOf={(row) => row.id}
                columns={[
                  {
                    name: t.app,
                    cell: (row) => (
                      <div>
                        <Anchor component={Link} to={`${base}/grants/${row.id}`} fw={600}>
                          {names.get(row.appId)?.name ?? row.appId}
                        </Anchor>
                        {names.has(row.appId) && (
                          <Text size="sm" c="dimmed">
                            {t.by(names.get(row.appId)?.partner ?? '')}
                          </Text>
                        )}
                      </div>
                    ),
                  },
                  { name: t.status, cell: (row) => <GrantStatus grant={row} /> },
                  { name: t.shares, cell: ({ selection }) => selectionName(selection) },
                  { name: t.since, cell: ({ createdAt }) => formatDay(createdAt) },
                  { name: t.until, cell: ({ endsAt }) => (endsAt ? formatDay(endsAt) : t.noEnd) },
                ]}
              />
            )
          }
        </Loaded>
      </Section>
    </>
  );
}

export function GrantStatus({ grant }: { grant: Grant }) {
  return (
    <Group gap={6}>
      <Badge color={GRANT_COLORS[grant.status]}>{t.statuses[grant.status]}</Badge>
      {grant.isNarrowing && <Badge color="blue">{t.narrowing}</Badge>}
      {grant.awaits === 'publication' && <Badge color="blue">{t.preparing}</Badge>}
    </Group>
  );
}
