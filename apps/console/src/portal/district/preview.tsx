import { Alert, Badge, Group, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../../shared/api';
import { formatNumber, kindName } from '../../shared/format';
import { Loaded, Section } from '../../shared/states';
import { district as t } from '../../strings';
import { useDistrictScope, type Api } from '../scope';
import { isComplete, type Choice } from './data';
import { RecordSearch } from './record-search';

type Preview = Api['PreviewResponse'];

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
  const [which, setWhich] = useState('stays');
  const hasVanishing = counts.some(({ vanishing }) => vanishing > 0);
  const vanishing = hasVanishing && which === 'goes';
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
      <RecordSearch
        queryKey={['preview-sample', scope, body, vanishing]}
        kinds={counts.filter((each) => each.of > 0).map(({ kind }) => kind)}
        label={t.searchSample}
        fetchPage={async (query, signal) => {
          const { page } = await post<Preview>('/v1/district/preview', {
            scope,
            signal,
            body: { ...body, ...query, vanishing },
          });
          return page ?? { records: [], next: null };
        }}
      />
    </>
  );
}
