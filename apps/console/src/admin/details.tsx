import {
  Anchor,
  Badge,
  Button,
  Checkbox,
  Code,
  FileButton,
  Group,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Textarea,
} from '@mantine/core';
import { DateInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link, useParams } from 'react-router';
import { get, getAll, post, request, upload } from '../shared/api';
import { DataTable } from '../shared/data-table';
import { ConfirmButton, notify } from '../shared/dialogs';
import { fieldName, formatAgo, formatInstant, formatNumber, kindName } from '../shared/format';
import { ImportChanges } from '../shared/import-changes';
import { ImportReport, ImportStatus, changesOf, type Import } from '../shared/imports';
import { selectionName } from '../shared/selection';
import { ErrorState, Loaded, PageTitle, Section } from '../shared/states';
import { common, district, people, partner as partnerWords, staff as t } from '../strings';
import { GrantsList, PagedList } from './lists';
import { SeePages } from './viewing';
import { useMayChange, useNames, type App, type District, type Grant, type Partner } from './data';

function useOne<T>(kind: 'partners' | 'apps' | 'districts' | 'grants') {
  const { id = '' } = useParams();
  const one = useQuery({
    queryKey: [kind, id],
    queryFn: ({ signal }) => get<T>(`/v1/${kind}/${id}`, { signal }),
  });
  return { id, one };
}

function InviteOwner({ path }: { path: `/v1/${'partners' | 'districts'}/${string}/people` }) {
  const [email, setEmail] = useState('');
  const invite = useMutation({
    mutationFn: () => post(path, { body: { email, role: 'owner' } }),
    onSuccess: () => {
      setEmail('');
      notify(people.sent);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  return (
    <Section title={t.inviteOwner}>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput
            label={t.inviteEmail}
            type="email"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Button type="submit" loading={invite.isPending}>
            {people.send}
          </Button>
        </Group>
        {invite.error && <ErrorState error={invite.error} />}
      </form>
    </Section>
  );
}

export function PartnerPage() {
  const { id, one } = useOne<Partner>('partners');
  const mayChange = useMayChange();
  const apps = useQuery({
    queryKey: ['apps-of', id],
    queryFn: ({ signal }) => getAll<App>('/v1/apps', { signal }),
  });
  return (
    <Loaded query={one}>
      {({ name }) => (
        <>
          <PageTitle title={name} />
          <Section title={t.apps}>
            <Loaded query={apps}>
              {(rows) => (
                <DataTable
                  label={t.apps}
                  rows={rows.filter(({ partnerId }) => partnerId === id)}
                  keyOf={(row) => row.id}
                  columns={[
                    {
                      name: t.name,
                      cell: (row) => (
                        <Anchor component={Link} to={`/apps/${row.id}`}>
                          {row.name}
                        </Anchor>
                      ),
                    },
                    { name: t.clientId, cell: ({ clientId }) => <Code>{clientId}</Code> },
                  ]}
                />
              )}
            </Loaded>
          </Section>
          {mayChange && <InviteOwner path={`/v1/partners/${id}/people`} />}
        </>
      )}
    </Loaded>
  );
}

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

export function DistrictPage() {
  const { id, one } = useOne<District>('districts');
  const mayChange = useMayChange();
  return (
    <Loaded query={one}>
      {({ name, lastImportAt }) => (
        <>
          <PageTitle
            title={name}
            lead={`${t.lastImport}: ${lastImportAt ? formatInstant(lastImportAt) : common.never}`}
          >
            {mayChange && <SeePages place="district" id={id} name={name} />}
            {mayChange && <Upload districtId={id} />}
          </PageTitle>
          <Imports districtId={id} />
          <GrantsList query={{ districtId: id }} />
          {mayChange && <InviteOwner path={`/v1/districts/${id}/people`} />}
        </>
      )}
    </Loaded>
  );
}

function Upload({ districtId }: { districtId: string }) {
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: (file: File) => upload(`/v1/districts/${districtId}/imports`, file),
    onSuccess: async () => {
      notify(t.uploaded);
      await client.invalidateQueries();
    },
  });
  return (
    <div>
      <FileButton onChange={(file) => file && send.mutate(file)} accept="application/zip,.zip">
        {(props) => (
          <Button {...props} loading={send.isPending} title={t.uploadHint}>
            {t.upload}
          </Button>
        )}
      </FileButton>
      {send.error && <ErrorState error={send.error} />}
    </div>
  );
}

function Imports({ districtId }: { districtId: string }) {
  return (
    <PagedList<Import>
      title={t.imports}
      path={`/v1/districts/${districtId}/imports`}
      columns={[
        {
          name: district.begun,
          cell: ({ id, startedAt }) => (
            <Anchor component={Link} to={`/districts/${districtId}/imports/${id}`}>
              {formatInstant(startedAt)}
            </Anchor>
          ),
        },
        { name: t.status, cell: ({ status }) => <ImportStatus status={status} /> },
        { name: district.changes, cell: changesOf },
      ]}
    />
  );
}

export function ImportPage() {
  const { id = '', importId = '' } = useParams();
  const client = useQueryClient();
  const mayChange = useMayChange();
  const path = `/v1/districts/${id}/imports/${importId}` as const;
  const report = useQuery({
    queryKey: ['import', id, importId],
    queryFn: ({ signal }) => get<Import>(path, { signal }),
    refetchInterval: ({ state }) => (state.data?.status === 'running' ? 1000 : false),
  });
  const move = (verb: 'confirm' | 'discard') => async () => {
    await post(`${path}/${verb}`);
    await client.invalidateQueries();
  };
  const deletedOf = ({ kinds }: Import) =>
    Object.entries(kinds)
      .filter(([, { deleted }]) => deleted > 0)
      .map(([kind, { deleted }]) => `${formatNumber(deleted)} ${kindName(kind, deleted)}`)
      .join(', ');
  return (
    <>
      <Anchor component={Link} to={`/districts/${id}`} size="sm">
        ← {t.district}
      </Anchor>
      <Loaded query={report}>
        {(data) => (
          <>
            <PageTitle title={`${district.report}: ${formatInstant(data.startedAt)}`}>
              <ImportStatus status={data.status} />
              {mayChange && data.status === 'held' && (
                <>
                  <ConfirmButton
                    title={t.confirmTitle}
                    body={t.confirmBody(deletedOf(data))}
                    verb={t.confirmImport}
                    act={move('confirm')}
                  >
                    {t.confirmImport}
                  </ConfirmButton>
                  <ConfirmButton
                    title={t.discardTitle}
                    body={t.discardBody}
                    verb={t.discardImport}
                    act={move('discard')}
                  >
                    {t.discardImport}
                  </ConfirmButton>
                </>
              )}
            </PageTitle>
            <ImportReport report={data}>
              {['held', 'published'].includes(data.status) && (
                <ImportChanges key={data.status} report={data} path={`${path}/changes`} />
              )}
            </ImportReport>
          </>
        )}
      </Loaded>
    </>
  );
}

interface Token {
  id: string;
  masked: string;
  state: string;
  uses?: { lastAt: string }[];
}

export function GrantPage() {
  const { id, one } = useOne<Grant>('grants');
  const client = useQueryClient();
  const mayChange = useMayChange();
  const districtId = one.data?.districtId;
  const tokens = useQuery({
    queryKey: ['tokens-of', id],
    enabled: districtId !== undefined,
    queryFn: ({ signal }) =>
      getAll<Token>('/v1/tokens', { signal, query: { appId: one.data?.appId, districtId } }),
  });
  const live = tokens.data?.filter(({ state }) => state === 'live').length ?? 0;
  const move = (verb: 'pause' | 'resume' | 'revoke') => async () => {
    await post(`/v1/grants/${id}/${verb}`);
    await client.invalidateQueries();
  };
  return (
    <Loaded query={one}>
      {(grant) => (
        <>
          <PageTitle title={`${grant.appName}, ${grant.districtName}`} lead={selectionName(grant.selection)}>
            <Badge color={grant.status === 'active' ? 'teal' : 'gray'}>
              {district.statuses[grant.status] ?? grant.status}
            </Badge>
            {mayChange && grant.status === 'active' && (
              <ConfirmButton title={t.pauseTitle} body={t.pauseBody(live)} verb={t.pause} act={move('pause')}>
                {t.pause}
              </ConfirmButton>
            )}
            {mayChange && grant.status === 'paused' && (
              <Button onClick={() => void move('resume')()}>{t.resume}</Button>
            )}
            {mayChange && grant.status !== 'revoked' && (
              <ConfirmButton
                title={t.revokeTitle}
                body={`${t.revokeBody(live)} ${common.irreversible}`}
                verb={t.revoke}
                act={move('revoke')}
              >
                {t.revoke}
              </ConfirmButton>
            )}
          </PageTitle>
          <Explain grantId={id} />
          <Section title={t.tokens}>
            <Loaded query={tokens}>
              {(rows) => (
                <DataTable
                  label={t.tokens}
                  rows={rows}
                  keyOf={(row) => row.id}
                  columns={[
                    { name: t.token, cell: ({ masked }) => <Code>{masked}</Code> },
                    { name: t.status, cell: ({ state }) => partnerWords.states[state] ?? state },
                    {
                      name: t.lastUsed,
                      cell: ({ uses = [] }) => {
                        const last = uses
                          .map(({ lastAt }) => lastAt)
                          .toSorted()
                          .at(-1);
                        return last ? formatAgo(last) : common.never;
                      },
                    },
                  ]}
                />
              )}
            </Loaded>
          </Section>
          <Section title={t.fields}>
            {Object.entries(grant.fields).map(([kind, names]) => (
              <Text size="sm" key={kind} mb="xs">
                <b>{kindName(kind)}:</b> {names.map(fieldName).join('; ')}
              </Text>
            ))}
          </Section>
        </>
      )}
    </Loaded>
  );
}

interface Explanation {
  verdict: string;
  because: string;
  refusal: string | null;
  hiddenFields?: string[];
}

function Explain({ grantId }: { grantId: string }) {
  const [kind, setKind] = useState('user');
  const [recordId, setRecordId] = useState('');
  const explain = useMutation({
    mutationFn: () =>
      get<Explanation>(`/v1/grants/${grantId}/explain`, { query: { kind, recordId: recordId.trim() } }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    explain.mutate();
  };
  const kinds = ['school', 'term', 'course', 'user', 'section', 'resource'];
  return (
    <Section title={t.explain} lead={t.explainLead}>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <Select
            label={t.kind}
            data={kinds.map((each) => ({ value: each, label: kindName(each, 1) }))}
            value={kind}
            allowDeselect={false}
            onChange={(next) => next && setKind(next)}
          />
          <TextInput
            label={t.recordId}
            required
            value={recordId}
            onChange={(event) => setRecordId(event.currentTarget.value)}
          />
          <Button type="submit" loading={explain.isPending}>
            {t.ask}
          </Button>
        </Group>
      </form>
      {explain.error && <ErrorState error={explain.error} />}
      {explain.data && (
        <Stack mt="md" gap={4} role="status">
          <Badge>{explain.data.verdict}</Badge>
          <Text>{explain.data.because}</Text>
          {explain.data.refusal && <Text size="sm">{explain.data.refusal}</Text>}
          {(explain.data.hiddenFields ?? []).length > 0 && (
            <Text size="sm">{explain.data.hiddenFields?.map(fieldName).join('; ')}</Text>
          )}
        </Stack>
      )}
    </Section>
  );
}
