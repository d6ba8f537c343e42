import {
  Accordion,
  Badge,
  Checkbox,
  Group,
  MultiSelect,
  Radio,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
} from '@mantine/core';
import { DateInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { useQuery } from '@tanstack/react-query';
import { fieldName, kindName } from '../../shared/format';
import { Section } from '../../shared/states';
import { post } from '../../shared/api';
import { common, district as t } from '../../strings';
import { useDistrictScope } from '../scope';
import type { Choice, Fields, Selection } from './data';
import { previewOf, type Preview } from './preview';

interface Props {
  appId: string;
  value: Choice;
  onChange: (value: Choice) => void;
  requested: Fields;
  required: Fields;
}

/** The choice of whose records, which of their fields, and for how long. */
export function SharingForm({ appId, value, onChange, requested, required }: Props) {
  const set = (change: Partial<Choice>) => onChange({ ...value, ...change });
  return (
    <>
      <Section title={t.which}>
        <SelectionChoice appId={appId} value={value.selection} onChange={(selection) => set({ selection })} />
      </Section>
      <Section title={t.fieldsTitle} lead={t.fieldsLead}>
        <FieldChoice
          requested={requested}
          required={required}
          hidden={value.hideFields}
          onChange={(hideFields) => set({ hideFields })}
        />
      </Section>
      <Section title={t.datesTitle}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Day label={t.startsAt} value={value.startsAt} onChange={(startsAt) => set({ startsAt })} />
          <Day label={t.endsAt} value={value.endsAt} onChange={(endsAt) => set({ endsAt })} />
        </SimpleGrid>
      </Section>
    </>
  );
}

/** A day of the calendar, kept as the instant at which it begins here. */
function Day({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
}) {
  return (
    <DateInput
      label={label}
      value={value ? localDay(value) : null}
      onChange={(day) => onChange(day ? new Date(`${day}T00:00`).toISOString() : null)}
      clearable
      valueFormat="MMM D, YYYY"
      clearButtonProps={{ 'aria-label': `${common.none}: ${label}` }}
    />
  );
}

function localDay(value: string): string {
  const at = new Date(value);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

function SelectionChoice({
  appId,
  value,
  onChange,
}: {
  appId: string;
  value: Selection;
  onChange: (value: Selection) => void;
}) {
  const schools = useSchools(appId);
  const choose = (type: string) => {
    if (type === 'schools') onChange({ type, schoolIds: [] });
    else if (type === 'sections') onChange({ type, sectionIds: [] });
    else onChange({ type: 'everything' });
  };
  return (
    <Radio.Group value={value.type} onChange={choose} aria-label={t.which}>
      <Stack gap="sm">
        <Radio value="everything" label={t.everything} />
        <Radio value="schools" label={t.bySchools} />
        {value.type === 'schools' &&
          (schools.data && schools.data.length > 0 ? (
            <MultiSelect
              label={t.schoolsLabel}
              description={t.schoolsHint}
              data={schools.data}
              value={value.schoolIds}
              onChange={(schoolIds) => onChange({ type: 'schools', schoolIds })}
              searchable
              hidePickedOptions
              ml="xl"
            />
          ) : (
            <TagsInput
              label={t.schoolsLabel}
              description={t.schoolsHint}
              placeholder={t.idsPlaceholder}
              value={value.schoolIds}
              onChange={(schoolIds) => onChange({ type: 'schools', schoolIds })}
              ml="xl"
            />
          ))}
        <Radio value="sections" label={t.bySections} />
        {value.type === 'sections' && (
          <TagsInput
            label={t.sectionsLabel}
            description={t.sectionsHint}
            placeholder={t.idsPlaceholder}
            value={value.sectionIds}
            onChange={(sectionIds) => onChange({ type: 'sections', sectionIds })}
            ml="xl"
          />
        )}
      </Stack>
    </Radio.Group>
  );
}

/** The schools by name, as a preview of everything draws them; nothing where there is no preview. */
function useSchools(appId: string) {
  const scope = useDistrictScope();
  return useQuery({
    queryKey: ['schools', scope, appId],
    staleTime: 300_000,
    queryFn: async () => {
      const found: { value: string; label: string }[] = [];
      let startingAfter: string | undefined;
      do {
        const body = {
          appId,
          selection: { type: 'everything' },
          hideFields: [],
          kind: 'school',
          startingAfter,
        };
        const page: Preview | undefined = await previewOf(() =>
          post<Preview>('/v1/district/preview', { scope, body }),
        );
        for (const { id, name } of (page?.sample ?? []) as { id?: string; name?: string }[])
          if (id) found.push({ value: id, label: name ?? id });
        startingAfter = page?.next ?? undefined;
      } while (startingAfter);
      return found.toSorted((a, b) => a.label.localeCompare(b.label));
    },
  });
}

function FieldChoice({
  requested,
  required,
  hidden,
  onChange,
}: {
  requested: Fields;
  required: Fields;
  hidden: string[];
  onChange: (hidden: string[]) => void;
}) {
  const isHidden = new Set(hidden);
  const toggle = (names: string[], isShown: boolean) =>
    onChange(isShown ? hidden.filter((each) => !names.includes(each)) : [...new Set([...hidden, ...names])]);
  return (
    <Accordion multiple variant="separated">
      {Object.entries(requested).map(([kind, fields]) => {
        const needed = new Set(required[kind]);
        const optional = fields.filter((field) => !needed.has(field)).map((field) => `${kind}.${field}`);
        const shown = optional.filter((each) => !isHidden.has(each)).length;
        const name = kindName(kind);
        return (
          <Accordion.Item value={kind} key={kind}>
            <Accordion.Control>
              <Group gap="sm">
                <Text fw={600}>{`${name[0]?.toUpperCase()}${name.slice(1)}`}</Text>
                <Badge color="gray">{t.of(fields.length - optional.length + shown, fields.length)}</Badge>
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              {optional.length > 0 && (
                <Checkbox
                  label={t.allOf(name)}
                  fw={600}
                  mb="sm"
                  checked={shown === optional.length}
                  indeterminate={shown > 0 && shown < optional.length}
                  onChange={(event) => toggle(optional, event.currentTarget.checked)}
                />
              )}
              <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }} spacing="xs">
                {fields.map((field) => {
                  const path = `${kind}.${field}`;
                  const isNeeded = needed.has(field);
                  return (
                    <Checkbox
                      key={field}
                      label={isNeeded ? `${fieldName(field)} (${t.required})` : fieldName(field)}
                      checked={isNeeded || !isHidden.has(path)}
                      disabled={isNeeded}
                      onChange={(event) => toggle([path], event.currentTarget.checked)}
                    />
                  );
                })}
              </SimpleGrid>
            </Accordion.Panel>
          </Accordion.Item>
        );
      })}
    </Accordion>
  );
}
