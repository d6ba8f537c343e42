import { Anchor, Badge, Card, Group, SimpleGrid, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { get } from '../../shared/api';
import { EmptyState, Loaded, PageTitle } from '../../shared/states';
import { common, district as t } from '../../strings';
import { useDistrictScope, usePlace, type Api } from '../scope';
import { useGrants } from './data';

export function AppsPage() {
  const { id } = usePlace();
  const scope = useDistrictScope();
  const grants = useGrants();
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text, 250);
  const list = useInfiniteQuery({
    queryKey: ['listed-apps-search', scope, search],
    initialPageParam: '',
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) =>
      get<Api['ListedAppsPage']>('/v1/district/apps', {
        scope,
        signal,
        query: { limit: 50, search: search.trim(), startingAfter: pageParam },
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const grantOf = (appId: string) =>
    grants.data?.find((each) => each.appId === appId && each.status !== 'revoked');
  return (
    <>
      <PageTitle title={t.find} lead={t.findLead} />
      <TextInput
        label={t.searchApps}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        mb="lg"
        maw={420}
      />
      <Loaded query={list}>
        {({ pages }) => {
          const apps = pages.flatMap(({ data }) => data).filter((app) => app.isListed || grantOf(app.id));
          if (apps.length === 0) return <EmptyState title={t.noApps} />;
          return (
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              {apps.map((app) => {
                const grant = grantOf(app.id);
                return (
                  <Card className="card" padding="lg" key={app.id} component="article" aria-label={app.name}>
                    <Group justify="space-between" gap="xs">
                      <Title order={2}>{app.name}</Title>
                      <Badge color={grant ? 'teal' : 'gray'}>
                        {grant ? t.already : app.signup === 'at-once' ? t.atOnce : t.byHand}
                      </Badge>
                    </Group>
                    <Text size="sm" c="dimmed">
                      {t.by(app.partner)}
                    </Text>
                    <Text size="sm" my="sm" lineClamp={4}>
                      {app.purpose || t.noPurpose}
                    </Text>
                    <Anchor
                      component={Link}
                      to={grant ? `/districts/${id}/grants/${grant.id}` : `/districts/${id}/apps/${app.id}`}
                      aria-label={`${t.look}: ${app.name}`}
                    >
                      {t.look}
                    </Anchor>
                  </Card>
                );
              })}
            </SimpleGrid>
          );
        }}
      </Loaded>
      {list.hasNextPage && (
        <Button
          variant="default"
          mt="md"
          onClick={() => void list.fetchNextPage()}
          loading={list.isFetchingNextPage}
        >
          {common.showMore}
        </Button>
      )}
    </>
  );
}
