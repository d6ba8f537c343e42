import {
  Badge,
  Button,
  Checkbox,
  Group,
  Select,
  SimpleGrid,
  Stack,
  TextInput,
  Textarea,
} from '@mantine/core';
import { DateInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { getAll, request } from '../shared/api';
import { ConfirmButton, notify } from '../shared/dialogs';
import { ErrorState, Loaded, PageTitle, Section } from '../shared/states';
import { common, staff as t } from '../strings';
import { GrantsList } from './lists';
import { SeePages } from './viewing';
import { useMayChange, useNames, type App, type Grant, useOne } from './data';

export function AppPage() {
  const { id, one } = useOne<App>('apps');
  return (
    <Loaded query={one}>
      {(app) => (
        <>
          <AppHead app={app} />
          <AppSettings key={JSON.stringify(app)} app={app} />
          <Extension appId={id} />
          <GrantsList query={{ appId: id }} />
        </>
      )}
    </Loaded>
  );
}

function AppHead({ app }: { app: App }) {
  const client = useQueryClient();
  const mayChange = useMayChange();
  const partnerOf = useNames('/v1/partners');
  const grants = useQuery({
    queryKey: ['grants-of', app.id],
    queryFn: ({ signal }) => getAll<Grant>('/v1/grants', { signal, query: { appId: app.id } }),
  });
  const active = grants.data?.filter(({ status }) => status === 'active').length ?? 0;
  const set = (isEnabled: boolean) => async () => {
    await request('PATCH', `/v1/apps/${app.id}`, { body: { isEnabled } });
    await client.invalidateQueries({ queryKey: ['apps'] });
  };
  return (
    <PageTitle title={app.name} lead={partnerOf(app.partnerId)}>
      <Badge color={app.isEnabled ? 'teal' : 'red'}>{app.isEnabled ? t.enabled : t.disabled}</Badge>
      <Button component={Link} to={`/migration/${app.id}`} variant="default">
        {t.seeMigration}
      </Button>
      <Button component={Link} to={`/apps/${app.id}/credentials`} variant="default">
        {t.seeCredentials}
      </Button>
      <Button component={Link} to={`/apps/${app.id}/plan`} variant="default">
        {t.seePlan}
      </Button>
      {mayChange && <SeePages place="app" id={app.id} name={app.name} />}
      {mayChange &&
        (app.isEnabled ? (
          <ConfirmButton
            title={t.disableTitle(app.name)}
            body={t.disableBody(active)}
            verb={t.disable}
            act={set(false)}
          >
            {t.disable}
          </ConfirmButton>
        ) : (
          <Button onClick={() => void set(true)()}>{t.enable}</Button>
        ))}
    </PageTitle>
  );
}

function AppSettings({ app }: { app: App }) {
  const client = useQueryClient();
  const mayChange = useMayChange();
  const { purpose, isListed, reveal, signup } = app;
  const [value, setValue] = useState({ purpose, isListed, reveal, signup });
  const save = useMutation({
    mutationFn: () => request('PATCH', `/v1/apps/${app.id}`, { body: value }),
    onSuccess: async () => {
      notify(t.saved);
      await client.invalidateQueries({ queryKey: ['apps'] });
    },
  });
  return (
    <Section title={t.settings}>
      <Stack>
        <Textarea
          label={t.purpose}
          autosize
          minRows={2}
          value={value.purpose}
          readOnly={!mayChange}
          onChange={(event) => setValue({ ...value, purpose: event.currentTarget.value })}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={t.reveal}
            data={t.revealChoices}
            value={value.reveal}
            readOnly={!mayChange}
            allowDeselect={false}
            onChange={(next) => next && setValue({ ...value, reveal: next })}
          />
          <Select
            label={t.signup}
            data={t.signupChoices}
            value={value.signup}
            readOnly={!mayChange}
            allowDeselect={false}
            onChange={(next) => next && setValue({ ...value, signup: next })}
          />
        </SimpleGrid>
        <Checkbox
          label={t.listed}
          checked={value.isListed}
          disabled={!mayChange}
          onChange={(event) => setValue({ ...value, isListed: event.currentTarget.checked })}
        />
        {save.error && <ErrorState error={save.error} />}
        {mayChange && (
          <Group>
            <Button onClick={() => save.mutate()} loading={save.isPending}>
              {common.save}
            </Button>
          </Group>
        )}
      </Stack>
    </Section>
  );
}

function Extension({ appId }: { appId: string }) {
  const client = useQueryClient();
  const mayChange = useMayChange();
  const [until, setUntil] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const extend = useMutation({
    mutationFn: () =>
      request<{ proposal?: unknown }>('PUT', `/v1/sunset-plan/extensions/${appId}`, {
        body: { until: new Date(`${until}T00:00`).toISOString(), reason },
      }),
    onSuccess: async ({ proposal }) => {
      notify(proposal ? t.proposed : t.extended);
      await client.invalidateQueries({ queryKey: ['sunset'] });
    },
  });
  if (!mayChange) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (until) extend.mutate();
  };
  return (
    <Section title={t.extension}>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <DateInput
            label={t.extensionUntil}
            required
            value={until}
            onChange={setUntil}
            minDate={new Date()}
            valueFormat="MMM D, YYYY"
            w={180}
          />
          <TextInput
            label={t.extensionReason}
            required
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button type="submit" loading={extend.isPending}>
            {t.extend}
          </Button>
        </Group>
        {extend.error && <ErrorState error={extend.error} />}
      </form>
    </Section>
  );
}
