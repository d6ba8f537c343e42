import { Alert, Anchor, Button, Center, Group, Text } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { components } from '../../dist/api/portal';
import { ApiProblem, get, post, request, type Scope } from '../shared/api';
import { DataTable } from '../shared/data-table';
import { formatInstant } from '../shared/format';
import { useEnterSession, useSignedIn, type Session } from '../shared/session';
import { Entrance } from '../shared/sign-in';
import { EmptyState, ErrorState, Loaded, LoadingState, Section } from '../shared/states';
import { signIn, viewing as t } from '../strings';

/** Where staff come in from their own pages; the code stands behind `#`, where no server's log sees it. */
export function ViewPage() {
  const [code] = useState(() => window.location.hash.slice(1));
  const enter = useEnterSession();
  const navigate = useNavigate();
  const { mutate, error } = useMutation({
    mutationFn: () => post<Session>('/v1/viewings/begin', { body: { code } }),
    onSuccess: (session) => {
      enter(null);
      enter(session);
      const { actingAs } = session;
      void navigate(actingAs ? `/${actingAs.place}s/${actingAs.id}` : '/', { replace: true });
    },
  });
  useEffect(() => {
    window.history.replaceState(window.history.state, '', window.location.pathname);
    mutate();
  }, [mutate]);
  const isGone = error instanceof ApiProblem && (error.status === 404 || error.status === 400);
  return (
    <Entrance title={isGone ? t.enterGone : t.enterTitle} {...(isGone ? { lead: t.enterGoneText } : {})}>
      {!error && <LoadingState />}
      {error && !isGone && <ErrorState error={error} onRetry={() => mutate()} />}
      {error && (
        <Anchor component={Link} to="/">
          {signIn.toSignIn}
        </Anchor>
      )}
    </Entrance>
  );
}

const clock = new Intl.DateTimeFormat('en-US', { timeStyle: 'short' });

/** Who of the staff looks, until when, and the way out; nothing where nobody does. */
export function ViewingBanner() {
  const { actingAs } = useSignedIn();
  const enter = useEnterSession();
  const end = useMutation({
    mutationFn: () => request('DELETE', '/v1/session'),
    onSuccess: () => enter(null),
  });
  const until = actingAs?.until;
  useEffect(() => {
    if (until === undefined) return undefined;
    // Nothing is left on the screen once the time is over.
    const timer = setTimeout(() => enter(null), Math.max(0, new Date(until).getTime() - Date.now()));
    return () => clearTimeout(timer);
    // eslint-disable-next-line -- `enter` is another at every render, and does the same
  }, [until]);
  if (!actingAs) return null;
  return (
    <Alert
      role="region"
      aria-label={t.banner(actingAs.staffName)}
      variant="light"
      color="orange"
      icon={<IconEye />}
      title={t.banner(actingAs.staffName)}
      mb="lg"
      className="viewing"
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm" maw={720}>
          {t.bannerText(clock.format(new Date(actingAs.until)), actingAs.reason)}
        </Text>
        <Button size="xs" variant="default" onClick={() => end.mutate()} loading={end.isPending}>
          {t.end}
        </Button>
      </Group>
      {end.error && <ErrorState error={end.error} />}
    </Alert>
  );
}

type ShownViewing = components['schemas']['ShownViewing'];

/** When staff looked at the pages of the app's partner or of the district, for their people to read. */
export function ViewingsSection({ scope }: { scope: Scope }) {
  const viewings = useQuery({
    queryKey: ['viewings', scope],
    queryFn: ({ signal }) => get<{ data: ShownViewing[] }>('/v1/viewings', { signal, scope }),
  });
  return (
    <Section title={t.listTitle} lead={t.listLead}>
      <Loaded query={viewings}>
        {({ data }) =>
          data.length === 0 ? (
            <Center>
              <EmptyState title={t.none} />
            </Center>
          ) : (
            <DataTable
              label={t.listTitle}
              rows={data}
              keyOf={({ id }) => id}
              columns={[
                { name: t.when, cell: ({ begunAt }) => formatInstant(begunAt) },
                { name: t.until, cell: ({ endsAt, endedAt }) => formatInstant(endedAt ?? endsAt) },
                { name: t.who, cell: ({ operatorName }) => operatorName },
                { name: t.what, cell: ({ app }) => app?.name ?? t.wholeDistrict },
                { name: t.why, cell: ({ reason }) => reason },
              ]}
            />
          )
        }
      </Loaded>
    </Section>
  );
}
