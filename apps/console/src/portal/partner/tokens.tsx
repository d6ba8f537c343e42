import { Anchor, Badge, Code, Group, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link, useSearchParams } from 'react-router';
import { formatAgo } from '../../shared/format';
import { DataTable } from '../../shared/data-table';
import { EmptyState, Loaded, PageTitle, Section } from '../../shared/states';
import { common, partner as t } from '../../strings';
import { usePlace } from '../scope';
import { selectionName } from '../../shared/selection';
import { STATUS_COLORS, useDistricts, type DistrictRow } from './data';

/** Every district that shares with the app; what is looked for stands in the address. */
export function TokensPage() {
  const { id } = usePlace();
  const districts = useDistricts();
  const [params, setParams] = useSearchParams();
  const search = params.get('search') ?? '';
  const status = params.get('status') ?? '';
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        if (value) before.set(name, value);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );
  const matches = (row: DistrictRow) =>
    row.name.toLowerCase().includes(search.trim().toLowerCase()) && (status === '' || row.status === status);
  return (
    <>
      <PageTitle title={t.tokens} lead={t.tokensLead} />
      <Section title={t.tokens}>
        <Group mb="md" grow preventGrowOverflow={false}>
          <TextInput
            label={t.searchDistricts}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={search}
            onChange={(event) => set('search', event.currentTarget.value)}
          />
          <Select
            label={t.status}
            placeholder={t.anyStatus}
            clearable
            data={Object.entries(t.statuses).map(([value, label]) => ({ value, label }))}
            value={status || null}
            onChange={(value) => set('status', value ?? '')}
          />
        </Group>
        <Loaded query={districts}>
          {(rows) => {
            const found = rows.filter(matches);
            if (rows.length === 0) return <EmptyState title={t.noTokens}>{t.noTokensText}</EmptyState>;
            if (found.length === 0) return <EmptyState title={t.noMatch} />;
            return (
              <DataTable
                label={t.tokens}
                rows={found}
                keyOf={({ grant }) => grant.id}
                columns={[
                  {
                    name: t.district,
                    cell: ({ grant, name }) => (
                      <Anchor component={Link} to={`/apps/${id}/tokens/${grant.id}`} fw={600}>
                        {name}
                      </Anchor>
                    ),
                  },
                  {
                    name: t.status,
                    cell: (row) => <Badge color={STATUS_COLORS[row.status]}>{t.statuses[row.status]}</Badge>,
                  },
                  { name: t.token, cell: ({ live }) => (live ? <Code>{live.masked}</Code> : common.none) },
                  { name: t.shares, cell: ({ grant }) => selectionName(grant.selection) },
                  {
                    name: t.lastUsed,
                    cell: ({ lastUsedAt }) => (lastUsedAt ? formatAgo(lastUsedAt) : common.never),
                  },
                ]}
              />
            );
          }}
        </Loaded>
      </Section>
    </>
  );
}
