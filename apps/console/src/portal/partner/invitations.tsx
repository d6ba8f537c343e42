import { Badge, Button, Modal, NumberInput, Stack, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { getAll, post, request } from '../../shared/api';
import { DataTable } from '../../shared/data-table';
import { ConfirmButton } from '../../shared/dialogs';
import { formatDay } from '../../shared/format';
import { Secret } from '../../shared/secret';
import { EmptyState, ErrorState, Loaded, PageTitle, Section } from '../../shared/states';
import { common, invitations as t } from '../../strings';
import { useAppScope, useMayChange, type Api } from '../scope';
import { FormEnd } from '../../shared/fields';

export function InvitationsPage() {
  const scope = useAppScope();
  const mayChange = useMayChange();
  const client = useQueryClient();
  const key = ['invitations', scope];
  const list = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => getAll<Api['InvitationResponse']>('/v1/invitations', { scope, signal }),
  });
  const again = () => client.invalidateQueries({ queryKey: key });
  return (
    <>
      <PageTitle title={t.title} lead={t.lead}>
        {mayChange && <Make onMade={again} />}
      </PageTitle>
      <Section title={t.title} isWholePage>
        <Loaded query={list}>
          {(rows) =>
            rows.length === 0 ? (
              <EmptyState title={t.none}>{t.lead}</EmptyState>
            ) : (
              <DataTable
                label={t.title}
                rows={rows}
                keyOf={({ id }) => id}
                columns={[
                  { name: t.note, cell: ({ note }) => note },
                  {
                    name: t.state,
                    cell: ({ state }) => (
                      <Badge color={state === 'open' ? 'teal' : 'gray'}>{t.states[state]}</Badge>
                    ),
                  },
                  { name: t.until, cell: ({ expiresAt }) => formatDay(expiresAt) },
                  {
                    name: common.actions,
                    cell: ({ id, state }) =>
                      mayChange &&
                      state === 'open' && (
                        <ConfirmButton
                          size="xs"
                          title={t.withdrawTitle}
                          body={t.withdrawText}
                          verb={t.withdraw}
                          act={async () => {
                            await request('DELETE', `/v1/invitations/${id}`, { scope });
                            await again();
                          }}
                        >
                          {t.withdraw}
                        </ConfirmButton>
                      ),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Section>
    </>
  );
}

function Make({ onMade }: { onMade: () => Promise<unknown> }) {
  const scope = useAppScope();
  const [isOpen, { open, close }] = useDisclosure();
  const [note, setNote] = useState('');
  const [days, setDays] = useState<number | string>(30);
  const make = useMutation({
    mutationFn: () =>
      post<Api['MadeInvitationResponse']>('/v1/invitations', { scope, body: { note, days: Number(days) } }),
    onSuccess: onMade,
  });
  const end = () => {
    close();
    make.reset();
    setNote('');
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <>
      <Button onClick={open}>{t.make}</Button>
      <Modal opened={isOpen} onClose={end} title={t.make} size="lg">
        {make.data ? (
          <Secret title={t.link} value={make.data.url} hint={t.linkHint} />
        ) : (
          <form onSubmit={submit}>
            <Stack>
              <Textarea
                label={t.note}
                maxLength={500}
                autosize
                minRows={2}
                value={note}
                onChange={(event) => setNote(event.currentTarget.value)}
                data-autofocus
              />
              <NumberInput label={t.days} min={1} max={90} value={days} onChange={setDays} required />
              {make.error && <ErrorState error={make.error} />}
              <FormEnd verb={t.create} isBusy={make.isPending} onCancel={end} />
            </Stack>
          </form>
        )}
      </Modal>
    </>
  );
}
