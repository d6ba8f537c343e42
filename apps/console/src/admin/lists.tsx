import { Anchor, Badge, Code, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { Link, useSearchParams } from 'react-router';
import type { Path } from '../shared/api';
import { type Column } from '../shared/data-table';
import { formatAgo, formatDay } from '../shared/format';
import { PageTitle, Section } from '../shared/states';
import { common, district, staff as t } from '../strings';
import { selectionName } from '../shared/selection';
import { useNames, usePaged, type App, type District, type Grant, type Partner } from './data';
import { PagedTable } from '../shared/paged-table';

interface ListProps<T> {
  title: string;
  path: Path;
  query?: Record<string, string>;
  columns: readonly Column<T>[];
}

/** A list that the service pages. */
export function PagedList<T extends { id: string | number }>({ title, path, query, columns }: ListProps<T>) {
  const list = usePaged<T>(path, query);
  return (
    <Section title={title}>
      <PagedTable
        query={list}
        label={title}
        empty={t.none}
        keyOf={({ id }) => String(id)}
        columns={columns}
      />
    </Section>
  );
}

const named = (to: string, name: string) => (
  <Anchor component={Link} to={to} fw={600}>
    {name}
  </Anchor>
);

export function PartnersPage() {
  return (
    <>
      <PageTitle title={t.partners} />
      <PagedList<Partner>
        title={t.partners}
        path="/v1/partners"
        columns={[
          { name: t.name, cell: ({ id, name }) => named(`/partners/${id}`, name) },
          { name: t.created, cell: ({ createdAt }) => formatDay(createdAt) },
        ]}
      />
    </>
  );
}

export function AppsPage() {
  const partnerOf = useNames('/v1/partners');
  return (
    <>
      <PageTitle title={t.apps} />
      <PagedList<App>
        title={t.apps}
        path="/v1/apps"
        columns={[
          { name: t.name, cell: ({ id, name }) => named(`/apps/${id}`, name) },
          { name: t.partner, cell: ({ partnerId }) => partnerOf(partnerId) },
          { name: t.clientId, cell: ({ clientId }) => <Code>{clientId}</Code> },
          {
            name: t.status,
            cell: ({ isEnabled }) => (
              <Badge color={isEnabled ? 'teal' : 'red'}>{isEnabled ? t.enabled : t.disabled}</Badge>
            ),
          },
        ]}
      />
    </>
  );
}

export function DistrictsPage() {
  const [params, setParams] = useSearchParams();
  const text = params.get('q') ?? '';
  const [search] = useDebouncedValue(text.trim(), 250);
  return (
    <>
      <PageTitle title={t.districts} />
      <TextInput
        label={t.districtSearch}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        maxLength={100}
        onChange={(event) =>
          setParams(event.currentTarget.value ? { q: event.currentTarget.value } : {}, { replace: true })
        }
        mb="lg"
        maw={420}
      />
      <PagedList<District>
        title={t.districts}
        path="/v1/districts"
        query={{ search }}
        columns={[
          { name: t.name, cell: ({ id, name }) => named(`/districts/${id}`, name) },
          {
            name: t.lastImport,
            cell: ({ lastImportAt }) => (lastImportAt ? formatAgo(lastImportAt) : common.never),
          },
        ]}
      />
    </>
  );
}

export function GrantsList({ query }: { query?: { appId: string } | { districtId: string } }) {
  // Where all are of one app or one district, the other says which.
  const nameOf = ({ appName, districtName }: Grant) => {
    if (query && 'appId' in query) return districtName;
    return query ? appName : `${appName}, ${districtName}`;
  };
  return (
    <PagedList<Grant>
      title={t.grants}
      path="/v1/grants"
      {...(query ? { query } : {})}
      columns={[
        {
          name: t.grant,
          cell: (grant) => named(`/grants/${grant.id}`, nameOf(grant)),
        },
        {
          name: t.status,
          cell: ({ status }) => (
            <Badge color={status === 'active' ? 'teal' : 'gray'}>{district.statuses[status] ?? status}</Badge>
          ),
        },
        { name: t.shares, cell: ({ selection }) => selectionName(selection) },
        { name: t.created, cell: ({ createdAt }) => formatDay(createdAt) },
      ]}
    />
  );
}

export function GrantsPage() {
  return (
    <>
      <PageTitle title={t.grants} />
      <GrantsList />
    </>
  );
}
