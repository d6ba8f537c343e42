import { Alert, Anchor, Group, Stack, Text } from '@mantine/core';
import { IconAlertCircle, IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { get } from '../../shared/api';
import { Figures } from '../../shared/figures';
import { formatNumber } from '../../shared/format';
import { Loaded, PageTitle, Section } from '../../shared/states';
import { partner as t, migration as m } from '../../strings';
import { useAppScope, usePlace, type Api } from '../scope';
import { useDistricts, useMigration, type DistrictState, type Districts, type Migration } from './data';

export function HomePage() {
  const { id, name } = usePlace();
  const scope = useAppScope();
  const districts = useDistricts({}, 1);
  const migration = useMigration();
  const webhooks = useQuery({
    queryKey: ['webhooks', scope],
    queryFn: ({ signal }) => get<Api['WebhookListResponse']>('/v1/webhooks', { scope, signal }),
  });
  const off = webhooks.data?.data.filter(({ isEnabled }) => !isEnabled).length ?? 0;
  return (
    <>
      <PageTitle title={t.homeTitle(name)} lead={t.homeLead} />
      <Loaded query={districts}>
        {({ pages: [all] }) =>
          all && (
            <>
              <Figures figures={figuresOf(all, migration.data)} />
              <Section title={t.attention}>
                <Attention items={attention(`/apps/${id}`, all.counts, migration.data, off)} />
              </Section>
            </>
          )
        }
      </Loaded>
      {migration.data && (
        <Section title={m.nextStep}>
          <Text>{migration.data.nextStep}</Text>
          <Anchor component={Link} to={`/apps/${id}/migration`} mt="sm" display="inline-block">
            {m.title}
          </Anchor>
        </Section>
      )}
    </>
  );
}

function figuresOf({ counts, usedLately }: Districts, migration: Migration | undefined): [string, string][] {
  const sum = (states: readonly string[]) => states.reduce((total, state) => total + (counts[state] ?? 0), 0);
  return [
    [t.figures.districts, formatNumber(sum(Object.keys(counts)))],
    [t.figures.live, formatNumber(sum(['live', 'unused', 'ending', 'upcoming']))],
    [t.figures.used, formatNumber(usedLately)],
    [t.figures.daysLeft, daysLeftOf(migration)],
  ];
}

function daysLeftOf(migration: Migration | undefined): string {
  if (migration?.readiness === 'done') return t.keysGone;
  const days = migration?.daysLeft ?? null;
  return days === null ? t.keysEndLater : formatNumber(days);
}

interface Item {
  text: string;
  to: string;
}

function attention(
  base: string,
  counts: Districts['counts'],
  migration: Migration | undefined,
  offWebhooks: number,
): Item[] {
  const items: Item[] = [];
  const ofState = (state: DistrictState, text: (count: number) => string) => {
    const count = counts[state] ?? 0;
    if (count > 0) items.push({ text: text(count), to: `${base}/tokens?state=${state}` });
  };
  ofState('requested', t.waitsForYou);
  ofState('none', t.noneLive);
  ofState('ending', t.endsSoon);
  if (migration && migration.keyCalls > 0)
    items.push({ text: t.stillKeys(migration.keyCalls), to: `${base}/migration` });
  ofState('unused', t.neverUsed);
  if (offWebhooks > 0) items.push({ text: t.deadWebhooks(offWebhooks), to: `${base}/webhooks` });
  return items;
}

function Attention({ items }: { items: Item[] }) {
  if (items.length === 0)
    return (
      <Alert variant="light" color="teal" icon={<IconCircleCheck />} title={t.allGood}>
        {t.allGoodText}
      </Alert>
    );
  return (
    <Stack gap="sm">
      {items.map(({ text, to }) => (
        <Group key={to} gap="sm" wrap="nowrap" align="flex-start">
          <IconAlertCircle size={20} aria-hidden />
          <Text>
            {text}{' '}
            <Anchor component={Link} to={to} underline="always" aria-label={`${t.look}: ${text}`}>
              {t.look}
            </Anchor>
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
