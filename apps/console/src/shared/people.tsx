import { Badge, Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { common, people as t } from '../strings';
import { get, post, request, type Scope } from './api';
import { DataTable } from './data-table';
import { ConfirmButton, notify, useReauthentication } from './dialogs';
import { useSignedIn } from './session';
import { EmptyState, ErrorState, Loaded, PageTitle, Section } from './states';
import { FormEnd } from './fields';

interface Person {
  id: string;
  name: string | null;
  email: string;
  role: string;
}

interface Props {
  scope?: Scope;
  roles: readonly string[];
  /** Whether whoever looks may change who belongs here. */
  mayManage: boolean;
}

/** Who belongs to a partner, a district or the staff. */
export function PeoplePage({ scope, roles, mayManage }: Props) {
  const client = useQueryClient();
  const { person: self } = useSignedIn();
  const { dialog, run } = useReauthentication();
  const key = ['people', scope];
  const list = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => get<{ data: Person[] }>('/v1/people', { scope, signal }),
  });
  const again = () => client.invalidateQueries({ queryKey: key });
  const named = ({ name, email }: Person) => name || email;
  const changeRole = useMutation({
    mutationFn: ({ id, role }: { id: string; role: string }) =>
      run(() => request('PATCH', `/v1/people/${id}`, { scope, body: { role } })),
    onSuccess: async () => {
      notify(t.changed);
      await again();
    },
  });
  return (
    <>
      <PageTitle title={t.title} lead={t.lead}>
        {mayManage && <Invite {...(scope ? { scope } : {})} roles={roles} onSent={again} />}
      </PageTitle>
      <Section title={t.title}>
        {changeRole.error && <ErrorState error={changeRole.error} />}
        <Loaded query={list}>
          {({ data }) =>
            data.length === 0 ? (
              <EmptyState />
            ) : (
              <DataTable
                label={t.title}
                rows={data}
                keyOf={({ id }) => id}
                columns={[
                  {
                    name: t.name,
                    cell: (row) => (
                      <Group gap={6}>
                        <Text size="sm" fw={600}>
                          {named(row)}
                        </Text>
                        {row.id === self.id && <Badge>{t.you}</Badge>}
                        {!row.name && <Badge color="yellow">{t.invited}</Badge>}
                      </Group>
                    ),
                  },
                  { name: t.email, cell: ({ email }) => <span className="wrap">{email}</span> },
                  {
                    name: t.role,
                    cell: (row) =>
                      mayManage ? (
                        <Select
                          aria-label={`${t.change}: ${named(row)}`}
                          size="xs"
                          data={roles.map((role) => ({ value: role, label: t.roleNames[role] ?? role }))}
                          value={row.role}
                          allowDeselect={false}
                          onChange={(role) => role && changeRole.mutate({ id: row.id, role })}
                        />
                      ) : (
                        (t.roleNames[row.role] ?? row.role)
                      ),
                  },
                  ...(mayManage
                    ? [
                        {
                          name: common.actions,
                          cell: (row: Person) => (
                            <ConfirmButton
                              size="xs"
                              title={t.removeTitle(named(row))}
                              label={t.removeTitle(named(row))}
                              body={t.removeText}
                              verb={t.remove}
                              done={t.removed}
                              act={async () => {
                                await run(() => request('DELETE', `/v1/people/${row.id}`, { scope }));
                                await again();
                              }}
                            >
                              {t.remove}
                            </ConfirmButton>
                          ),
                        },
                      ]
                    : []),
                ]}
              />
            )
          }
        </Loaded>
      </Section>
      {dialog}
    </>
  );
}

function Invite({
  scope,
  roles,
  onSent,
}: {
  scope?: Scope;
  roles: readonly string[];
  onSent: () => Promise<unknown>;
}) {
  const [isOpen, { open, close }] = useDisclosure();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState(roles.at(-1) ?? 'viewer');
  const { dialog, run } = useReauthentication();
  const send = useMutation({
    mutationFn: () => run(() => post('/v1/people', { scope, body: { email, role } })),
    onSuccess: async () => {
      close();
      setEmail('');
      notify(t.sent);
      await onSent();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <>
      <Button onClick={open}>{t.invite}</Button>
      <Modal opened={isOpen} onClose={close} title={t.invite}>
        <form onSubmit={submit}>
          <Stack>
            <Text size="sm">{t.inviteLead}</Text>
            <TextInput
              label={t.email}
              type="email"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
              required
              data-autofocus
            />
            <Select
              label={t.role}
              data={roles.map((each) => ({ value: each, label: t.roles[each] ?? each }))}
              value={role}
              onChange={(value) => value && setRole(value)}
              allowDeselect={false}
            />
            {send.error && <ErrorState error={send.error} />}
            <FormEnd verb={t.send} isBusy={send.isPending} onCancel={close} />
          </Stack>
        </form>
      </Modal>
      {dialog}
    </>
  );
}
