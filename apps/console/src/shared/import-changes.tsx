import { Badge, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { components } from '../../dist/api/portal';
import { district as t } from '../strings';
import { post, type Path, type Scope } from './api';
import { fieldName, kindName } from './format';
import type { Import } from './imports';
import { PagedTable } from './paged-table';
import { Section } from './states';

type ChangesPage = components['schemas']['ImportChangesResponse'];
type Asked = components['schemas']['ImportChangesRequest'];
type Type = NonNullable<Asked['type']>;

interface RecordChange {
  id: string;
  title: string;
  before: object | null;
  change: { type: Type; object: object; previousAttributes?: object };
}

const CHANGE_COLORS = { created: 'teal', updated: 'blue', deleted: 'orange' } as const;
const ROLES = ['student', 'teacher', 'staff', 'contact', 'district_admin'] as const;
const LIMIT = 50;

/** Record by record what an import did, or would do while it is held: what is new, what changes from what, and what goes. */
export function ImportChanges({ report, path, scope }: { report: Import; path: Path; scope?: Scope }) {
  const isHeld = report.status === 'held';
  const changed = Object.entries(report.kinds)
    .filter(([, { created, updated, deleted }]) => created + updated + deleted > 0)
    .map(([kind]) => kind as Asked['kind']);
  // People are looked at by what they are: it is pupils that a district counts.
  const kinds = changed.flatMap((kind) => (kind === 'user' ? [kind, ...ROLES] : [kind]));
  const [kind, setKind] = useState(firstOf(changed, isHeld ? report.heldKinds : undefined));
  const [type, setType] = useState<Type | ''>(isHeld ? 'deleted' : '');
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 300);
  const list = useInfiniteQuery({
    queryKey: ['import-changes', path, scope, report.status, kind, type, search],
    initialPageParam: '',
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) =>
      post<Omit<ChangesPage, 'data'> & { data: RecordChange[] }>(path, {
        scope,
        signal,
        body: {
          kind,
          limit: LIMIT,
          ...(type ? { type } : {}),
          ...(search ? { search } : {}),
          ...(pageParam ? { after: pageParam } : {}),
        },
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  if (changed.length === 0) return null;
  const isNarrowed = isHeld || type !== '' || search !== '' || kind !== changed[0];
  return (
    <Section title={t.recordChanges} lead={isHeld ? t.recordChangesHeld : t.recordChangesLead}>
      <SimpleGrid cols={{ base: 1, sm: 3 }} mb="sm">
        <Select
          label={t.kind}
          data={kinds.map((each) => ({ value: each, label: kindName(each) }))}
          value={kind}
          onChange={(value) => value && setKind(value)}
          allowDeselect={false}
        />
        <Select
          label={t.changeType}
          data={[
            { value: '', label: t.anyChange },
            { value: 'created', label: t.created },
            { value: 'updated', label: t.updated },
            { value: 'deleted', label: t.deleted },
          ]}
          value={type}
          onChange={(value) => setType(value ?? '')}
          allowDeselect={false}
        />
        <TextInput
          label={t.searchRoster}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </SimpleGrid>
      <PagedTable
        query={list}
        label={t.recordChanges}
        empty={isNarrowed ? t.recordChangesNoMatch : t.recordChangesNone}
        emptyText={isNarrowed ? undefined : t.recordChangesNoneText}
        keyOf={({ id }) => id}
        columns={[
          { name: t.record, cell: ({ title }) => title },
          {
            name: t.changeType,
            cell: ({ change }) => <Badge color={CHANGE_COLORS[change.type]}>{t[change.type]}</Badge>,
          },
          {
            name: t.before,
            cell: ({ before, change }) =>
              change.previousAttributes ? (
                <Fields of={leaves(change.previousAttributes)} />
              ) : (
                before && <Whole document={before} />
              ),
          },
          {
            name: t.after,
            cell: ({ change }) => {
              if (change.type === 'created') return <Whole document={change.object} />;
              const { previousAttributes, object } = change;
              if (!previousAttributes) return null;
              return (
                <Fields of={leaves(previousAttributes).map(([branch]) => [branch, at(object, branch)])} />
              );
            },
          },
        ]}
      />
    </Section>
  );
}

function firstOf(changed: readonly Asked['kind'][], held: readonly string[] = []): Asked['kind'] {
  if (held.includes('user')) return 'student';
  const first = changed.find((kind) => held.includes(kind)) ?? changed.find((kind) => kind === 'user');
  return first ?? changed[0] ?? 'user';
}

type Leaf = readonly [path: readonly string[], value: unknown];

/** What an object holds at the end of its branches. A list is an end. */
function leaves(value: object, path: readonly string[] = []): Leaf[] {
  return Object.entries(value).flatMap(([key, each]: [string, unknown]) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? leaves(each, [...path, key])
      : [[[...path, key], each] as const],
  );
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((each, key) => (each as Record<string, unknown> | undefined)?.[key], value);
}

function said(value: unknown): string {
  if (value === null || value === undefined) return t.notThere;
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(', ');
  return JSON.stringify(value);
}

function Fields({ of }: { of: readonly Leaf[] }) {
  return (
    <Stack gap={2} className="wrap">
      {of.map(([path, value]) => (
        <Text size="sm" key={path.join('.')}>
          <Text span c="dimmed" size="sm">
            {fieldName(path.join('.'))}:
          </Text>{' '}
          {said(value)}
        </Text>
      ))}
    </Stack>
  );
}

function Whole({ document }: { document: object }) {
  return (
    <details>
      <summary>{t.allFieldsOf}</summary>
      <Fields of={leaves(document)} />
    </details>
  );
}
