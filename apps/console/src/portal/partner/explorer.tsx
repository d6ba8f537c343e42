import { Alert, Anchor, Button, Code, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSparkles } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { ApiProblem, get, post } from '../../shared/api';
import { DataTable } from '../../shared/data-table';
import { EmptyState, ErrorState, Loaded, PageTitle, Section } from '../../shared/states';
import { explorer as t } from '../../strings';
import { useAppScope, useMayChange, usePlace, type Api } from '../scope';
import { useDistricts, type District } from './data';
import { Trial } from './trial';

type Answer = Api['TokenTrialResponse'];

/** Calls to the data API as the app's server would make them, in its sandbox or in a district that shares with it. */
export function ExplorerPage() {
  const mayChange = useMayChange();
  return (
    <>
      <PageTitle title={t.title} lead={t.lead} />
      <Sandbox />
      {mayChange ? <Calls /> : <EmptyState title={t.viewer} />}
    </>
  );
}

function useSandbox() {
  const scope = useAppScope();
  return useQuery({
    queryKey: ['sandbox', scope],
    queryFn: async ({ signal }) => {
      try {
        return await get<Api['SandboxResponse']>('/v1/sandbox', { scope, signal });
      } catch (error) {
        if (error instanceof ApiProblem && error.code === 'not-found') return null;
        throw error;
      }
    },
  });
}

function Sandbox() {
  const { id } = usePlace();
  const scope = useAppScope();
  const mayChange = useMayChange();
  const client = useQueryClient();
  const sandbox = useSandbox();
  const make = useMutation({
    mutationFn: () => post<Api['SandboxResponse']>('/v1/sandbox', { scope }),
    // Whoever makes it owns it: the session, too, names it from now on.
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <Section title={t.sandbox} lead={t.sandboxLead}>
      <Loaded query={sandbox}>
        {(found) =>
          found?.grantId ? (
            <Alert
              color="violet"
              variant="light"
              icon={<IconSparkles aria-hidden />}
              title={t.sandboxReady(found.name)}
            >
              <Group gap="lg">
                <Anchor component={Link} to={`/apps/${id}/tokens/${found.grantId}`}>
                  {t.itsToken}
                </Anchor>
                <Anchor component={Link} to={`/districts/${found.districtId}`}>
                  {t.asDistrict}
                </Anchor>
              </Group>
            </Alert>
          ) : (
            <Stack align="flex-start">
              {mayChange && (
                <Button onClick={() => make.mutate()} loading={make.isPending}>
                  {t.makeSandbox}
                </Button>
              )}
              {make.isPending && (
                <Text size="sm" role="status">
                  {t.making}
                </Text>
              )}
              {make.error && <ErrorState error={make.error} />}
            </Stack>
          )
        }
      </Loaded>
    </Section>
  );
}

function Calls() {
  const scope = useAppScope();
  const sandbox = useSandbox();
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search.trim(), 250);
  const found = useDistricts({ search: asked }, 50);
  const [chosen, setChosen] = useState<District>();
  const districts = found.data?.pages.flatMap(({ data }) => data) ?? [];
  const district =
    chosen ??
    districts.find(({ isSandbox, token }) => isSandbox && token) ??
    districts.find(({ token }) => token);
  const [path, setPath] = useState(t.lists[1]?.value ?? '');
  const call = useMutation({
    mutationFn: (wanted: string) =>
      post<Answer>(`/v1/tokens/${district?.token?.id ?? ''}/test`, { scope, body: { path: wanted } }),
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    call.mutate(path);
  };
  const options = [
    ...new Map([...(district ? [district] : []), ...districts].map((each) => [each.grantId, each])).values(),
  ];
  const next = call.data && nextOf(call.data);
  if (found.data && districts.length === 0 && !asked && sandbox.data === null)
    return <EmptyState title={t.noDistrict} />;
  return (
    <>
      <Section title={t.request}>
        <form onSubmit={send}>
          <Stack>
            <Group grow align="flex-start" preventGrowOverflow={false}>
              <Select
                label={t.district}
                data={options.map(({ grantId, name }) => ({ value: grantId, label: name }))}
                filter={({ options: shown }) => shown}
                searchable
                // The field holds the chosen name until something is typed over it.
                onSearchChange={(text) => setSearch(text === district?.name ? '' : text)}
                value={district?.grantId ?? null}
                onChange={(grantId) => setChosen(options.find((each) => each.grantId === grantId))}
                allowDeselect={false}
              />
              <Select
                label={t.list}
                data={t.lists}
                value={t.lists.some(({ value }) => value === path) ? path : null}
                onChange={(value) => value && setPath(value)}
                allowDeselect={false}
              />
            </Group>
            <TextInput
              label={t.path}
              value={path}
              onChange={(event) => setPath(event.currentTarget.value)}
              leftSection="GET"
              leftSectionWidth={52}
              spellCheck={false}
              required
            />
            {district && !district.isSandbox && (
              <Alert color="orange" variant="light">
                {t.realData}
              </Alert>
            )}
            {district && !district.token && <Text size="sm">{t.noLive}</Text>}
            <Group>
              <Button type="submit" loading={call.isPending} disabled={!district?.token}>
                {t.send}
              </Button>
            </Group>
          </Stack>
        </form>
      </Section>
      <Section title={t.answer}>
        {call.error && <ErrorState error={call.error} />}
        {call.data ? (
          <Stack>
            <Trial trial={call.data} />
            {next && (
              <Group>
                <Button
                  variant="default"
                  loading={call.isPending}
                  onClick={() => {
                    setPath(next);
                    call.mutate(next);
                  }}
                >
                  {t.nextPage}
                </Button>
              </Group>
            )}
            <Text fw={600} size="sm">
              {t.asCurl}
            </Text>
            <Code block className="wrap" tabIndex={0} aria-label={t.asCurl}>
              {`curl -H "Authorization: Bearer $TOKEN" \\\n  '${call.data.url}'`}
            </Code>
            <DataTable
              label={t.headers}
              rows={Object.entries(call.data.headers)}
              keyOf={([name]) => name}
              columns={[
                { name: t.headers, cell: ([name]) => <Code>{name}</Code> },
                { name: t.value, cell: ([, value]) => <span className="wrap">{value}</span> },
              ]}
            />
          </Stack>
        ) : (
          !call.error && <Text c="dimmed">{t.nothingYet}</Text>
        )}
      </Section>
    </>
  );
}

/** Where the answer says that the next page is. */
function nextOf({ body }: Answer): string | undefined {
  try {
    const { links = [] } = JSON.parse(body) as { links?: { rel: string; uri: string }[] };
    return links.find(({ rel }) => rel === 'next')?.uri;
  } catch {
    return undefined;
  }
}
