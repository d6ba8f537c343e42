import { Anchor, Badge, Code, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { Link, useSearchParams } from 'react-router';
import type { Path } from '../shared/api';
import { type Column } from '../shared/data-table';
import { formatAgo, formatDay, formatInstant } from '../shared/format';
import { ImportStatus, changesOf, type Import } from '../shared/imports';
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
  /** The page has this list alone, and says its title already. */
  isWholePage?: boolean;
}

/** A list that the service pages. */
export function PagedList<T extends { id: string | number }>({
  title,
  path,
  query,
  columns,
  isWholePage = false,
}: ListProps<T>) {
  const list = usePaged<T>(path, query);
  return (
    <Section title={title} isWholePage={isWholePage}>
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
        isWholePage
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
        isWholePage
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
  const [text, roster] = [params.get('q') ?? '', params.get('roster') ?? ''];
  const [search] = useDebouncedValue(text.trim(), 250);
  return (
    <>
      <PageTitle title={t.districts} />
      <Group mb="lg" align="flex-end">
        <TextInput
          label={t.districtSearch}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          maxLength={100}
          onChange={(event) => setParams(withParam('q', event.currentTarget.value), { replace: true })}
          w={{ base: '100%', sm: 320 }}
        />
        <Select
          label={t.rosters}
          data={Object.entries(t.rosterChoices).map(([value, label]) => ({ value, label }))}
          value={roster}
          onChange={(value) => setParams(withParam('roster', value ?? ''), { replace: true })}
          allowDeselect={false}
          w={{ base: '100%', sm: 320 }}
        />
      </Group>
      <PagedList<District>
        title={t.districts}
        path="/v1/districts"
        isWholePage
        query={{ search, roster }}
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

/** Sets one of what an address asks by, and leaves the others. */
const withParam = (name: string, value: string) => (params: URLSearchParams) => {
  const next = new URLSearchParams(params);
  if (value) next.set(name, value);
  else next.delete(name);
  return next;
};

/** The imports of all districts. */
export function ImportsPage() {
  const [params, setParams] = useSearchParams();
  const status = params.get('status') ?? '';
  return (
    <>
      <PageTitle title={t.imports} lead={t.importsLead} />
      <Select
        label={t.status}
        data={[
          { value: '', label: common.all },
          ...Object.entries(district.importStatuses).map(([value, label]) => ({ value, label })),
        ]}
        value={status}
        onChange={(value) => setParams(withParam('status', value ?? ''), { replace: true })}
        allowDeselect={false}
        mb="lg"
        maw={320}
      />
      <PagedList<Import & { districtId: string; districtName: string }>
        title={t.imports}
        path="/v1/imports"
        isWholePage
        query={{ status }}
        columns={[
          {
            name: district.begun,
            cell: ({ id, districtId, startedAt }) =>
              named(`/districts/${districtId}/imports/${id}`, formatInstant(startedAt)),
          },
          { name: t.district, cell: ({ districtName }) => districtName },
          { name: t.status, cell: ({ status: each }) => <ImportStatus status={each} /> },
          { name: district.changes, cell: changesOf },
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
      isWholePage={!query}
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
