import { Alert, Anchor, Badge, Card, Group, List, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertCircle, IconCircleCheck, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { get } from '../shared/api';
import { formatInstant, formatNumber } from '../shared/format';
import { EmptyState, Loaded, PageTitle, Section } from '../shared/states';
import { staff as t } from '../strings';
import type { Api } from './data';

export function OverviewPage() {
  const system = useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => get<Api['SystemResponse']>('/v1/system', { signal }),
    refetchInterval: 15_000,
  });
  return (
    <>
      <PageTitle title={t.overview} lead={t.overviewLead} />
      <Search />
      <Loaded query={system}>{(state) => <System state={state} />}</Loaded>
    </>
  );
}

function Search() {
  const [params, setParams] = useSearchParams();
  const text = params.get('q') ?? '';
  const [q] = useDebouncedValue(text.trim(), 250);
  const found = useQuery({
    queryKey: ['search', q],
    enabled: q !== '',
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<Api['SearchResponse']>('/v1/search', { signal, query: { q } }),
  });
  return (
    <Section title={t.search}>
      <TextInput
        aria-label={t.search}
        description={t.searchHint}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) =>
          setParams(event.currentTarget.value ? { q: event.currentTarget.value } : {}, { replace: true })
        }
      />
      {q !== '' && (
        <Stack mt="md" aria-live="polite">
          <Loaded query={found}>{(results) => <Results results={results} />}</Loaded>
        </Stack>
      )}
    </Section>
  );
}

function Results({ results }: { results: Api['SearchResponse'] }) {
  const groups = [
    [t.partners, results.partners.map(({ id, name }) => [`/partners/${id}`, name])],
    [t.apps, results.apps.map(({ id, name, partnerName }) => [`/apps/${id}`, `${name}, ${partnerName}`])],
    [t.districts, results.districts.map(({ id, name }) => [`/districts/${id}`, name])],
    [
      t.grants,
      results.grants.map(({ id, appName, districtName }) => [`/grants/${id}`, `${appName}, ${districtName}`]),
    ],
  ] as const;
  const filled = groups.filter(([, entries]) => entries.length > 0);
  if (filled.length === 0) return <EmptyState title={t.nothingFound} />;
  return filled.map(([title, entries]) => (
    <div key={title}>
      <Text fw={600} size="sm">
        {title}
      </Text>
      <List listStyleType="none">
        {entries.map(([to, name]) => (
          <List.Item key={to}>
            <Anchor component={Link} to={to ?? ''}>
              {name}
            </Anchor>
          </List.Item>
        ))}
      </List>
    </div>
  ));
}

const WORRIES = [
  'importsHeld',
  'proposalsWaiting',
  'importsOverdue',
  'districtsWithoutRoster',
  'deliveriesDead',
  'mailsDead',
] as const;
const FLOWS = ['importsRunning', 'deliveriesPending', 'mailsPending'] as const;

/** Where it is seen to. */
const WHERE: Partial<Record<(typeof WORRIES)[number], string>> = {
  proposalsWaiting: '/sunset',
  importsOverdue: '/districts',
  districtsWithoutRoster: '/districts',
  deliveriesDead: '/webhooks',
};

function HeldImports({ imports }: { imports: Api['SystemResponse']['heldImports'] }) {
  return (
    <List size="sm">
      {imports.map(({ id, districtId, districtName, startedAt }) => (
        <List.Item key={id}>
          <Anchor component={Link} to={`/districts/${districtId}/imports/${id}`}>
            {districtName}, {formatInstant(startedAt)}
          </Anchor>
        </List.Item>
      ))}
    </List>
  );
}

function System({ state }: { state: Api['SystemResponse'] }) {
  const worries = WORRIES.filter((each) => state[each] > 0);
  return (
    <>
      <Section title={t.attention}>
        {worries.length === 0 ? (
          <Alert variant="light" color="teal" icon={<IconCircleCheck />} title={t.allGood} />
        ) : (
          <Stack gap="xs">
            {worries.map((each) => (
              <Group key={each} gap="sm" wrap="nowrap">
                <IconAlertCircle size={20} style={{ flexShrink: 0 }} aria-hidden />
                <Text component="div">
                  {t.figures[each]}: <b>{formatNumber(state[each])}</b>{' '}
                  {WHERE[each] && (
                    <Anchor component={Link} to={WHERE[each]} aria-label={`${t.look}: ${t.figures[each]}`}>
                      {t.look}
                    </Anchor>
                  )}
                  {each === 'importsHeld' && <HeldImports imports={state.heldImports} />}
                </Text>
              </Group>
            ))}
          </Stack>
        )}
      </Section>
      <Section title={t.health}>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
          {state.services.map(({ name, isReady, limits }) => (
            <Card className="card" padding="md" key={name}>
              <Group justify="space-between">
                <Text fw={600}>{name}</Text>
                <Badge color={isReady ? 'teal' : 'red'}>{isReady ? t.ready : t.notReady}</Badge>
              </Group>
              {limits && (
                <Text size="sm" c="dimmed">
                  {t.limitsHow[limits] ?? limits}
                </Text>
              )}
            </Card>
          ))}
          {FLOWS.map((each) => (
            <Card className="card" padding="md" key={each}>
              <Text size="sm" c="dimmed">
                {t.figures[each]}
              </Text>
              <Text fw={650} fz="xl" className="tabular">
                {formatNumber(state[each])}
              </Text>
            </Card>
          ))}
          <Card className="card" padding="md">
            <Text size="sm" c="dimmed">
              {t.database}
            </Text>
            <Text fw={650} fz="xl" className="tabular">
              {formatNumber(Math.round(state.databaseBytes / 1_000_000))} MB
            </Text>
          </Card>
        </SimpleGrid>
      </Section>
    </>
  );
}
