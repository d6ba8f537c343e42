import { Alert, Anchor, Badge, Button, Card, Code, Group, Select, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { post } from '../../shared/api';
import { DataTable } from '../../shared/data-table';
import { ConfirmButton, notify, useReauthentication } from '../../shared/dialogs';
import { formatAgo, formatDay, formatInstant, formatNumber } from '../../shared/format';
import { Secret } from '../../shared/secret';
import { ErrorState, Loaded, PageTitle, Section } from '../../shared/states';
import { NotFoundPage } from '../../shared/shell';
import { partner as t } from '../../strings';
import { selectionName } from '../../shared/selection';
import { useAppScope, useMayChange, usePlace, type Api } from '../scope';
import { STATUS_COLORS, sumOfUses, useDistricts, type DistrictRow, type Token } from './data';

/** One district of an app: what it shares, and its tokens. */
export function DistrictTokensPage() {
  const { grantId } = useParams();
  const districts = useDistricts();
  return (
    <Loaded query={districts}>
      {(rows) => {
        const row = rows.find(({ grant }) => grant.id === grantId);
        return row ? <DistrictView row={row} /> : <NotFoundPage />;
      }}
    </Loaded>
  );
}

function DistrictView({ row }: { row: DistrictRow }) {
  const { id } = usePlace();
  const { grant, name, tokens, status } = row;
  const newestFirst = tokens.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return (
    <>
      <Anchor component={Link} to={`/apps/${id}/tokens`} size="sm">
        ← {t.back}
      </Anchor>
      <PageTitle title={name}>
        <Badge size="lg" color={STATUS_COLORS[status]}>
          {t.statuses[status]}
        </Badge>
      </PageTitle>
      {grant.awaits === 'app' && <Answer row={row} />}
      <Section title={t.grant}>
        <Text>{selectionName(grant.selection)}</Text>
        <Text c="dimmed" size="sm">
          {t.term}: {grant.startsAt ? formatDay(grant.startsAt) : t.atOnce} –{' '}
          {grant.endsAt ? formatDay(grant.endsAt) : t.always}
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

function Answer({ row: { grant, name } }: { row: DistrictRow }) {
  const scope = useAppScope();
  const mayChange = useMayChange();
  const again = useDistrictsAgain();
  const accept = useMutation({
    mutationFn: () => post(`/v1/grants/${grant.id}/accept`, { scope }),
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
              await post(`/v1/grants/${grant.id}/decline`, { scope });
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
  const [grace, setGrace] = useState('86400');
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
                <ConfirmButton
                  size="xs"
                  title={t.rotateTitle(name)}
                  body={
                    <Stack>
                      <Text size="sm">{t.rotateText}</Text>
                      <Select
                        label={t.grace}
                        data={t.graceChoices}
                        value={grace}
                        onChange={(value) => value && setGrace(value)}
                        allowDeselect={false}
                      />
                    </Stack>
                  }
                  verb={t.rotate}
                  isDestructive={grace === '0'}
                  act={async () => {
                    const rotated = await run(() =>
                      post<Api['RotatedTokenResponse']>(`/v1/tokens/${token.id}/rotate`, {
                        scope,
                        body: { graceSeconds: Number(grace) },
                      }),
                    );
                    if (rotated?.token) setSecret({ title: t.rotated, value: rotated.token });
                    else if (rotated) notify(t.rotatedHidden);
                    await again();
                  }}
                >
                  {t.rotate}
                </ConfirmButton>
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

/** What a live call with the token was answered, as the data API gave it. */
function Trial({ trial }: { trial: Api['TokenTrialResponse'] }) {
  const isGood = trial.status < 400;
  return (
    <Alert
      variant="light"
      color={isGood ? 'teal' : 'red'}
      icon={isGood ? <IconCircleCheck /> : <IconAlertTriangle />}
      title={t.checkTitle(trial.status)}
      mt="sm"
      role="status"
    >
      <Text size="sm" mb="xs">
        {t.checkLead(trial.request, trial.milliseconds)}
      </Text>
      <Code
        block
        className="wrap"
        tabIndex={0}
        aria-label={t.checkBody}
        mah={260}
        style={{ overflow: 'auto' }}
      >
        {pretty(trial.body)}
      </Code>
    </Alert>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
