import { Anchor, Box, Button, Card, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { common, signIn } from '../strings';
import { ApiProblem, post } from './api';
import { Logo } from './logo';
import { useEnterSession, type Session } from './session';
import { ErrorState, Loaded, PageTitle } from './states';
import { EmailField, NewPasswordField } from './fields';

/** The card that people see who are not signed in. */
export function Entrance({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <Box component="main" px="md" py={{ base: 40, sm: 96 }}>
      <Stack maw={420} mx="auto" gap="lg">
        <Group gap={10} justify="center">
          <Logo size={36} />
          <Text fw={700} fz={24}>
            {common.product}
          </Text>
        </Group>
        <Card className="card" padding="xl">
          <PageTitle title={title} lead={lead} />
          {children}
        </Card>
      </Stack>
    </Box>
  );
}

/** `other`: ways to sign in beside a password. */
export function SignInPage({ lead, other }: { lead: string; other?: ReactNode }) {
  const enter = useEnterSession();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState('');
  const [isTotpStep, setTotpStep] = useState(false);
  const [isTotpWrong, setTotpWrong] = useState(false);
  const attempt = useMutation({
    mutationFn: () =>
      post<Session>('/v1/session', { body: { email, password, ...(isTotpStep ? { totp } : {}) } }),
    onSuccess: enter,
    onError: (error) => {
      if (!(error instanceof ApiProblem) || error.code !== 'totp-needed') return;
      setTotpWrong(isTotpStep);
      setTotpStep(true);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  const isTotpAsked = attempt.error instanceof ApiProblem && attempt.error.code === 'totp-needed';
  if (isTotpStep)
    return (
      <Entrance title={signIn.totpTitle} lead={signIn.totpLead}>
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label={signIn.totp}
              value={totp}
              onChange={(event) => setTotp(event.currentTarget.value.trim())}
              autoComplete="one-time-code"
              error={isTotpWrong ? signIn.totpWrong : undefined}
              required
              autoFocus
            />
            {attempt.error && !isTotpAsked && <ErrorState error={attempt.error} />}
            <Button type="submit" loading={attempt.isPending}>
              {signIn.submit}
            </Button>
            <Button
              variant="subtle"
              onClick={() => {
                setTotpStep(false);
                attempt.reset();
              }}
            >
              {signIn.back}
            </Button>
          </Stack>
        </form>
      </Entrance>
    );
  return (
    <Entrance title={signIn.title} lead={lead}>
      <form onSubmit={submit}>
        <Stack>
          <EmailField value={email} onChange={setEmail} />
          <PasswordInput
            label={signIn.password}
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            required
          />
          {attempt.error && <ErrorState error={attempt.error} />}
          <Button type="submit" loading={attempt.isPending}>
            {signIn.submit}
          </Button>
          <Anchor component={Link} to="/reset-password" size="sm" ta="center">
            {signIn.forgot}
          </Anchor>
        </Stack>
      </form>
      {other}
    </Entrance>
  );
}

export function ResetPage() {
  const [email, setEmail] = useState('');
  const ask = useMutation({ mutationFn: () => post('/v1/password-resets', { body: { email } }) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  const back = (
    <Anchor component={Link} to="/" size="sm" ta="center">
      {signIn.toSignIn}
    </Anchor>
  );
  if (ask.isSuccess)
    return (
      <Entrance title={signIn.resetSentTitle} lead={signIn.resetSent}>
        {back}
      </Entrance>
    );
  return (
    <Entrance title={signIn.resetTitle} lead={signIn.resetLead}>
      <form onSubmit={submit}>
        <Stack>
          <EmailField value={email} onChange={setEmail} />
          {ask.error && <ErrorState error={ask.error} />}
          <Button type="submit" loading={ask.isPending}>
            {signIn.resetSubmit}
          </Button>
          {back}
        </Stack>
      </form>
    </Entrance>
  );
}

interface PersonLink {
  purpose: 'invitation' | 'reset';
  email: string;
  invitedTo?: string;
}

/** Where invitation and reset links lead; the code stands behind `#`, where no server's log sees it. */
export function LinkPage() {
  const [code] = useState(() => window.location.hash.slice(1));
  const enter = useEnterSession();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  useEffect(() => window.history.replaceState(window.history.state, '', window.location.pathname), []);
  const link = useQuery({
    queryKey: ['link', code],
    queryFn: () => post<PersonLink>('/v1/person-links/look-up', { body: { code } }),
    gcTime: 0,
  });
  const accept = useMutation({
    mutationFn: () =>
      post<Session>('/v1/person-links/accept', { body: { code, password, ...(name ? { name } : {}) } }),
    onSuccess: (session) => {
      enter(session);
      void navigate('/', { replace: true });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    accept.mutate();
  };
  if (link.error instanceof ApiProblem && link.error.status >= 400 && link.error.status < 429)
    return (
      <Entrance title={signIn.linkGone} lead={signIn.linkGoneText}>
        <Anchor component={Link} to="/reset-password">
          {signIn.resetTitle}
        </Anchor>
      </Entrance>
    );
  const purpose = link.data?.purpose ?? 'reset';
  const lead =
    purpose === 'invitation'
      ? signIn.linkLead.invitation(link.data?.invitedTo ?? common.product)
      : signIn.linkLead.reset;
  return (
    <Entrance title={signIn.linkTitle[purpose]} lead={lead}>
      <Loaded query={link}>
        {({ email }) => (
          <form onSubmit={submit}>
            <Stack>
              <TextInput label={signIn.email} value={email} autoComplete="username" readOnly />
              {purpose === 'invitation' && (
                <TextInput
                  label={signIn.name}
                  autoComplete="name"
                  value={name}
                  onChange={(event) => setName(event.currentTarget.value)}
                  required
                />
              )}
              <NewPasswordField value={password} onChange={setPassword} />
              {accept.error && <ErrorState error={accept.error} />}
              <Button type="submit" loading={accept.isPending}>
                {signIn.linkSubmit}
              </Button>
            </Stack>
          </form>
        )}
      </Loaded>
    </Entrance>
  );
}
