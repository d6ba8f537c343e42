import { Badge, Code, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { get, post, type Scope } from './api';
import { DataTable } from './data-table';
import { ConfirmButton, notify, useReauthentication } from './dialogs';
import { formatAgo, formatInstant, formatNumber } from './format';
import { RotateButton } from './rotate-button';
import { Secret } from './secret';
import { Loaded, Section } from './states';
import { common, partner, settings as t } from '../strings';
import type { components } from '../../dist/api/portal';

type Api = components['schemas'];
type ClientSecret = Api['ListedClientSecret'];

const usesOf = ({ uses }: ClientSecret) => uses.reduce((sum, each) => sum + each.uses, 0);
const lastUseOf = ({ uses }: ClientSecret) =>
  uses
    .map(({ lastAt }) => lastAt)
    .toSorted()
    .at(-1);

interface Props {
  appId: string;
  /** Absent: staff act. */
  scope?: Scope;
  mayChange: boolean;
}

/** The client secrets of an app: at most two live, of which the older is on its way out. */
export function ClientSecrets({ appId, scope, mayChange }: Props) {
  const client = useQueryClient();
  const { dialog, run } = useReauthentication();
  const [issued, setIssued] = useState<string>();
  const path = `/v1/apps/${appId}/client-secrets` as const;
  const key = ['client-secrets', scope, appId];
  const list = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => get<Api['ClientSecretsResponse']>(path, { scope, signal }),
  });
  const again = () => client.invalidateQueries({ queryKey: key });
  const rotate = async (graceSeconds: number) => {
    const made = await run(() =>
      post<Api['RotatedClientSecretResponse']>(`${path}/rotate`, {
        scope,
        body: { graceSeconds },
      }),
    );
    if (made) setIssued(made.clientSecret);
    await again();
  };
  const revoke = async (id: string) => {
    const ended = await run(() =>
      post<Api['RevokedClientSecretResponse']>(`${path}/${id}/revoke`, { scope }),
    );
    if (ended?.successor) setIssued(ended.successor.clientSecret);
    if (ended) notify(t.secretRevoked);
    await again();
  };
  const endGrace = async (id: string) => {
    await post(`${path}/${id}/grace`, { scope, body: { graceSeconds: 0 } });
    await again();
  };
  return (
    <Section
      title={t.secrets}
      lead={t.secretsLead}
      aside={
        mayChange && (
          <RotateButton
            words={{ verb: t.rotate, title: t.rotateTitle, text: t.rotateText, grace: t.grace }}
            rotate={rotate}
          />
        )
      }
    >
      <Stack>
        {issued && <Secret title={t.newSecret} value={issued} hint={t.newSecretHint} />}
        <Loaded query={list}>
          {({ data }) => (
            <DataTable
              label={t.secrets}
              rows={data.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))}
              keyOf={({ id }) => id}
              columns={[
                { name: t.secret, cell: ({ masked }) => <Code>{masked}</Code> },
                {
                  name: partner.status,
                  cell: ({ state, retiresAt }) => (
                    <Stack gap={2}>
                      <Group>
                        <Badge color={state === 'live' ? 'teal' : 'gray'}>
                          {partner.states[state] ?? state}
                        </Badge>
                      </Group>
                      {state === 'live' && retiresAt && (
                        <Text size="xs">{t.retires(formatInstant(retiresAt))}</Text>
                      )}
                    </Stack>
                  ),
                },
                { name: partner.created, cell: ({ createdAt }) => formatInstant(createdAt) },
                { name: partner.placeUses, isNumber: true, cell: (row) => formatNumber(usesOf(row)) },
                {
                  name: partner.lastUsed,
                  cell: (row) => {
                    const last = lastUseOf(row);
                    return last ? formatAgo(last) : common.never;
                  },
                },
                {
                  name: common.actions,
                  cell: (row) =>
                    mayChange &&
                    row.state === 'live' && (
                      <Group gap="xs">
                        {row.retiresAt && (
                          <ConfirmButton
                            size="xs"
                            title={t.endGraceTitle}
                            body={t.revokeText(usesOf(row))}
                            verb={t.endGrace}
                            act={() => endGrace(row.id)}
                          >
                            {t.endGrace}
                          </ConfirmButton>
                        )}
                        <ConfirmButton
                          size="xs"
                          label={`${partner.revoke}: ${row.masked}`}
                          title={t.revokeTitle}
                          body={t.revokeText(usesOf(row))}
                          verb={partner.revoke}
                          act={() => revoke(row.id)}
                        >
                          {partner.revoke}
                        </ConfirmButton>
                      </Group>
                    ),
                },
              ]}
            />
          )}
        </Loaded>
      </Stack>
      {dialog}
    </Section>
  );
}
