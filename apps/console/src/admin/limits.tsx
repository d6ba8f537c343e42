import { Badge, Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { get, getAll, post, request } from '../shared/api';
import { DataTable } from '../shared/data-table';
import { ConfirmButton, notify } from '../shared/dialogs';
import { FormEnd } from '../shared/fields';
import { formatDay } from '../shared/format';
import { EmptyState, ErrorState, Loaded, PageTitle, Section } from '../shared/states';
import { common, limitedBy, partner, staff as t } from '../strings';
import { useMayChange, type Mode, type RatePolicy } from './data';
import { ModeSelect, SubjectSelect } from './fields';

interface Override extends Omit<RatePolicy, 'name' | 'subject'> {
  id: string;
  policy: string;
  /** Null: of all. */
  appName: string | null;
  districtName: string | null;
  reason: string;
  expiresAt: string | null;
}

export function LimitsPage() {
  const mayChange = useMayChange();
  const policies = useQuery({
    queryKey: ['limits', 'policies'],
    queryFn: ({ signal }) => get<{ data: RatePolicy[] }>('/v1/rate-policies', { signal }),
  });
  const names = policies.data?.data.map(({ name }) => name) ?? [];
  return (
    <>
      <PageTitle title={t.limits} lead={t.limitsLead} />
      <Section title={t.policies}>
        <Loaded query={policies}>
          {({ data }) => (
            <DataTable
              label={t.policies}
              rows={data}
              keyOf={({ name }) => name}
              columns={[
                { name: t.policy, cell: ({ name }) => name },
                { name: t.subject, cell: ({ name, subject }) => limitedBy[name] ?? subject },
                {
                  name: t.limit,
                  cell: ({ requestsMax, windowSeconds }) => partner.usageMany(requestsMax, windowSeconds),
                },
                {
                  name: t.mode,
                  cell: ({ mode }) => (
                    <Badge color={mode === 'enforce' ? 'teal' : 'gray'}>
                      {mode === 'enforce' ? t.enforce : t.shadow}
                    </Badge>
                  ),
                },
                { name: common.actions, cell: (row) => mayChange && <ChangePolicy policy={row} /> },
              ]}
            />
          )}
        </Loaded>
      </Section>
      {mayChange && <Presets />}
      <Overrides policies={names} />
    </>
  );
}

interface Numbers {
  requestsMax: number;
  windowSeconds: number | null;
  mode: Mode;
}

function NumberFields({ value, onChange }: { value: Numbers; onChange: (value: Numbers) => void }) {
  return (
    <>
      <NumberInput
        label={t.requestsMax}
        min={1}
        required
        value={value.requestsMax}
        onChange={(next) => onChange({ ...value, requestsMax: Number(next) })}
      />
      {value.windowSeconds !== null && (
        <NumberInput
          label={t.windowSeconds}
          min={1}
          required
          value={value.windowSeconds}
          onChange={(next) => onChange({ ...value, windowSeconds: Number(next) })}
        />
      )}
      <ModeSelect value={value.mode} onChange={(mode) => onChange({ ...value, mode })} />
    </>
  );
}

function useSaved() {
  const client = useQueryClient();
  return async () => {
    notify(t.saved);
    await client.invalidateQueries({ queryKey: ['limits'] });
  };
}

interface FormProps {
  /** Of the button that opens it. */
  verb: string;
  title: string;
  isSmall?: boolean;
  save: () => Promise<unknown>;
  children: ReactNode;
}

/** A form behind a button: it closes once it is saved. */
function FormButton({ verb, title, isSmall = false, save, children }: FormProps) {
  const [isOpen, { open, close }] = useDisclosure();
  const saved = useSaved();
  const run = useMutation({
    mutationFn: save,
    onSuccess: async () => {
      close();
      await saved();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run.mutate();
  };
  return (
    <>
      <Button
        onClick={open}
        {...(isSmall ? { size: 'xs', variant: 'default', 'aria-label': `${verb}: ${title}` } : {})}
      >
        {verb}
      </Button>
      <Modal opened={isOpen} onClose={close} title={title}>
        <form onSubmit={submit}>
          <Stack>
            {children}
            {run.error && <ErrorState error={run.error} />}
            <FormEnd verb={common.save} isBusy={run.isPending} onCancel={close} />
          </Stack>
        </form>
      </Modal>
    </>
  );
}

function ChangePolicy({ policy: { name, requestsMax, windowSeconds, mode, burst } }: { policy: RatePolicy }) {
  const [value, setValue] = useState<Numbers>({ requestsMax, windowSeconds, mode });
  const save = () =>
    request('PUT', `/v1/rate-policies/${name}`, { body: { ...value, ...(burst ? { burst } : {}) } });
  return (
    <FormButton verb={t.change} title={`${t.policy}: ${name}`} isSmall save={save}>
      <NumberFields value={value} onChange={setValue} />
    </FormButton>
  );
}

function Presets() {
  const saved = useSaved();
  const presets = useQuery({
    queryKey: ['limits', 'presets'],
    queryFn: ({ signal }) =>
      get<{ data: { name: string; policies: RatePolicy[] }[] }>('/v1/rate-presets', { signal }),
  });
  return (
    <Section title={t.presets} lead={t.presetsLead}>
      <Loaded query={presets}>
        {({ data }) => (
          <Group>
            {data.map(({ name, policies }) => (
              <ConfirmButton
                key={name}
                title={t.applyTitle(name)}
                body={t.applyBody(policies.length, policies.map((each) => each.name).join(', '))}
                verb={t.apply}
                isDestructive={false}
                act={async () => {
                  await post(`/v1/rate-presets/${name}/apply`);
                  await saved();
                }}
              >
                {name}
              </ConfirmButton>
            ))}
          </Group>
        )}
      </Loaded>
    </Section>
  );
}

function Overrides({ policies }: { policies: string[] }) {
  const mayChange = useMayChange();
  const saved = useSaved();
  const list = useQuery({
    queryKey: ['limits', 'overrides'],
    queryFn: ({ signal }) => getAll<Override>('/v1/rate-overrides', { signal }),
  });
  return (
    <Section title={t.overrides} aside={mayChange && <AddOverride policies={policies} />}>
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title={t.overridesNone} />
          ) : (
            <DataTable
              label={t.overrides}
              rows={rows}
              keyOf={({ id }) => id}
              columns={[
                { name: t.policy, cell: ({ policy }) => policy },
                { name: t.app, cell: ({ appName }) => appName ?? common.all },
                { name: t.district, cell: ({ districtName }) => districtName ?? common.all },
                {
                  name: t.limit,
                  cell: ({ requestsMax, windowSeconds }) => partner.usageMany(requestsMax, windowSeconds),
                },
                { name: t.reason, cell: ({ reason }) => reason },
                { name: t.ends, cell: ({ expiresAt }) => (expiresAt ? formatDay(expiresAt) : common.never) },
                {
                  name: common.actions,
                  cell: ({ id }) =>
                    mayChange && (
                      <ConfirmButton
                        size="xs"
                        title={t.removeTitle}
                        body={t.removeBody}
                        verb={t.remove}
                        act={async () => {
                          await request('DELETE', `/v1/rate-overrides/${id}`);
                          await saved();
                        }}
                      >
                        {t.remove}
                      </ConfirmButton>
                    ),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Section>
  );
}

function AddOverride({ policies }: { policies: string[] }) {
  const [policy, setPolicy] = useState('token');
  const [value, setValue] = useState<Numbers>({ requestsMax: 1200, windowSeconds: 60, mode: 'enforce' });
  const [appId, setAppId] = useState<string | null>(null);
  const [districtId, setDistrictId] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState<string | null>(null);
  const save = () => {
    const expiresAt = until && new Date(`${until}T00:00`).toISOString();
    return request('PUT', '/v1/rate-overrides', {
      body: { ...value, policy, appId, districtId, reason, expiresAt },
    });
  };
  return (
    <FormButton verb={t.addOverride} title={t.addOverride} save={save}>
      <Select
        label={t.policy}
        data={policies}
        value={policy}
        allowDeselect={false}
        onChange={(next) => next && setPolicy(next)}
      />
      <SubjectSelect of="apps" label={t.app} value={appId} onChange={setAppId} />
      <SubjectSelect of="districts" label={t.district} value={districtId} onChange={setDistrictId} />
      <NumberFields value={value} onChange={setValue} />
      <TextInput
        label={t.reason}
        required
        minLength={3}
        maxLength={1000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <DateInput
        label={t.overrideEnds}
        value={until}
        onChange={setUntil}
        minDate={new Date()}
        valueFormat="MMM D, YYYY"
        clearable
        clearButtonProps={{ 'aria-label': `${common.none}: ${t.overrideEnds}` }}
      />
    </FormButton>
  );
}
