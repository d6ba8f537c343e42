import { Anchor, Badge, Code } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { get, getAll, post } from '../shared/api';
import { ClientSecrets } from '../shared/client-secrets';
import { DataTable } from '../shared/data-table';
import { ConfirmButton, notify } from '../shared/dialogs';
import { formatAgo, formatDay, formatNumber } from '../shared/format';
import { Secret } from '../shared/secret';
import { EmptyState, Loaded, PageTitle, Section } from '../shared/states';
import { common, credentials as t, staff } from '../strings';
import { useMayChange, type Api, type App } from './data';

interface ApiKey {
  id: string;
  masked: string;
  origin: string;
  status: string;
  createdAt: string;
}

type Uses = readonly { lastAt: string; uses: number }[];

/** What an app signs in with: its legacy keys and its client secrets. */
export function CredentialsPage() {
  const { id = '' } = useParams();
  const mayChange = useMayChange();
  const app = useQuery({
    queryKey: ['apps', id],
    queryFn: ({ signal }) => get<App>(`/v1/apps/${id}`, { signal }),
  });
  return (
    <>
      <Anchor component={Link} to={`/apps/${id}`} size="sm">
        ← {staff.app}
      </Anchor>
      <Loaded query={app}>
        {({ name, clientId }) => (
          <>
            <PageTitle
              title={t.title(name)}
              lead={
                <>
                  {staff.clientId}: <Code>{clientId}</Code>
                </>
              }
            />
            <ClientSecrets appId={id} mayChange={mayChange} />
            <ApiKeys appId={id} />
          </>
        )}
      </Loaded>
    </>
  );
}

const stateColor = (state: string) => (state === 'live' || state === 'active' ? 'teal' : 'gray');

const countOf = (uses: Uses) => uses.reduce((sum, each) => sum + each.uses, 0);
const lastOf = (uses: Uses) => {
  const last = uses
    .map(({ lastAt }) => lastAt)
    .toSorted()
    .at(-1);
  return last ? formatAgo(last) : common.never;
};

function ApiKeys({ appId }: { appId: string }) {
  const mayChange = useMayChange();
  const client = useQueryClient();
  const [shown, setShown] = useState<string>();
  const keys = useQuery({
    queryKey: ['api-keys', appId],
    queryFn: ({ signal }) => getAll<ApiKey>(`/v1/apps/${appId}/api-keys`, { signal }),
  });
  // What would break: the recorded use of the app's keys.
  const migration = useQuery({
    queryKey: ['migration', appId],
    queryFn: ({ signal }) => get<Api['MigrationDetailResponse']>(`/v1/migration/${appId}`, { signal }),
    retry: false,
  });
  const again = async () => {
    await client.invalidateQueries({ queryKey: ['api-keys', appId] });
    await client.invalidateQueries({ queryKey: ['migration', appId] });
  };
  const placesOf = (id: string) => migration.data?.keyPlaces.filter(({ keyId }) => keyId === id) ?? [];
  const still = migration.data ? migration.data.districts - migration.data.districtsOnTokens : 0;
  const issue = async () => {
    const { apiKey } = await post<{ apiKey: string }>(`/v1/apps/${appId}/api-keys`);
    setShown(apiKey);
    await again();
  };
  return (
    <Section
      title={t.keys}
      lead={t.keysLead}
      aside={
        mayChange && (
          <ConfirmButton
            title={t.issueTitle}
            body={t.issueBody(migration.data?.districts ?? 0)}
            verb={t.issue}
            isDestructive={false}
            act={issue}
          >
            {t.issue}
          </ConfirmButton>
        )
      }
    >
      {shown && <Secret value={shown} title={t.newKey} hint={t.once} />}
      <Loaded query={keys}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title={t.noKeys}>{t.noKeysText}</EmptyState>
          ) : (
            <DataTable
              label={t.keys}
              rows={rows}
              keyOf={({ id }) => id}
              columns={[
                { name: t.key, cell: ({ masked }) => <Code>{masked}</Code> },
                {
                  name: staff.status,
                  cell: ({ status }) => (
                    <Badge color={stateColor(status)}>{t.statuses[status] ?? status}</Badge>
                  ),
                },
                { name: t.origin, cell: ({ origin }) => t.origins[origin] ?? origin },
                { name: staff.created, cell: ({ createdAt }) => formatDay(createdAt) },
                {
                  name: t.usedFrom,
                  isNumber: true,
                  cell: ({ id }) => formatNumber(placesOf(id).length),
                },
                { name: staff.lastUsed, cell: ({ id }) => lastOf(placesOf(id)) },
                {
                  name: common.actions,
                  cell: ({ id, status, masked }) =>
                    mayChange &&
                    status === 'active' && (
                      <ConfirmButton
                        size="xs"
                        label={`${t.revoke}: ${masked}`}
                        title={t.revokeKeyTitle(masked)}
                        body={`${t.revokeKeyBody(countOf(placesOf(id)), placesOf(id).length, migration.data?.keyCalls ?? 0, still)} ${common.irreversible}`}
                        verb={t.revoke}
                        act={async () => {
                          await post(`/v1/apps/${appId}/api-keys/${id}/revoke`);
                          await again();
                          notify(t.revoked);
                        }}
                      >
                        {t.revoke}
                      </ConfirmButton>
                    ),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Section>
  );
}
