import { Anchor, Badge, Code, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { Link, useSearchParams } from 'react-router';
import { formatAgo } from '../../shared/format';
import { PagedTable } from '../../shared/paged-table';
import { selectionName } from '../../shared/selection';
import { PageTitle, Section } from '../../shared/states';
import { common, partner as t } from '../../strings';
import { usePlace } from '../scope';
import { STATE_COLORS, useDistricts } from './data';

/** Every district of the app; what is looked for stands in the address. */
export function TokensPage() {
  const { id } = usePlace();
  const [params, setParams] = useSearchParams();
  const search = params.get('search') ?? '';
  const state = params.get('state') ?? '';
  const [asked] = useDebouncedValue(search.trim(), 250);
  const districts = useDistricts({ search: asked, state });
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        if (value) before.set(name, value);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );
  const isFiltered = asked !== '' || state !== '';
  const counts = districts.data?.pages[0]?.counts ?? {};
  return (
    <>
      <PageTitle title={t.tokens} lead={t.tokensLead} />
      <Section title={t.tokens} isWholePage>
        <Group mb="md" grow preventGrowOverflow={false}>
          <TextInput
            label={t.searchDistricts}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={search}
            onChange={(event) => set('search', event.currentTarget.value)}
            maxLength={100}
          />
          <Select
            label={t.status}
            placeholder={t.anyStatus}
            clearable
            data={Object.entries(t.statuses).map(([value, label]) => ({
              value,
              label: t.statusCount(label, counts[value] ?? 0),
            }))}
            value={state || null}
            onChange={(value) => set('state', value ?? '')}
          />
        </Group>
        <PagedTable
          query={districts}
          label={t.tokens}
          empty={isFiltered ? t.noMatch : t.noTokens}
          emptyText={isFiltered ? undefined : t.noTokensText}
          keyOf={({ grantId }) => grantId}
          columns={[
            {
              name: t.district,
              cell: ({ grantId, name, isSandbox }) => (
                <Group gap="xs">
                  <Anchor component={Link} to={`/apps/${id}/tokens/${grantId}`} fw={600}>
                    {name}
                  </Anchor>
                  {isSandbox && <Badge color="violet">{t.sandbox}</Badge>}
                </Group>
              ),
            },
            {
              name: t.status,
              cell: (row) => <Badge color={STATE_COLORS[row.state]}>{t.statuses[row.state]}</Badge>,
            },
            { name: t.token, cell: ({ token }) => (token ? <Code>{token.masked}</Code> : common.none) },
            { name: t.shares, cell: ({ selection }) => selectionName(selection) },
            {
              name: t.lastUsed,
              cell: ({ lastUsedAt }) => (lastUsedAt ? formatAgo(lastUsedAt) : common.never),
            },
          ]}
        />
      </Section>
    </>
  );
}
