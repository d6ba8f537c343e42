import { Accordion, Button, Code, Select, SimpleGrid, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { kindName } from '../../shared/format';
import { EmptyState, Loaded } from '../../shared/states';
import { common, district as t } from '../../strings';
import type { Api } from '../scope';

export type Kind = Api['PreviewCountResponse']['kind'];
type Page = Api['PreviewPageResponse'];

interface Query {
  kind: Kind;
  limit: number;
  search?: string;
  after?: string;
}

interface Props {
  queryKey: readonly unknown[];
  kinds: readonly Kind[];
  label: string;
  fetchPage: (query: Query, signal: AbortSignal) => Promise<Page>;
}

const LIMIT = 20;

/** Records of a kind by name, each to be opened: the service searches and pages. */
export function RecordSearch({ queryKey, kinds, label, fetchPage }: Props) {
  const [kind, setKind] = useState<Kind>(kinds.includes('student') ? 'student' : (kinds[0] ?? 'student'));
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 300);
  const list = useInfiniteQuery({
    queryKey: [...queryKey, kind, search],
    initialPageParam: '',
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) =>
      fetchPage(
        { kind, limit: LIMIT, ...(search ? { search } : {}), ...(pageParam ? { after: pageParam } : {}) },
        signal,
      ),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} mb="sm">
        <Select
          label={t.kind}
          data={kinds.map((each) => ({ value: each, label: kindName(each) }))}
          value={kind}
          onChange={(value) => value && setKind(value)}
          allowDeselect={false}
        />
        <TextInput
          label={label}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </SimpleGrid>
      <Loaded query={list}>
        {({ pages }) => {
          const records = pages.flatMap((page) => page.records);
          if (records.length === 0) return <EmptyState title={t.sampleNone} />;
          return (
            <Accordion multiple variant="contained">
              {records.map(({ id, title, document }) => (
                <Accordion.Item value={id} key={id} className="record">
                  <Accordion.Control>{title || id}</Accordion.Control>
                  <Accordion.Panel>
                    <Code block className="wrap" tabIndex={0}>
                      {JSON.stringify(document, null, 2)}
                    </Code>
                  </Accordion.Panel>
                </Accordion.Item>
              ))}
            </Accordion>
          );
        }}
      </Loaded>
      {list.hasNextPage && (
        <Button
          variant="default"
          mt="sm"
          onClick={() => void list.fetchNextPage()}
          loading={list.isFetchingNextPage}
        >
          {common.showMore}
        </Button>
      )}
    </>
  );
}
