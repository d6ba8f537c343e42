import { Anchor, Badge, Button, Code, Modal, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link, useParams } from 'react-router';
import { get, getAll, post } from '../shared/api';
import { DataTable } from '../shared/data-table';
import { ConfirmButton, notify } from '../shared/dialogs';
import { FormEnd } from '../shared/fields';
import { formatAgo, formatDay, formatNumber } from '../shared/format';
import { Secret } from '../shared/secret';
import { EmptyState, ErrorState, Loaded, PageTitle, Section } from '../shared/states';
import { common, credentials as t, partner, staff } from '../strings';
import { useMayChange, type Api, type App } from './data';

interface ApiKey {
  id: string;
  masked: string;
  origin: string;
  status: string;
  createdAt: string;
}

interface ClientSecret {
  id: string;
  masked: string;
  state: string;
  createdAt: string;
  expiresAt: string | null;
  retiresAt: string | null;
  uses: { lastAt: string; uses: number }[];
}

/** What an app signs in with: its legacy keys and its client secrets. */
export function CredentialsPage() {
  const { id = '' } = useParams();
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
            <ClientSecrets appId={id} />
            <ApiKeys appId={id} />
          </>
        )}
      </Loaded>
    </>
  );
}

const stateColor = (state: string) => (state === 'live' || state === 'active' ? 'teal' : 'gray');

function ClientSecrets({ appId }: { appId: string }) {
  const mayChange = useMayChange();
  const client = useQueryClient();
  const [shown, setShown] = useState<string>();
  const secrets = useQuery({
    queryKey: ['client-secrets', appId],
    queryFn: ({ signal }) => get<{ data: ClientSecret[] }>(`/v1/apps/${appId}/client-secrets`, { signal }),
  });
  const again = () => client.invalidateQueries({ queryKey: ['client-secrets', appId] });
  return (
    <Section
      title={t.secrets}
      lead={t.secretsLead}
      aside={mayChange && <RotateSecret appId={appId} onMade={setShown} />}
    >
      {shown && <Secret value={shown} title={t.newSecret} hint={t.once} />}
      <Loaded query={secrets}>
        {({ data }) => {
          const live = data.filter(({ state }) => state === 'live').length;
          return (
            <DataTable
              label={t.secrets}
              rows={data.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))}
              keyOf={({ id }) => id}
              columns={[
                { name: t.secret, cell: ({ masked }) => <Code>{masked}</Code> },
                {
                  name: staff.status,
                  cell: ({ state }) => (
                    <Badge color={stateColor(state)}>{partner.states[state] ?? state}</Badge>
                  ),
                },
                { name: t.issued, cell: ({ createdAt }) => formatDay(createdAt) },
                {
                  name: t.ends,
                  cell: ({ retiresAt, expiresAt }) => {
                    const end = [retiresAt, expiresAt].filter((each) => each !== null).toSorted()[0];
                    return end ? formatDay(end) : common.never;
                  },
                },
                { name: staff.lastUsed, cell: ({ uses }) => lastOf(uses) },
                {
                  name: common.actions,
                  cell: ({ id, state, masked, uses }) =>
                    mayChange &&
                    state === 'live' && (
                      <ConfirmButton
                        size="xs"
                        label={`${t.revoke}: ${masked}`}
                        title={t.revokeSecretTitle(masked)}
                        body={`${t.revokeSecretBody(countOf(uses), uses.length, live === 1)} ${common.irreversible}`}
                        verb={t.revoke}
                        act={async () => {
                          const { successor } = await post<{ successor?: { clientSecret?: string } | null }>(
                            `/v1/apps/${appId}/client-secrets/${id}/revoke`,
                          );
                          setShown(successor?.clientSecret);
                          await again();
                        }}
                        done={t.revoked}
                      >
                        {t.revoke}
                      </ConfirmButton>
                    ),
                },
              ]}
            />
          );
        }}
      </Loaded>
    </Section>
  );
}

const countOf = (uses: ClientSecret['uses']) => uses.reduce((sum, each) => sum + each.uses, 0);
const lastOf = (uses: ClientSecret['uses']) => {
  const last = uses
    .map(({ lastAt }) => lastAt)
    .toSorted()
    .at(-1);
  return last ? formatAgo(last) : common.never;
};

function RotateSecret({ appId, onMade }: { appId: string; onMade: (secret: string) => void }) {
  const client = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const [grace, setGrace] = useState('604800');
  const rotate = useMutation({
    mutationFn: () =>
      post<{ clientSecret: string }>(`/v1/apps/${appId}/client-secrets/rotate`, {
        body: { graceSeconds: Number(grace) },
      }),
    onSuccess: async ({ clientSecret }) => {
      onMade(clientSecret);
      close();
      await client.invalidateQueries({ queryKey: ['client-secrets', appId] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rotate.mutate();
  };
  return (
    <>
      <Button
        onClick={() => {
          rotate.reset();
          open();
        }}
      >
        {t.rotate}
      </Button>
      <Modal opened={isOpen} onClose={close} title={t.rotateTitle}>
        <form onSubmit={submit}>
          <Stack>
            <Text size="sm">{t.rotateText}</Text>
            <Select
              label={t.grace}
              data={partner.graceChoices}
              value={grace}
              allowDeselect={false}
              onChange={(next) => next && setGrace(next)}
            />
            {rotate.error && <ErrorState error={rotate.error} />}
            <FormEnd verb={t.rotate} isBusy={rotate.isPending} onCancel={close} />
          </Stack>
        </form>
      </Modal>
    </>
  );
}

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
