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
import { useDistrictScope, type Api } from '../scope';
import type { Choice, Fields, Selection } from './data';
import type { PreviewOf } from './preview';

interface Props {
  of: PreviewOf;
  value: Choice;
  onChange: (value: Choice) => void;
  requested: Fields;
  required: Fields;
}

/** The choice of whose records, which of their fields, and for how long. */
export function SharingForm({ of, value, onChange, requested, required }: Props) {
  const set = (change: Partial<Choice>) => onChange({ ...value, ...change });
  return (
    <>
      <Section title={t.which}>
        <SelectionChoice of={of} value={value.selection} onChange={(selection) => set({ selection })} />
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
  of,
  value,
  onChange,
}: {
  of: PreviewOf;
  value: Selection;
  onChange: (value: Selection) => void;
}) {
  const schools = useSchools(of);
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

/** The schools by name, as a preview of everything lists them. */
function useSchools(of: PreviewOf) {
  const scope = useDistrictScope();
  return useQuery({
    queryKey: ['schools', scope, of],
    staleTime: 300_000,
    queryFn: async ({ signal }) => {
      const found: { value: string; label: string }[] = [];
      let after: string | undefined;
      do {
        const body = {
          ...of,
          selection: { type: 'everything' },
          hideFields: [],
          kind: 'school',
          limit: 100,
          after,
        };
        const { page }: Api['PreviewResponse'] = await post('/v1/district/preview', { scope, signal, body });
        found.push(...(page?.records ?? []).map(({ id, title }) => ({ value: id, label: title || id })));
        after = page?.next ?? undefined;
      } while (after);
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
