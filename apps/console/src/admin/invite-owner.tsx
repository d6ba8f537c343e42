import { Button, Group, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { post } from '../shared/api';
import { notify } from '../shared/dialogs';
import { ErrorState, Section } from '../shared/states';
import { people, staff as t } from '../strings';

/** Invites the first owner of a partner or a district, by mail. */
export function InviteOwner({ path }: { path: `/v1/${'partners' | 'districts'}/${string}/people` }) {
  const [email, setEmail] = useState('');
  const invite = useMutation({
    mutationFn: () => post(path, { body: { email, role: 'owner' } }),
    onSuccess: () => {
      setEmail('');
      notify(people.sent);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  return (
    <Section title={t.inviteOwner}>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput
            label={t.inviteEmail}
            type="email"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Button type="submit" loading={invite.isPending}>
            {people.send}
          </Button>
        </Group>
        {invite.error && <ErrorState error={invite.error} />}
      </form>
    </Section>
  );
}
