import { Anchor, Badge, Button, Group, Modal, MultiSelect, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { get, post } from '../../shared/api';
import { DataTable } from '../../shared/data-table';
import { Secret } from '../../shared/secret';
import { EmptyState, ErrorState, Loaded, PageTitle, Section } from '../../shared/states';
import { common, webhooks as t } from '../../strings';
import { useAppScope, useMayChange, usePlace, type Api } from '../scope';
import { EVENT_TYPES } from './event-types';
import { FormEnd } from '../../shared/fields';

type Webhook = Api['WebhookResponse'];

export function WebhooksPage() {
  const { id } = usePlace();
  const scope = useAppScope();
  const mayChange = useMayChange();
  const list = useQuery({
    queryKey: ['webhooks', scope],
    queryFn: ({ signal }) => get<Api['WebhookListResponse']>('/v1/webhooks', { scope, signal }),
  });
  return (
    <>
      <PageTitle title={t.title} lead={t.lead}>
        {mayChange && <AddWebhook />}
      </PageTitle>
      <Section title={t.title} isWholePage>
        <Loaded query={list}>
          {({ data }) =>
            data.length === 0 ? (
              <EmptyState title={t.none}>{t.noneText}</EmptyState>
            ) : (
              <DataTable
                label={t.title}
                rows={data}
                keyOf={(row) => row.id}
                columns={[
                  {
                    name: t.url,
                    cell: (row) => (
                      <Anchor
                        component={Link}
                        to={`/apps/${id}/webhooks/${row.id}`}
                        className="wrap"
                        fw={600}
                      >
                        {row.url}
                      </Anchor>
                    ),
                  },
                  { name: t.description, cell: ({ description }) => description },
                  {
                    name: t.types,
                    cell: ({ types }) => (types.length === 0 ? t.everything : types.join(', ')),
                  },
                  { name: common.actions, cell: (row) => <WebhookState webhook={row} /> },
                ]}
              />
            )
          }
        </Loaded>
      </Section>
    </>
  );
}

export function WebhookState({ webhook }: { webhook: Webhook }) {
  if (webhook.isEnabled) return <Badge color="teal">{t.on}</Badge>;
  return <Badge color="red">{webhook.goneAt ? t.gone : t.off}</Badge>;
}

function AddWebhook() {
  const scope = useAppScope();
  const client = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const [url, setUrl] = useState('');
  const [description, setDescription] = useState('');
  const [types, setTypes] = useState<string[]>([]);
  const create = useMutation({
    mutationFn: () =>
      post<Api['CreatedWebhookResponse']>('/v1/webhooks', {
        scope,
        body: { url, description, ...(types.length > 0 ? { types } : {}) },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks', scope] }),
  });
  const end = () => {
    close();
    create.reset();
    setUrl('');
    setDescription('');
    setTypes([]);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <>
      <Button onClick={open}>{t.add}</Button>
      <Modal opened={isOpen} onClose={end} title={t.add} size="lg">
        {create.data ? (
          <Stack>
            <Secret title={t.secret} value={create.data.secret} hint={t.secretHint} />
            <Group justify="flex-end">
              <Button onClick={end}>{common.close}</Button>
            </Group>
          </Stack>
        ) : (
          <form onSubmit={submit}>
            <Stack>
              <TextInput
                label={t.url}
                description={t.urlHint}
                type="url"
                value={url}
                onChange={(event) => setUrl(event.currentTarget.value)}
                required
                data-autofocus
              />
              <TextInput
                label={t.description}
                value={description}
                onChange={(event) => setDescription(event.currentTarget.value)}
              />
              <MultiSelect
                label={t.types}
                description={t.typesHint}
                data={EVENT_TYPES}
                value={types}
                onChange={setTypes}
                searchable
                clearable
              />
              {create.error && <ErrorState error={create.error} />}
              <FormEnd verb={t.create} isBusy={create.isPending} onCancel={end} />
            </Stack>
          </form>
        )}
      </Modal>
    </>
  );
}
