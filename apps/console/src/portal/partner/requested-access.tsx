import { Accordion, Badge, Checkbox, Group, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { FIELD_CATALOGUE } from '../../../dist/api/words';
import { ConfirmButton } from '../../shared/dialogs';
import { fieldName, kindName } from '../../shared/format';
import { Section } from '../../shared/states';
import { settings as t } from '../../strings';
import { useMayChange } from '../scope';
import { useChangeApp, type App } from './app-change';

type Fields = Readonly<Record<string, readonly string[]>>;
type Wish = 'no' | 'optional' | 'required';

/** A role is asked for with any of its fields: it is no choice of its own. */
const FIELDS = Object.entries(FIELD_CATALOGUE).map(
  ([kind, paths]) => [kind, paths.filter((path) => !/^roles\.[a-z_]+$/.test(path))] as const,
);

/** What is asked of each field, by `kind.path`. */
type Wishes = ReadonlyMap<string, Wish>;

/** What an app asks districts for: which kinds and fields, and which of them it cannot do without. */
export function RequestedAccess({ app }: { app: App }) {
  const mayChange = useMayChange();
  const before = wishesOf(app.requestedFields, app.requiredFields);
  const [wishes, setWishes] = useState<Wishes>(before);
  const save = useChangeApp(app);
  const changes = [...wishes].filter(([field, wish]) => before.get(field) !== wish);
  const more = changes.filter(([field]) => before.get(field) === 'no').length;
  const set = (fields: readonly string[], wish: Wish) =>
    setWishes(new Map([...wishes, ...fields.map((field) => [field, wish] as const)]));
  return (
    <Section title={t.access} lead={t.accessLead}>
      <Stack>
        <Accordion multiple variant="separated">
          {FIELDS.map(([kind, paths]) => {
            const fields = paths.map((path) => `${kind}.${path}`);
            const asked = fields.filter((field) => wishes.get(field) !== 'no');
            const name = kindName(kind);
            return (
              <Accordion.Item value={kind} key={kind}>
                <Accordion.Control>
                  <Group gap="sm">
                    <Text fw={600}>{`${name[0]?.toUpperCase()}${name.slice(1)}`}</Text>
                    <Badge color={asked.length > 0 ? 'teal' : 'gray'}>
                      {asked.length > 0 ? t.askedOf(asked.length, fields.length) : t.notAsked}
                    </Badge>
                  </Group>
                </Accordion.Control>
                <Accordion.Panel>
                  <Checkbox
                    label={t.allOf(name)}
                    fw={600}
                    mb="sm"
                    disabled={!mayChange}
                    checked={asked.length === fields.length}
                    indeterminate={asked.length > 0 && asked.length < fields.length}
                    onChange={({ currentTarget: { checked } }) =>
                      set(
                        checked ? fields.filter((field) => wishes.get(field) === 'no') : fields,
                        checked ? 'optional' : 'no',
                      )
                    }
                  />
                  <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xs">
                    {fields.map((field) => (
                      <Group key={field} justify="space-between" wrap="nowrap" gap="xs">
                        <Text size="sm" className="wrap">
                          {fieldName(field.slice(kind.length + 1))}
                        </Text>
                        <SegmentedControl
                          size="xs"
                          aria-label={fieldName(field.slice(kind.length + 1))}
                          disabled={!mayChange}
                          value={wishes.get(field) ?? 'no'}
                          onChange={(wish) => set([field], wish as Wish)}
                          data={t.wishes}
                        />
                      </Group>
                    ))}
                  </SimpleGrid>
                </Accordion.Panel>
              </Accordion.Item>
            );
          })}
        </Accordion>
        {mayChange && (
          <Group>
            <ConfirmButton
              variant="filled"
              title={t.saveAccess}
              body={t.saveAccessText(changes.length, more)}
              verb={t.saveAccess}
              isDestructive={false}
              disabled={changes.length === 0}
              act={() => save.mutateAsync(toFields(wishes))}
            >
              {t.saveAccess}
            </ConfirmButton>
            {changes.length > 0 && (
              <Text size="sm" c="dimmed" role="status">
                {t.unsaved(changes.length)}
              </Text>
            )}
          </Group>
        )}
      </Stack>
    </Section>
  );
}

function wishesOf(requested: Fields, required: Fields): Wishes {
  return new Map(
    FIELDS.flatMap(([kind, paths]) =>
      paths.map((path): [string, Wish] => {
        if (required[kind]?.includes(path)) return [`${kind}.${path}`, 'required'];
        return [`${kind}.${path}`, requested[kind]?.includes(path) ? 'optional' : 'no'];
      }),
    ),
  );
}

function toFields(wishes: Wishes) {
  const pick = (isPicked: (wish: Wish) => boolean) =>
    Object.fromEntries<string[]>(
      FIELDS.map(
        ([kind, paths]) =>
          [kind, paths.filter((path) => isPicked(wishes.get(`${kind}.${path}`) ?? 'no'))] as const,
      ).filter(([, paths]) => paths.length > 0),
    );
  return {
    requestedFields: pick((wish) => wish !== 'no'),
    requiredFields: pick((wish) => wish === 'required'),
  };
}
