import { Button, Code, Group, Modal, Select, SimpleGrid, Stack, Table, Text, TextInput } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { formatInstant } from '../shared/format';
import { EmptyState, PageTitle } from '../shared/states';
import { audit as t, common, staff } from '../strings';
import { PagedList } from './lists';
import type { Api } from './data';

type Entry = Api['AuditEntryResponse'];
const FILTERS = ['actorType', 'actorId', 'action', 'subjectType', 'subjectId', 'from', 'until'] as const;
type Filter = Record<(typeof FILTERS)[number], string>;

/** Midnight of a day where the person is, and of the one after. */
const instantOf = (day: string, daysAfter = 0) => {
  if (day === '') return '';
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysAfter).toISOString();
};

/** Who changed what; what is looked for stands in the address, so that it can be handed on. */
export function AuditPage() {
  const [params, setParams] = useSearchParams();
  const [shown, setShown] = useState<Entry>();
  const filter = Object.fromEntries(FILTERS.map((name) => [name, params.get(name) ?? ''])) as Filter;
  const [settled] = useDebouncedValue(filter, 300, { leading: true });
  const set = (name: keyof Filter) => (value: string | null) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  };
  const { from, until, ...rest } = settled;
  const query = { ...rest, from: instantOf(from), until: instantOf(until, 1) };
  return (
    <>
      <PageTitle title={staff.audit} lead={staff.auditLead} />
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} mb="lg" role="search" aria-label={t.filters}>
        <Select
          label={t.actorType}
          placeholder={t.any}
          data={t.actorTypes}
          value={filter.actorType || null}
          onChange={set('actorType')}
          clearable
          clearButtonProps={{ 'aria-label': `${t.clear}: ${t.actorType}` }}
        />
        <TextInput
          label={t.actorId}
          value={filter.actorId}
          onChange={(event) => set('actorId')(event.currentTarget.value.trim())}
        />
        <Select
          label={t.kind}
          placeholder={t.any}
          data={t.kinds}
          value={filter.action || null}
          onChange={set('action')}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': `${t.clear}: ${t.kind}` }}
        />
        <TextInput
          label={staff.subjectFilter}
          value={filter.subjectId}
          onChange={(event) => set('subjectId')(event.currentTarget.value.trim())}
        />
        <DateInput
          label={t.from}
          value={filter.from || null}
          onChange={set('from')}
          valueFormat="MMM D, YYYY"
          clearable
          clearButtonProps={{ 'aria-label': `${t.clear}: ${t.from}` }}
        />
        <DateInput
          label={t.until}
          value={filter.until || null}
          onChange={set('until')}
          valueFormat="MMM D, YYYY"
          clearable
          clearButtonProps={{ 'aria-label': `${t.clear}: ${t.until}` }}
        />
        <Group align="flex-end">
          <Button
            variant="default"
            disabled={params.size === 0}
            onClick={() => setParams({}, { replace: true })}
          >
            {t.clearAll}
          </Button>
        </Group>
      </SimpleGrid>
      <PagedList<Entry>
        title={staff.audit}
        isWholePage
        path="/v1/audit"
        query={query}
        columns={[
          { name: staff.when, cell: ({ at }) => formatInstant(at) },
          { name: staff.action, cell: ({ action }) => action },
          {
            name: staff.subjectIs,
            cell: ({ subjectType, subjectId }) => (
              <Button
                variant="transparent"
                size="compact-sm"
                className="wrap"
                onClick={() => set('subjectId')(subjectId)}
              >
                {`${subjectType} ${shortOf(subjectId)}`}
              </Button>
            ),
          },
          {
            name: staff.actor,
            cell: ({ actorType, actorId, actorName }) => (
              <span className="wrap">{actorName ?? `${actorType} ${shortOf(actorId ?? '')}`}</span>
            ),
          },
          {
            name: common.actions,
            cell: (entry) => (
              <Button
                size="xs"
                variant="default"
                onClick={() => setShown(entry)}
                aria-label={`${staff.show}: ${entry.action}`}
              >
                {staff.show}
              </Button>
            ),
          },
        ]}
      />
      <Modal opened={shown !== undefined} onClose={() => setShown(undefined)} title={shown?.action} size="xl">
        {shown && <EntryView entry={shown} />}
      </Modal>
    </>
  );
}

/** Enough of an id to tell it from others; a name as it is. */
const shortOf = (id: string) => (/^[0-9a-f]{24}$/.test(id) ? id.slice(0, 8) : id);

/** Each value by the way to it: `plan.steps.0.from`. */
function leavesOf(value: unknown, path = ''): [string, string][] {
  if (value === undefined) return [];
  if (value === null || typeof value !== 'object')
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[path, Array.isArray(value) ? '[]' : '{}']];
  return entries.flatMap(([name, each]) => leavesOf(each, path === '' ? name : `${path}.${name}`));
}

/** What an entry says, and what it changed: only what differs, old beside new. */
function EntryView({ entry }: { entry: Entry }) {
  const [before, after] = [
    new Map(leavesOf(entry.before ?? undefined)),
    new Map(leavesOf(entry.after ?? undefined)),
  ];
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  const changed = paths.filter((path) => before.get(path) !== after.get(path));
  const facts = [
    [staff.when, formatInstant(entry.at)],
    [staff.actor, [entry.actorName, entry.actorType, entry.actorId].filter(Boolean).join(', ')],
    [staff.subjectIs, `${entry.subjectType} ${entry.subjectId}`],
    [staff.district, entry.districtId],
    [t.request, entry.requestId],
  ].filter((fact): fact is [string, string] => Boolean(fact[1]));
  return (
    <Stack>
      <div>
        {facts.map(([name, value]) => (
          <Text size="sm" key={name} className="wrap">
            <b>{name}:</b> {value}
          </Text>
        ))}
      </div>
      {changed.length === 0 ? (
        <EmptyState title={t.noValues} />
      ) : (
        <Table className="stack-table" aria-label={t.changes}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.field}</Table.Th>
              <Table.Th>{staff.before}</Table.Th>
              <Table.Th>{staff.after}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changed.map((path) => (
              <Table.Tr key={path}>
                <Table.Td data-label={t.field}>{path}</Table.Td>
                <Table.Td data-label={staff.before}>
                  <Value text={before.get(path)} />
                </Table.Td>
                <Table.Td data-label={staff.after}>
                  <Value text={after.get(path)} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {changed.length < paths.length && (
        <Text size="sm" c="dimmed">
          {t.same(paths.length - changed.length)}
        </Text>
      )}
    </Stack>
  );
}

function Value({ text }: { text: string | undefined }) {
  return text === undefined ? (
    <Text span c="dimmed">
      –
    </Text>
  ) : (
    <Code className="wrap">{text}</Code>
  );
}
