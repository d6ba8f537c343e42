import {
  Alert,
  Badge,
  Code,
  Group,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '@mantine/core';
import { ApiProblem, post } from '../../shared/api';
import { formatNumber, kindName } from '../../shared/format';
import { Loaded, Section } from '../../shared/states';
import { common, district as t } from '../../strings';
import { useDistrictScope } from '../scope';
import type { Choice } from './data';

export interface Preview {
  counts: { kind: string; shown: number; of: number }[];
  fields: Record<string, string[]>;
  sample: unknown[];
  next: string | null;
  vanishing?: {
    counts: { kind: string; count: number }[];
    sample: { kind: string; id: string; name: string }[];
    next: string | null;
  };
}

/** A preview; undefined where the installation has none. */
export async function previewOf<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiProblem && error.code === 'route-unknown') return undefined;
    throw error;
  }
}

interface Props {
  of: { appId: string } | { grantId: string };
  choice: Choice;
}

/** Exactly the records and fields that the app would get. */
export function PreviewSection({ of, choice }: Props) {
  const scope = useDistrictScope();
  const [kind, setKind] = useState('user');
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text, 300);
  const [{ selection, hideFields }] = useDebouncedValue(choice, 300);
  const preview = useInfiniteQuery({
    queryKey: ['preview', scope, of, selection, hideFields, kind, search],
    initialPageParam: undefined as string | undefined,
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam, signal }) => {
      const body = {
        ...of,
        selection,
        hideFields,
        kind,
        startingAfter: pageParam,
        ...(search ? { search } : {}),
      };
      return (await previewOf(() => post<Preview>('/v1/district/preview', { scope, body, signal }))) ?? null;
    },
    getNextPageParam: (page) => page?.next ?? undefined,
  });
  return (
    <Section title={t.preview} lead={t.previewLead}>
      <Loaded query={preview}>
        {({ pages }) => {
          const [first] = pages;
          if (!first)
            return (
              <Alert color="gray" variant="light">
                {t.previewMissing}
              </Alert>
            );
          return (
            <Stack>
              <SimpleGrid cols={{ base: 2, sm: 3, md: 6 }}>
                {first.counts.map(({ kind: of_, shown, of: all }) => (
                  <div key={of_}>
                    <Text size="sm" c="dimmed">
                      {kindName(of_)}
                    </Text>
                    <Text fw={650} fz="lg" className="tabular">
                      {formatNumber(shown)}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {t.of(shown, all)}
                    </Text>
                  </div>
                ))}
              </SimpleGrid>
              {first.vanishing && <Vanishing vanishing={first.vanishing} />}
              <Group align="flex-end">
                <SegmentedControl
                  value={kind}
                  onChange={setKind}
                  data={first.counts.map((each) => ({ value: each.kind, label: kindName(each.kind) }))}
                  aria-label={t.kind}
                  orientation="horizontal"
                />
                <TextInput
                  label={t.searchSample}
                  leftSection={<IconSearch size={16} aria-hidden />}
                  value={text}
                  onChange={(event) => setText(event.currentTarget.value)}
                />
              </Group>
              <Stack gap="xs">
                {pages
                  .flatMap((page) => page?.sample ?? [])
                  .map((document, i) => (
                    <Code block key={(document as { id?: string }).id ?? i} className="wrap" tabIndex={0}>
                      {JSON.stringify(document, null, 2)}
                    </Code>
                  ))}
              </Stack>
              {preview.hasNextPage && (
                <Button
                  variant="default"
                  onClick={() => void preview.fetchNextPage()}
                  loading={preview.isFetchingNextPage}
                >
                  {common.showMore}
                </Button>
              )}
            </Stack>
          );
        }}
      </Loaded>
    </Section>
  );
}

function Vanishing({ vanishing: { counts, sample } }: { vanishing: NonNullable<Preview['vanishing']> }) {
  const gone = counts.filter(({ count }) => count > 0);
  if (gone.length === 0) return <Text size="sm">{t.vanishingNone}</Text>;
  return (
    <Alert color="orange" variant="light" title={t.vanishing}>
      <Group gap="xs" mb="xs">
        {gone.map(({ kind, count }) => (
          <Badge key={kind} color="orange">
            {formatNumber(count)} {kindName(kind, count)}
          </Badge>
        ))}
      </Group>
      <Text size="sm">{sample.map(({ name }) => name).join(', ')}</Text>
    </Alert>
  );
}
