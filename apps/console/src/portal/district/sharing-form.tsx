import { Accordion, Badge, Checkbox, Group, SimpleGrid, Text } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { fieldName, kindName } from '../../shared/format';
import { Section } from '../../shared/states';
import { common, district as t } from '../../strings';
import type { Choice, Fields } from './data';
import { SelectionChoice } from './selection-choice';

interface Props {
  value: Choice;
  onChange: (value: Choice) => void;
  requested: Fields;
  required: Fields;
}

/** The choice of whose records, which of their fields, and for how long. */
export function SharingForm({ value, onChange, requested, required }: Props) {
  const set = (change: Partial<Choice>) => onChange({ ...value, ...change });
  return (
    <>
      <Section title={t.which}>
        <SelectionChoice value={value.selection} onChange={(selection) => set({ selection })} />
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
