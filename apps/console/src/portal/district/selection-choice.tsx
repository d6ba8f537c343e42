import {
  ActionIcon,
  Button,
  Card,
  Group,
  Loader,
  MultiSelect,
  Radio,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ATTRIBUTES, OPERATORS } from '../../../dist/api/words';
import { kindName } from '../../shared/format';
import { district as t } from '../../strings';
import { useDistrictScope } from '../scope';
import {
  allRecords,
  findRecords,
  useSchools,
  type AttributeRule,
  type ChosenKind,
  type Condition,
  type OwnRecord,
  type Selection,
} from './data';

interface Props {
  value: Selection;
  onChange: (value: Selection) => void;
}

const NEW: Readonly<Record<Selection['type'], () => Selection>> = {
  everything: () => ({ type: 'everything' }),
  schools: () => ({ type: 'schools', schoolIds: [] }),
  sections: () => ({ type: 'sections', sectionIds: [] }),
  rules: () => ({ type: 'rules', rules: [newRule('student')] }),
};

/** Whose records: everybody's, or those of chosen schools or sections, or those that rules choose. */
export function SelectionChoice({ value, onChange }: Props) {
  return (
    <Radio.Group value={value.type} onChange={(type) => onChange(NEW[type]())} aria-label={t.which}>
      <Stack gap="sm">
        <Radio value="everything" label={t.everything} />
        <Radio value="schools" label={t.bySchools} />
        {value.type === 'schools' && (
          <SchoolsChoice
            value={value.schoolIds}
            onChange={(schoolIds) => onChange({ type: 'schools', schoolIds })}
          />
        )}
        <Radio value="sections" label={t.bySections} />
        {value.type === 'sections' && (
          <SectionsChoice
            value={value.sectionIds}
            onChange={(sectionIds) => onChange({ type: 'sections', sectionIds })}
          />
        )}
        <Radio value="rules" label={t.byRules} />
        {value.type === 'rules' && (
          <RulesChoice value={value.rules} onChange={(rules) => onChange({ type: 'rules', rules })} />
        )}
      </Stack>
    </Radio.Group>
  );
}

interface IdsProps {
  value: string[];
  onChange: (ids: string[]) => void;
}

/** What is chosen already stays in the list, whether it is still there or not. */
function optionsOf(names: ReadonlyMap<string, string>, chosen: readonly string[]) {
  const gone = chosen.filter((id) => !names.has(id)).map((id) => ({ value: id, label: id }));
  return [...[...names].map(([value, label]) => ({ value, label })), ...gone];
}

function SchoolsChoice({ value, onChange }: IdsProps) {
  const schools = useSchools();
  return (
    <MultiSelect
      label={t.schoolsLabel}
      description={t.schoolsHint}
      data={optionsOf(schools.data ?? new Map(), value)}
      value={value}
      onChange={onChange}
      searchable
      hidePickedOptions
      nothingFoundMessage={t.noSchool}
      rightSection={schools.isPending ? <Loader size="xs" aria-label={t.looking} /> : undefined}
      ml="xl"
    />
  );
}

/** Sections are looked for by name: a district has tens of thousands. */
function SectionsChoice({ value, onChange }: IdsProps) {
  const scope = useDistrictScope();
  const schools = useSchools();
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 250);
  const chosen = useQuery({
    queryKey: ['own-sections-chosen', scope, value],
    enabled: value.length > 0,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      allRecords(scope, { kind: 'section', selection: { type: 'sections', sectionIds: value } }, signal),
  });
  const found = useQuery({
    queryKey: ['own-sections', scope, search],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => findRecords(scope, { kind: 'section', search, limit: 50 }, signal),
  });
  const nameOf = ({ id, title, document }: OwnRecord): [string, string] => {
    const { period, school } = document as { period?: string; school?: string };
    const of = school && schools.data?.get(school);
    const isNamed = period && title.toLowerCase().includes(t.period(period).toLowerCase());
    return [id, [title, period && !isNamed && t.period(period), of].filter(Boolean).join(' · ')];
  };
  const names = new Map([...(chosen.data ?? []), ...(found.data?.records ?? [])].map(nameOf));
  return (
    <MultiSelect
      label={t.sectionsLabel}
      description={t.sectionsHint}
      placeholder={t.sectionsPlaceholder}
      data={optionsOf(names, value)}
      // The service has searched; what it found is shown as it is.
      filter={({ options }) => options}
      searchable
      searchValue={text}
      onSearchChange={setText}
      value={value}
      onChange={onChange}
      hidePickedOptions
      maxDropdownHeight={320}
      nothingFoundMessage={found.isFetching ? t.looking : t.noSection}
      rightSection={found.isFetching ? <Loader size="xs" aria-label={t.looking} /> : undefined}
      ml="xl"
    />
  );
}

const KINDS = Object.keys(ATTRIBUTES) as ChosenKind[];

function newRule(kind: ChosenKind): AttributeRule {
  return { kind, conditions: [newCondition(kind)] };
}

function newCondition(kind: ChosenKind): Condition {
  return { attribute: ATTRIBUTES[kind][0], operator: 'is', values: [] };
}

/** Rules on attributes: a record that one of them chooses is shared. */
function RulesChoice({
  value,
  onChange,
}: {
  value: AttributeRule[];
  onChange: (rules: AttributeRule[]) => void;
}) {
  const change = (at: number, rule: AttributeRule) => onChange(value.with(at, rule));
  return (
    <Stack ml="xl" gap="sm">
      <Text size="sm" c="dimmed">
        {t.rulesHint}
      </Text>
      {value.map((rule, at) => (
        // Rules have no names; what one says may be what another says.
        <Card key={at} className="card" padding="md" component="fieldset" aria-label={t.ruleNumber(at + 1)}>
          <Group justify="space-between" mb="sm" align="flex-end">
            <Select
              label={t.ruleKind}
              data={KINDS.map((kind) => ({ value: kind, label: kindName(kind) }))}
              value={rule.kind}
              onChange={(kind) => kind && change(at, newRule(kind))}
              allowDeselect={false}
            />
            {value.length > 1 && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t.removeRule(at + 1)}
                onClick={() => onChange(value.toSpliced(at, 1))}
              >
                <IconTrash size={18} />
              </ActionIcon>
            )}
          </Group>
          <Stack gap="xs">
            {rule.conditions.map((condition, place) => (
              <ConditionRow
                key={place}
                kind={rule.kind}
                value={condition}
                isFirst={place === 0}
                onChange={(next) => change(at, { ...rule, conditions: rule.conditions.with(place, next) })}
                onRemove={
                  rule.conditions.length > 1
                    ? () => change(at, { ...rule, conditions: rule.conditions.toSpliced(place, 1) })
                    : undefined
                }
              />
            ))}
          </Stack>
          <Group mt="xs">
            <Button
              variant="subtle"
              size="xs"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() =>
                change(at, { ...rule, conditions: [...rule.conditions, newCondition(rule.kind)] })
              }
            >
              {t.addCondition}
            </Button>
          </Group>
        </Card>
      ))}
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => onChange([...value, newRule('student')])}
        >
          {t.addRule}
        </Button>
      </Group>
    </Stack>
  );
}

interface ConditionProps {
  kind: ChosenKind;
  value: Condition;
  isFirst: boolean;
  onChange: (value: Condition) => void;
  onRemove: (() => void) | undefined;
}

function ConditionRow({ kind, value, isFirst, onChange, onRemove }: ConditionProps) {
  const { attribute, operator, values } = value;
  return (
    <Group align="flex-end" gap="xs" preventGrowOverflow={false}>
      <Select
        label={isFirst ? t.where : t.and}
        data={ATTRIBUTES[kind].map((name) => ({ value: name, label: t.attribute(name) }))}
        value={attribute}
        onChange={(name) => name && onChange({ attribute: name, operator, values: [] })}
        allowDeselect={false}
        w={{ base: '100%', sm: 180 }}
      />
      <Select
        label={t.operator}
        data={OPERATORS.map((name) => ({ value: name, label: t.operators[name] ?? name }))}
        value={operator}
        onChange={(name) =>
          name &&
          onChange({
            attribute,
            operator: name,
            values: name === 'in' ? values : values.slice(0, 1),
          })
        }
        allowDeselect={false}
        w={{ base: '100%', sm: 150 }}
      />
      <ValuesField value={value} onChange={(next) => onChange({ ...value, values: next })} />
      {onRemove && (
        <ActionIcon variant="subtle" color="gray" aria-label={t.removeCondition} onClick={onRemove} mb={4}>
          <IconTrash size={18} />
        </ActionIcon>
      )}
    </Group>
  );
}

/** One value, or for "one of" several; schools by their names. */
function ValuesField({
  value: { attribute, operator, values },
  onChange,
}: {
  value: Condition;
  onChange: (values: string[]) => void;
}) {
  const schools = useSchools();
  const style = { flex: '1 1 200px' };
  if (attribute === 'school' && operator !== 'contains')
    return (
      <MultiSelect
        label={t.value}
        data={optionsOf(schools.data ?? new Map(), values)}
        value={values}
        onChange={onChange}
        {...(operator === 'in' ? {} : { maxValues: 1 })}
        searchable
        hidePickedOptions
        style={style}
      />
    );
  if (operator === 'in')
    return (
      <TagsInput
        label={t.values}
        placeholder={values.length === 0 ? t.valuesPlaceholder : ''}
        value={values}
        onChange={onChange}
        acceptValueOnBlur
        style={style}
      />
    );
  return (
    <TextInput
      label={t.value}
      value={values[0] ?? ''}
      onChange={({ currentTarget: { value: text } }) => onChange(text === '' ? [] : [text])}
      maxLength={200}
      style={style}
    />
  );
}
