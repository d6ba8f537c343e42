import { Anchor, Badge, Code, SegmentedControl, Select, Text } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { get, post } from '../shared/api';
import { ConfirmButton, notify } from '../shared/dialogs';
import { formatAgo, formatInstant, formatNumber } from '../shared/format';
import { PagedTable } from '../shared/paged-table';
import { Loaded, PageTitle, Section } from '../shared/states';
import { common, staff, staffWebhooks as t, webhooks as words } from '../strings';
import { useMayChange, usePaged, type Api } from './data';

type Webhook = Api['WatchedWebhookResponse'];
type Delivery = Api['WatchedDeliveryResponse'];

function State({ webhook }: { webhook: Webhook }) {
  if (!webhook.isEnabled) return <Badge color="red">{webhook.goneAt ? t.gone : words.off}</Badge>;
  if (webhook.dead > 0) return <Badge color="orange">{t.failing}</Badge>;
  return <Badge color="teal">{words.on}</Badge>;
}

/** The webhooks of all partners, and how their deliveries are. */
export function WebhooksPage() {
  const [params, setParams] = useSearchParams();
  const state = params.get('state') ?? '';
  const list = usePaged<Webhook>('/v1/webhooks', { state });
  return (
    <>
      <PageTitle title={t.title} lead={t.lead} />
      <Section
        title={t.title}
        isWholePage
        aside={
          <SegmentedControl
            aria-label={common.filter}
            value={state}
            onChange={(next) => setParams(next ? { state: next } : {}, { replace: true })}
            data={[
              { value: '', label: common.all },
              { value: 'failing', label: t.onlyFailing },
            ]}
          />
        }
      >
        <PagedTable
          query={list}
          label={t.title}
          empty={state === '' ? t.none : t.noneFailing}
          keyOf={({ id }) => id}
          columns={[
            {
              name: staff.app,
              cell: ({ id, appName, partnerName }) => (
                <div>
                  <Anchor component={Link} to={`/webhooks/${id}`} fw={600}>
                    {appName}
                  </Anchor>
                  <Text size="sm" c="dimmed">
                    {partnerName}
                  </Text>
                </div>
              ),
            },
            { name: t.address, cell: ({ url }) => <span className="wrap">{url}</span> },
            { name: staff.status, cell: (webhook) => <State webhook={webhook} /> },
            { name: t.pending, isNumber: true, cell: ({ pending }) => formatNumber(pending) },
            { name: t.dead, isNumber: true, cell: ({ dead }) => formatNumber(dead) },
            {
              name: t.lastDelivered,
              cell: ({ deliveredAt }) => (deliveredAt ? formatAgo(deliveredAt) : common.never),
            },
          ]}
        />
      </Section>
    </>
  );
}

/** One webhook: what was sent to it, and what was given up sent again. */
export function WebhookPage() {
  const { id = '' } = useParams();
  const client = useQueryClient();
  const mayChange = useMayChange();
  const webhook = useQuery({
    queryKey: ['webhooks', id],
    queryFn: ({ signal }) => get<Webhook>(`/v1/webhooks/${id}`, { signal }),
  });
  const again = () => client.invalidateQueries();
  const replayAll = async () => {
    const since = new Date(Date.now() - 30 * 86_400_000).toISOString();
    const { replayed } = await post<{ replayed: number }>(`/v1/webhooks/${id}/replay`, { body: { since } });
    notify(t.replayedAll(replayed));
    await again();
  };
  return (
    <>
      <Anchor component={Link} to="/webhooks" size="sm">
        ← {t.title}
      </Anchor>
      <Loaded query={webhook}>
        {(data) => (
          <>
            <PageTitle
              title={data.appName}
              lead={
                <span className="wrap">
                  {data.description ? `${data.description}, ${data.url}` : data.url}
                </span>
              }
            >
              <State webhook={data} />
              {mayChange && data.isEnabled && data.dead > 0 && (
                <ConfirmButton
                  title={t.replayTitle}
                  body={t.replayBody(data.dead)}
                  verb={t.replayAll}
                  isDestructive={false}
                  act={replayAll}
                >
                  {t.replayAll}
                </ConfirmButton>
              )}
            </PageTitle>
            <Text size="sm" mb="md">
              {t.toldOf}: {data.types.length === 0 ? words.everything : data.types.join(', ')}
            </Text>
            <Deliveries webhook={data} onReplay={again} />
          </>
        )}
      </Loaded>
    </>
  );
}

const COLORS: Readonly<Record<string, string>> = { pending: 'blue', delivered: 'teal', dead: 'red' };

function Deliveries({ webhook, onReplay }: { webhook: Webhook; onReplay: () => Promise<unknown> }) {
  const mayChange = useMayChange();
  const [status, setStatus] = useState('');
  const list = useInfiniteQuery({
    queryKey: ['deliveries', webhook.id, status],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      get<Api['WatchedDeliveriesPage']>(`/v1/webhooks/${webhook.id}/deliveries`, {
        signal,
        query: { limit: 50, status, startingAfter: pageParam },
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const answerOf = ({ attempts }: Delivery) => {
    const last = attempts.at(-1);
    return last ? `${last.httpStatus ?? last.error ?? ''}, ${formatInstant(last.at)}` : '–';
  };
  return (
    <Section
      title={words.deliveries}
      aside={
        <Select
          aria-label={staff.status}
          value={status}
          allowDeselect={false}
          onChange={(next) => setStatus(next ?? '')}
          data={[
            { value: '', label: words.anyStatus },
            ...Object.entries(words.statuses).map(([value, label]) => ({ value, label })),
          ]}
        />
      }
    >
      <PagedTable
        query={list}
        label={words.deliveries}
        empty={words.noDeliveries}
        keyOf={({ id }) => id}
        columns={[
          { name: words.event, cell: ({ eventType }) => <Code>{eventType}</Code> },
          { name: words.at, cell: ({ eventAt }) => formatInstant(eventAt) },
          {
            name: staff.status,
            cell: (each) => (
              <Badge color={COLORS[each.status] ?? 'gray'}>
                {words.statuses[each.status] ?? each.status}
              </Badge>
            ),
          },
          { name: words.tries, isNumber: true, cell: ({ attempts }) => formatNumber(attempts.length) },
          { name: words.lastAnswer, cell: answerOf },
          {
            name: common.actions,
            cell: ({ id, status: now, eventType }) =>
              mayChange &&
              webhook.isEnabled &&
              now !== 'pending' && (
                <ConfirmButton
                  size="xs"
                  label={`${words.replay}: ${eventType}`}
                  title={t.replayOneTitle}
                  body={t.replayOneBody(webhook.appName)}
                  verb={words.replay}
                  isDestructive={false}
                  act={async () => {
                    await post(`/v1/webhooks/${webhook.id}/deliveries/${id}/replay`);
                    await onReplay();
                  }}
                  done={words.replayed}
                >
                  {words.replay}
                </ConfirmButton>
              ),
          },
        ]}
      />
    </Section>
  );
}
