import { Anchor, Badge, Button, Code, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { get, post, request } from '../../shared/api';
import { DataTable } from '../../shared/data-table';
import { ConfirmButton, notify, useReauthentication } from '../../shared/dialogs';
import { formatInstant, formatNumber } from '../../shared/format';
import { Secret } from '../../shared/secret';
import { ErrorState, Loaded, PageTitle, Section } from '../../shared/states';
import { common, webhooks as t } from '../../strings';
import { useAppScope, useMayChange, usePlace, type Api } from '../scope';
import { WebhookState } from './webhooks';
import { PagedTable } from '../../shared/paged-table';

type Delivery = Api['DeliveryResponse'];
const COLORS: Readonly<Record<string, string>> = { pending: 'blue', delivered: 'teal', dead: 'red' };

/** One webhook: its switch, its secret, and what was sent. */
export function DeliveriesPage() {
  const { webhookId = '' } = useParams();
  const { id } = usePlace();
  const scope = useAppScope();
  const webhook = useQuery({
    queryKey: ['webhook', scope, webhookId],
    queryFn: ({ signal }) => get<Api['WebhookResponse']>(`/v1/webhooks/${webhookId}`, { scope, signal }),
  });
  return (
    <>
      <Anchor component={Link} to={`/apps/${id}/webhooks`} size="sm">
        ← {t.back}
      </Anchor>
      <Loaded query={webhook}>
        {(data) => (
          <>
            <PageTitle title={data.description || t.title} lead={<span className="wrap">{data.url}</span>}>
              <WebhookState webhook={data} />
            </PageTitle>
            <Controls webhook={data} />
            <Deliveries webhookId={webhookId} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Controls({ webhook }: { webhook: Api['WebhookResponse'] }) {
  const { id } = usePlace();
  const scope = useAppScope();
  const mayChange = useMayChange();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { dialog, run } = useReauthentication();
  const path = `/v1/webhooks/${webhook.id}` as const;
  const again = async () => {
    await client.invalidateQueries({ queryKey: ['webhook', scope] });
    await client.invalidateQueries({ queryKey: ['deliveries', scope] });
    await client.invalidateQueries({ queryKey: ['webhooks', scope] });
  };
  const test = useMutation({
    mutationFn: () => post(`${path}/test`, { scope }),
    onSuccess: async () => {
      notify(t.tested);
      await again();
    },
  });
  const [secret, setSecret] = useState<string>();
  const turnOn = useMutation({
    mutationFn: () => request('PATCH', path, { scope, body: { isEnabled: true } }),
    onSuccess: again,
  });
  const error = test.error ?? turnOn.error;
  return (
    <Stack mb="lg">
      <Group>
        <Button onClick={() => test.mutate()} loading={test.isPending}>
          {t.test}
        </Button>
        {mayChange && (
          <>
            <ConfirmButton
              title={t.rotate}
              body={t.rotateText}
              verb={t.rotate}
              isDestructive={false}
              act={async () => {
                const made = await run(() =>
                  post<Api['RotatedSecretResponse']>(`${path}/secret/rotate`, {
                    scope,
                    body: { overlapHours: 24 },
                  }),
                );
                setSecret(made?.secret);
              }}
            >
              {t.rotate}
            </ConfirmButton>
            {webhook.isEnabled ? (
              <ConfirmButton
                title={t.turnOff}
                body={t.turnOffText}
                verb={t.turnOff}
                act={async () => {
                  await request('PATCH', path, { scope, body: { isEnabled: false } });
                  await again();
                }}
              >
                {t.turnOff}
              </ConfirmButton>
            ) : (
              <Button variant="default" onClick={() => turnOn.mutate()} loading={turnOn.isPending}>
                {t.turnOn}
              </Button>
            )}
            <ConfirmButton
              title={t.removeTitle}
              body={`${t.removeText} ${common.irreversible}`}
              verb={t.remove}
              act={async () => {
                await request('DELETE', path, { scope });
                await client.invalidateQueries({ queryKey: ['webhooks', scope] });
                await navigate(`/apps/${id}/webhooks`);
              }}
            >
              {t.remove}
            </ConfirmButton>
          </>
        )}
      </Group>
      {secret && <Secret title={t.secret} value={secret} hint={t.secretHint} />}
      {error && <ErrorState error={error} />}
      {dialog}
    </Stack>
  );
}

function Deliveries({ webhookId }: { webhookId: string }) {
  const scope = useAppScope();
  const mayChange = useMayChange();
  const client = useQueryClient();
  const [status, setStatus] = useState('');
  const [shown, setShown] = useState<Delivery>();
  const key = ['deliveries', scope, webhookId, status];
  const list = useInfiniteQuery({
    queryKey: key,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      get<Api['DeliveryListResponse']>(`/v1/webhooks/${webhookId}/deliveries`, {
        scope,
        signal,
        query: { limit: 50, status, startingAfter: pageParam },
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const replay = useMutation({
    mutationFn: (id: string) => post(`/v1/webhooks/${webhookId}/deliveries/${id}/replay`, { scope }),
    onSuccess: async () => {
      notify(t.replayed);
      await client.invalidateQueries({ queryKey: key });
    },
  });
  return (
    <Section
      title={t.deliveries}
      aside={
        <Select
          aria-label={t.anyStatus}
          placeholder={t.anyStatus}
          clearable
          data={Object.entries(t.statuses).map(([value, label]) => ({ value, label }))}
          value={status || null}
          onChange={(value) => setStatus(value ?? '')}
        />
      }
    >
      {replay.error && <ErrorState error={replay.error} />}
      <PagedTable
        query={list}
        label={t.deliveries}
        empty={t.noDeliveries}
        keyOf={(row) => row.id}
        columns={[
          { name: t.event, cell: ({ eventType }) => eventType },
          { name: t.at, cell: ({ eventAt }) => formatInstant(eventAt) },
          {
            name: t.anyStatus,
            cell: (row) => <Badge color={COLORS[row.status]}>{t.statuses[row.status]}</Badge>,
          },
          { name: t.tries, isNumber: true, cell: ({ attempts }) => formatNumber(attempts.length) },
          { name: t.lastAnswer, cell: ({ attempts }) => answerOf(attempts.at(-1)) },
          {
            name: common.actions,
            cell: (row) => (
              <Group gap="xs" justify="flex-end">
                <Button size="xs" variant="default" onClick={() => setShown(row)}>
                  {t.payload}
                </Button>
                {mayChange && row.status !== 'pending' && (
                  <Button
                    size="xs"
                    variant="default"
                    onClick={() => replay.mutate(row.id)}
                    aria-label={`${t.replay}: ${row.eventType}`}
                  >
                    {t.replay}
                  </Button>
                )}
              </Group>
            ),
          },
        ]}
      />
      <Modal opened={shown !== undefined} onClose={() => setShown(undefined)} title={t.payload} size="lg">
        {shown && <Payload delivery={shown} />}
      </Modal>
    </Section>
  );
}

const answerOf = (attempt: Delivery['attempts'][number] | undefined) =>
  attempt ? String(attempt.httpStatus ?? attempt.error ?? '') : '–';

/** The event as the list of events holds it, which is what was sent. */
function Payload({ delivery }: { delivery: Delivery }) {
  const scope = useAppScope();
  const event = useQuery({
    queryKey: ['event', scope, delivery.eventId],
    queryFn: async ({ signal }) => {
      const since = new Date(new Date(delivery.eventAt).getTime() - 1000).toISOString();
      const { data } = await get<Api['PlatformEventsResponse']>('/v1/events', {
        scope,
        signal,
        query: { since, limit: 100 },
      });
      return data.find(({ id }) => id === delivery.eventId) ?? null;
    },
  });
  return (
    <Stack>
      <Loaded query={event}>
        {(data) => (
          <Code block>
            {JSON.stringify(data ?? { id: delivery.eventId, type: delivery.eventType }, null, 2)}
          </Code>
        )}
      </Loaded>
      <Text fw={600} size="sm">
        {t.tries}
      </Text>
      <DataTable
        label={t.tries}
        rows={delivery.attempts}
        keyOf={({ at }) => at}
        columns={[
          { name: t.at, cell: ({ at }) => formatInstant(at) },
          { name: t.lastAnswer, cell: answerOf },
          { name: 'ms', isNumber: true, cell: ({ milliseconds }) => formatNumber(milliseconds) },
        ]}
      />
    </Stack>
  );
}
