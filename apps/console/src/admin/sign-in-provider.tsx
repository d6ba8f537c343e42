import { Alert, Button, Divider, Stack } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { get, post } from '../shared/api';
import { Entrance } from '../shared/sign-in';
import { ErrorState } from '../shared/states';
import { provider as t } from '../strings';

/** The way in through an identity provider, where there is one. */
export function ProviderButton() {
  const methods = useQuery({
    queryKey: ['sign-in-methods'],
    staleTime: 60_000,
    queryFn: ({ signal }) => get<{ provider: string | null }>('/v1/sign-in/methods', { signal }),
  });
  const begin = useMutation({
    mutationFn: () =>
      post<{ url: string }>('/v1/sign-in/oidc', {
        body: { returnTo: `${window.location.pathname}${window.location.search}` },
      }),
    onSuccess: ({ url }) => window.location.assign(url),
  });
  const name = methods.data?.provider;
  if (!name) return null;
  return (
    <Stack mt="lg">
      <Divider label={t.or} />
      {begin.error && <ErrorState error={begin.error} />}
      <Button variant="default" loading={begin.isPending || begin.isSuccess} onClick={() => begin.mutate()}>
        {t.signInWith(name)}
      </Button>
    </Stack>
  );
}

/** Why an identity provider's person was not let in, and whom to ask. */
export function SignInProblemPage() {
  const code = useSearchParams()[0].get('code') ?? '';
  return (
    <Entrance title={t.problemTitle}>
      <Stack>
        <Alert role="alert" variant="light" color="orange" icon={<IconAlertTriangle />}>
          {t.problems[code] ?? t.otherProblem}
        </Alert>
        <Button component={Link} to="/">
          {t.toSignIn}
        </Button>
      </Stack>
    </Entrance>
  );
}
