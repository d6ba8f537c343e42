import { Alert, Anchor, Badge, Button, Card, Group, SimpleGrid, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { get } from '../../shared/api';
import { DataTable } from '../../shared/data-table';
import { Figures } from '../../shared/figures';
import { formatAgo, formatDay, formatInstant, formatNumber } from '../../shared/format';
import { changesOf, type Import } from '../../shared/imports';
import { EmptyState, Loaded, PageTitle, Section } from '../../shared/states';
import { district as t } from '../../strings';
import { useDistrictScope, usePlace } from '../scope';
import { selectionName } from '../../shared/selection';
import { GRANT_COLORS, useGrants, useInvitations, useListedApps, type Grant } from './data';

export function HomePage() {
  const { id, name } = usePlace();
  const scope = useDistrictScope();
  const base = `/districts/${id}`;
  const imports = useQuery({
    queryKey: ['latest-imports', scope],
    queryFn: ({ signal }) =>
      get<{ data: Import[] }>('/v1/district/imports', { scope, signal, query: { limit: 20 } }),
  });
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
      <Loaded query={imports}>
        {({ data }) => (
          <>
            <Attention base={base} imports={data} />
            <Figures figures={figuresOf(data)} />
          </>
        )}
      </Loaded>
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

/** What of its imports a person has to look at: one that waits for an answer, and the latest when it came to nothing. */
function Attention({ base, imports }: { base: string; imports: readonly Import[] }) {
  const held = imports.find(({ status }) => status === 'held');
  const [latest] = imports;
  const broken = latest && ['refused', 'failed'].includes(latest.status) ? latest : undefined;
  const items = [
    ...(held ? [{ of: held, title: t.heldHomeTitle, text: t.heldHome(changesOf(held)) }] : []),
    ...(broken ? [{ of: broken, title: t.brokenTitle, text: t.brokenHome }] : []),
  ];
  return items.map(({ of: { id, startedAt }, title, text }) => (
    <Alert
      key={id}
      color="orange"
      variant="light"
      title={title}
      icon={<IconAlertTriangle aria-hidden />}
      mb="lg"
    >
      <Text size="sm" mb="xs">
        {t.sentAt(formatInstant(startedAt))} {text}
      </Text>
      <Anchor component={Link} to={`${base}/imports/${id}`} size="sm">
        {t.look}
      </Anchor>
    </Alert>
  ));
}

/** When a roster last came in, and how much is in it. */
function figuresOf(imports: readonly Import[]): [string, string][] {
  const last = imports.find(({ status }) => status === 'published' || status === 'unchanged');
  if (!last) return [[t.lastImport, t.noImport]];
  const sizeOf = (kind: string) => {
    const { created = 0, updated = 0, unchanged = 0 } = last.kinds[kind] ?? {};
    return formatNumber(created + updated + unchanged);
  };
  return [
    [t.lastImport, formatAgo(last.finishedAt ?? last.startedAt)],
    ...Object.entries(t.sizes).map(([kind, label]): [string, string] => [label, sizeOf(kind)]),
  ];
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
