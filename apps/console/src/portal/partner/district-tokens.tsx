import { Alert, Anchor, Badge, Button, Card, Code, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { post } from '../../shared/api';
import { DataTable } from '../../shared/data-table';
import { ConfirmButton, notify, useReauthentication } from '../../shared/dialogs';
import { formatAgo, formatDay, formatInstant, formatNumber } from '../../shared/format';
import { RotateButton } from '../../shared/rotate-button';
import { Secret } from '../../shared/secret';
import { ErrorState, Loaded, PageTitle, Section } from '../../shared/states';
import { NotFoundPage } from '../../shared/shell';
import { partner as t } from '../../strings';
import { selectionName } from '../../shared/selection';
import { useAppScope, useMayChange, usePlace, type Api } from '../scope';
import { Trial } from './trial';
import { STATE_COLORS, sumOfUses, useDistrict, type District, type Token } from './data';

/** One district of an app: what it shares, and its tokens. */
export function DistrictTokensPage() {
  const { grantId = '' } = useParams();
  const found = useDistrict(grantId);
  return (
    <Loaded query={found}>
      {({ district, tokens }) =>
        district ? <DistrictView district={district} tokens={tokens} /> : <NotFoundPage />
      }
    </Loaded>
  );
}

function DistrictView({ district, tokens }: { district: District; tokens: Token[] }) {
  const { id } = usePlace();
  const { name, state, selection, startsAt, endsAt } = district;
  const newestFirst = tokens.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return (
    <>
      <Anchor component={Link} to={`/apps/${id}/tokens`} size="sm">
        ← {t.back}
      </Anchor>
      <PageTitle title={name}>
        {district.isSandbox && (
          <Badge size="lg" color="violet">
            {t.sandbox}
          </Badge>
        )}
        <Badge size="lg" color={STATE_COLORS[state]}>
          {t.statuses[state]}
        </Badge>
      </PageTitle>
      {district.awaits === 'app' && <Answer district={district} />}
      <Section title={t.grant}>
        <Text>{selectionName(selection)}</Text>
        <Text c="dimmed" size="sm">
          {t.term}: {startsAt ? formatDay(startsAt) : t.atOnce} – {endsAt ? formatDay(endsAt) : t.always}
        </Text>
      </Section>
      <Section title={t.tokensOf}>
        <Stack>
          {newestFirst.map((token) => (
            <TokenCard key={token.id} token={token} name={name} />
          ))}
          {newestFirst.length === 0 && <Text c="dimmed">{t.statuses['none']}</Text>}
        </Stack>
      </Section>
    </>
  );
}

function Answer({ district: { grantId, name } }: { district: District }) {
  const scope = useAppScope();
  const mayChange = useMayChange();
  const again = useDistrictsAgain();
  const accept = useMutation({
    mutationFn: () => post(`/v1/grants/${grantId}/accept`, { scope }),
    onSuccess: async () => {
      notify(t.accepted);
      await again();
    },
  });
  return (
    <Alert color="yellow" variant="light" title={t.statuses['requested']} mb="lg">
      {accept.error && <ErrorState error={accept.error} />}
      {mayChange && (
        <Group>
          <Button onClick={() => accept.mutate()} loading={accept.isPending}>
            {t.acceptGrant}
          </Button>
          <ConfirmButton
            title={t.declineTitle(name)}
            body={t.declineText}
            verb={t.declineGrant}
            act={async () => {
              await post(`/v1/grants/${grantId}/decline`, { scope });
              await again();
            }}
          >
            {t.declineGrant}
          </ConfirmButton>
        </Group>
      )}
    </Alert>
  );
}

function useDistrictsAgain() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['app-districts'] });
}

function TokenCard({ token, name }: { token: Token; name: string }) {
  const scope = useAppScope();
  const mayChange = useMayChange();
  const again = useDistrictsAgain();
  const { dialog, run } = useReauthentication();
  const [secret, setSecret] = useState<{ title: string; value: string }>();
  const reveal = useMutation({
    mutationFn: () => run(() => post<{ token: string }>(`/v1/tokens/${token.id}/reveal`, { scope })),
    onSuccess: (answer) => answer && setSecret({ title: t.revealTitle, value: answer.token }),
  });
  const trial = useMutation({
    mutationFn: () => post<Api['TokenTrialResponse']>(`/v1/tokens/${token.id}/test`, { scope, body: {} }),
  });
  const uses = sumOfUses(token);
  const isLive = token.state === 'live';
  const end = token.retiresAt ?? token.expiresAt;
  return (
    <Card className="card" padding="md" component="article" aria-label={`${t.token} ${token.masked}`}>
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <Code fz="sm">{token.masked}</Code>
          <Badge color={isLive ? 'teal' : 'gray'}>{t.states[token.state] ?? token.state}</Badge>
        </Group>
        {isLive && (
          <Group gap="xs">
            {mayChange && (
              <>
                <Button size="xs" variant="default" onClick={() => trial.mutate()} loading={trial.isPending}>
                  {t.check}
                </Button>
                <Button size="xs" onClick={() => reveal.mutate()} loading={reveal.isPending}>
                  {t.reveal}
                </Button>
                <RotateButton
                  size="xs"
                  words={{ verb: t.rotate, title: t.rotateTitle(name), text: t.rotateText, grace: t.grace }}
                  rotate={async (graceSeconds) => {
                    const rotated = await run(() =>
                      post<Api['RotatedTokenResponse']>(`/v1/tokens/${token.id}/rotate`, {
                        scope,
                        body: { graceSeconds },
                      }),
                    );
                    if (rotated?.token) setSecret({ title: t.rotated, value: rotated.token });
                    else if (rotated) notify(t.rotatedHidden);
                    await again();
                  }}
                />
                <ConfirmButton
                  size="xs"
                  title={t.revokeTitle(name)}
                  body={t.revokeText(uses, token.uses.length)}
                  verb={t.revoke}
                  done={t.revoked}
                  act={async () => {
                    await run(() => post(`/v1/tokens/${token.id}/revoke`, { scope }));
                    await again();
                  }}
                >
                  {t.revoke}
                </ConfirmButton>
              </>
            )}
          </Group>
        )}
      </Group>
      <Text size="sm" c="dimmed" mt={6}>
        {t.created}: {formatInstant(token.createdAt)}
        {end ? ` · ${t.ends}: ${formatInstant(end)}` : ''}
      </Text>
      {reveal.error && <ErrorState error={reveal.error} />}
      {trial.error && <ErrorState error={trial.error} />}
      {trial.data && <Trial trial={trial.data} />}
      {secret && (
        <Stack mt="md" gap="sm">
          <Secret title={secret.title} value={secret.value} hint={t.revealHint} />
        </Stack>
      )}
      <Text fw={600} size="sm" mt="md">
        {t.places}
      </Text>
      {token.uses.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.noPlaces}
        </Text>
      ) : (
        <DataTable
          label={t.places}
          rows={token.uses}
          keyOf={({ address, userAgent }) => `${address} ${userAgent}`}
          columns={[
            { name: t.placeAddress, cell: ({ address }) => address },
            { name: t.placeClient, cell: ({ userAgent }) => <span className="wrap">{userAgent}</span> },
            { name: t.placeUses, isNumber: true, cell: (use) => formatNumber(use.uses) },
            { name: t.placeLast, cell: ({ lastAt }) => formatAgo(lastAt) },
          ]}
        />
      )}
      {dialog}
    </Card>
  );
}
