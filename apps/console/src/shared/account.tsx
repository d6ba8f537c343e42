import {
  Badge,
  Button,
  Code,
  Group,
  List,
  PasswordInput,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { QRCodeSVG } from 'qrcode.react';
import { useState, type FormEvent } from 'react';
import { account, people, signIn } from '../strings';
import { post, request } from './api';
import { ConfirmButton, notify, useReauthentication } from './dialogs';
import { useEnterSession, useSignedIn } from './session';
import { ErrorState, PageTitle, Section } from './states';
import { NewPasswordField } from './fields';

export function AccountPage() {
  const { person, memberships } = useSignedIn();
  const enter = useEnterSession();
  const belongs = [
    ...memberships.partners,
    ...memberships.districts,
    ...(memberships.staff ? [{ id: 'staff', name: 'Staff', role: memberships.staff.role }] : []),
  ];
  return (
    <>
      <PageTitle title={account.title} lead={`${person.name}, ${person.email}`} />
      <Section title={account.passwordTitle}>
        <PasswordForm />
      </Section>
      <Section title={account.totpTitle} lead={person.hasTotp ? account.totpOn : account.totpOff}>
        {person.hasTotp ? <TotpEnd /> : <TotpSetUp />}
      </Section>
      <Section title={account.memberships}>
        <List listStyleType="none" spacing="xs">
          {belongs.map(({ id, name, role }) => (
            <List.Item key={id}>
              {name} <Badge>{people.roleNames[role] ?? role}</Badge>
            </List.Item>
          ))}
        </List>
      </Section>
      <Section title={account.sessionsTitle} lead={account.sessionsText}>
        <ConfirmButton
          title={account.signOutAll}
          body={account.sessionsText}
          verb={account.signOutAll}
          act={async () => {
            await request('DELETE', '/v1/session/all');
            enter(null);
          }}
        >
          {account.signOutAll}
        </ConfirmButton>
      </Section>
    </>
  );
}

function PasswordForm() {
  const [password, setPassword] = useState('');
  const [newPassword, setNewPassword] = useState('');
  const change = useMutation({
    mutationFn: () => post('/v1/session/password', { body: { password, newPassword } }),
    onSuccess: () => {
      setPassword('');
      setNewPassword('');
      notify(account.passwordChanged);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack maw={420}>
        <PasswordInput
          label={account.currentPassword}
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          required
        />
        <NewPasswordField value={newPassword} onChange={setNewPassword} />
        {change.error && <ErrorState error={change.error} />}
        <Group>
          <Button type="submit" loading={change.isPending}>
            {account.changePassword}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function TotpSetUp() {
  const session = useSignedIn();
  const enter = useEnterSession();
  const { dialog, run } = useReauthentication();
  const [code, setCode] = useState('');
  const begin = useMutation({
    mutationFn: () => run(() => post<{ secret: string; uri: string }>('/v1/session/totp')),
  });
  const confirm = useMutation({
    mutationFn: () => post<{ recoveryCodes: string[] }>('/v1/session/totp/confirm', { body: { code } }),
  });
  if (confirm.data)
    return (
      <Stack>
        <Text fw={600}>{account.recoveryTitle}</Text>
        <Text size="sm">{account.recoveryText}</Text>
        <SimpleGrid cols={{ base: 2, sm: 3 }} maw={480}>
          {confirm.data.recoveryCodes.map((each) => (
            <Code key={each}>{each}</Code>
          ))}
        </SimpleGrid>
        <Group>
          <Button onClick={() => enter({ ...session, person: { ...session.person, hasTotp: true } })}>
            {account.recoveryDone}
          </Button>
        </Group>
      </Stack>
    );
  if (!begin.data)
    return (
      <>
        {begin.error && <ErrorState error={begin.error} />}
        <Button onClick={() => begin.mutate()} loading={begin.isPending}>
          {account.totpBegin}
        </Button>
        {dialog}
      </>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate();
      }}
    >
      <Stack maw={420}>
        <Text size="sm">{account.totpScan}</Text>
        <QRCodeSVG value={begin.data.uri} size={168} marginSize={3} title={account.totpKey} />
        <Text size="sm">
          {account.totpKey}: <Code>{begin.data.secret}</Code>
        </Text>
        <TextInput
          label={signIn.totp}
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value.trim())}
          required
        />
        {confirm.error && <ErrorState error={confirm.error} />}
        <Group>
          <Button type="submit" loading={confirm.isPending}>
            {account.totpConfirm}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function TotpEnd() {
  const session = useSignedIn();
  const enter = useEnterSession();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  return (
    <Stack maw={420}>
      <PasswordInput
        label={account.currentPassword}
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <TextInput
        label={signIn.totp}
        autoComplete="one-time-code"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value.trim())}
      />
      <Group>
        <ConfirmButton
          title={account.totpEnd}
          body={account.totpEndText}
          verb={account.totpEnd}
          disabled={!password || !code}
          act={async () => {
            await request('DELETE', '/v1/session/totp', { body: { password, code } });
            enter({ ...session, person: { ...session.person, hasTotp: false } });
          }}
        >
          {account.totpEnd}
        </ConfirmButton>
      </Group>
    </Stack>
  );
}
