import {
  Accordion,
  Alert,
  Badge,
  Button,
  Code,
  Group,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../../shared/api';
import { formatNumber, kindName } from '../../shared/format';
import { EmptyState, Loaded, Section } from '../../shared/states';
import { common, district as t } from '../../strings';
import { useDistrictScope, type Api } from '../scope';
import { isComplete, type Choice } from './data';

type Preview = Api['PreviewResponse'];
type Kind = Preview['counts'][number]['kind'];

/** Whose choice is tried: a new grant of an app, found or invited, or a change of one that is there. */
export type PreviewOf = { appId: string } | { code: string } | { grantId: string };

interface Props {
  of: PreviewOf;
  choice: Choice;
  /** Fields that were hidden and are shown again. */
  showFields?: string[];
}

/** How many of each kind the app would see, and exactly which records and fields. */
export function PreviewSection({ of, choice, showFields = [] }: Props) {
  const scope = useDistrictScope();
  const [tried] = useDebouncedValue(choice, 300);
  const { selection, hideFields } = tried;
  const body = { ...of, selection, hideFields, ...('grantId' in of ? { showFields } : {}) };
  const counts = useQuery({
    queryKey: ['preview', scope, body],
    enabled: isComplete(tried),
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => post<Preview>('/v1/district/preview', { scope, body, signal }),
  });
  return (
    <Section title={t.preview} lead={t.previewLead}>
      {isComplete(tried) ? (
        <Loaded query={counts}>
          {(preview) => (
            <Stack>
              <Counts counts={preview.counts} isChange={'grantId' in of} />
              <Sample counts={preview.counts} body={body} />
            </Stack>
          )}
        </Loaded>
      ) : (
        <Text c="dimmed">{t.previewChoose}</Text>
      )}
    </Section>
  );
}

function Counts({ counts, isChange }: { counts: Preview['counts']; isChange: boolean }) {
  const gone = counts.filter(({ vanishing }) => vanishing > 0);
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3, md: 5 }} aria-live="polite">
        {counts
          .filter((each) => each.of > 0)
          .map(({ kind, shown, of }) => (
            <div key={kind}>
              <Text size="sm" c="dimmed">
                {kindName(kind)}
              </Text>
              <Text fw={650} fz="lg" className="tabular">
                {formatNumber(shown)}
              </Text>
              <Text size="xs" c="dimmed">
                {t.of(shown, of)}
              </Text>
            </div>
          ))}
      </SimpleGrid>
      {gone.length > 0 && (
        <Alert color="orange" variant="light" title={t.vanishing}>
          <Group gap="xs">
            {gone.map(({ kind, vanishing }) => (
              <Badge key={kind} color="orange">
                {formatNumber(vanishing)} {kindName(kind, vanishing)}
              </Badge>
            ))}
          </Group>
        </Alert>
      )}
      {isChange && gone.length === 0 && <Text size="sm">{t.vanishingNone}</Text>}
    </>
  );
}

function Sample({ counts, body }: { counts: Preview['counts']; body: object }) {
  const scope = useDistrictScope();
  const [kind, setKind] = useState<Kind>('student');
  const [which, setWhich] = useState('stays');
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 300);
  const hasVanishing = counts.some(({ vanishing }) => vanishing > 0);
  const vanishing = hasVanishing && which === 'goes';
  const sample = useInfiniteQuery({
    queryKey: ['preview-sample', scope, body, kind, vanishing, search],
    initialPageParam: undefined as string | undefined,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) =>
      post<Preview>('/v1/district/preview', {
        scope,
        signal,
        body: {
          ...body,
          kind,
          vanishing,
          limit: 20,
          ...(search ? { search } : {}),
          ...(pageParam ? { after: pageParam } : {}),
        },
      }),
    getNextPageParam: ({ page }) => page?.next ?? undefined,
  });
  return (
    <>
      {hasVanishing && (
        <SegmentedControl
          value={which}
          onChange={setWhich}
          aria-label={t.sampleOf}
          data={[
            { value: 'stays', label: t.whatStays },
            { value: 'goes', label: t.whatGoes },
          ]}
        />
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={t.kind}
          data={counts
            .filter((each) => each.of > 0)
            .map((each) => ({ value: each.kind, label: kindName(each.kind) }))}
          value={kind}
          onChange={(value) => value && setKind(value)}
          allowDeselect={false}
        />
        <TextInput
          label={t.searchSample}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </SimpleGrid>
      <Loaded query={sample}>
        {({ pages }) => {
          const records = pages.flatMap(({ page }) => page?.records ?? []);
          if (records.length === 0) return <EmptyState title={t.sampleNone} />;
          return (
            <Accordion multiple variant="contained">
              {records.map(({ id, title, document }) => (
                <Accordion.Item value={id} key={id}>
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
      {sample.hasNextPage && (
        <Button
          variant="default"
          onClick={() => void sample.fetchNextPage()}
          loading={sample.isFetchingNextPage}
        >
          {common.showMore}
        </Button>
      )}
    </>
  );
}
