import { Badge, Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { get, getAll, post, request } from '../shared/api';
import { DataTable } from '../shared/data-table';
import { ConfirmButton, notify } from '../shared/dialogs';
import { formatDay } from '../shared/format';
import { EmptyState, ErrorState, Loaded, PageTitle, Section } from '../shared/states';
import { common, partner, staff as t } from '../strings';
import { useMayChange, useNames, type RatePolicy } from './data';

interface Override extends Omit<RatePolicy, 'name' | 'subject'> {
  id: string;
  policy: string;
  appId: string | null;
  districtId: string | null;
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
                { name: t.subject, cell: ({ subject }) => subject },
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
  mode: string;
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
      <Select
        label={t.mode}
        data={[
          { value: 'enforce', label: t.enforce },
          { value: 'shadow', label: t.shadow },
        ]}
        value={value.mode}
        allowDeselect={false}
        onChange={(mode) => mode && onChange({ ...value, mode })}
      />
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

function ChangePolicy({ policy: { name, requestsMax, windowSeconds, mode, burst } }: { policy: RatePolicy }) {
  const [isOpen, { open, close }] = useDisclosure();
  const [value, setValue] = useState<Numbers>({ requestsMax, windowSeconds, mode });
  const saved = useSaved();
  const save = useMutation({
    mutationFn: () =>
      request('PUT', `/v1/rate-policies/${name}`, { body: { ...value, ...(burst ? { burst } : {}) } }),
    onSuccess: async () => {
      close();
      await saved();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <>
      <Button size="xs" variant="default" onClick={open} aria-label={`${t.change}: ${name}`}>
        {t.change}
      </Button>
      <Modal opened={isOpen} onClose={close} title={`${t.policy}: ${name}`}>
        <form onSubmit={submit}>
          <Stack>
            <NumberFields value={value} onChange={setValue} />
            {save.error && <ErrorState error={save.error} />}
            <Button type="submit" loading={save.isPending}>
              {common.save}
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
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
  const appOf = useNames('/v1/apps');
  const list = useQuery({
    queryKey: ['limits', 'overrides'],
    queryFn: ({ signal }) => getAll<Override>('/v1/rate-overrides', { signal }),
  });
  const districtOf = useNames('/v1/districts', list.data?.some(({ districtId }) => districtId) ?? false);
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
                { name: t.app, cell: ({ appId }) => (appId ? appOf(appId) : common.all) },
                {
                  name: t.district,
                  cell: ({ districtId }) => (districtId ? districtOf(districtId) : common.all),
                },
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
  const [isOpen, { open, close }] = useDisclosure();
  const [policy, setPolicy] = useState('token');
  const [value, setValue] = useState<Numbers>({ requestsMax: 1200, windowSeconds: 60, mode: 'enforce' });
  const [appId, setAppId] = useState('');
  const [districtId, setDistrictId] = useState('');
  const [reason, setReason] = useState('');
  const saved = useSaved();
  const save = useMutation({
    mutationFn: () =>
      request('PUT', '/v1/rate-overrides', {
        body: {
          ...value,
          policy,
          appId: appId.trim() || null,
          districtId: districtId.trim() || null,
          reason,
        },
      }),
    onSuccess: async () => {
      close();
      await saved();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <>
      <Button onClick={open}>{t.addOverride}</Button>
      <Modal opened={isOpen} onClose={close} title={t.addOverride}>
        <form onSubmit={submit}>
          <Stack>
            <Select
              label={t.policy}
              data={policies}
              value={policy}
              allowDeselect={false}
              onChange={(next) => next && setPolicy(next)}
            />
            <TextInput
              label={t.appId}
              value={appId}
              onChange={(event) => setAppId(event.currentTarget.value)}
            />
            <TextInput
              label={t.districtId}
              value={districtId}
              onChange={(event) => setDistrictId(event.currentTarget.value)}
            />
            <NumberFields value={value} onChange={setValue} />
            <TextInput
              label={t.reason}
              required
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {save.error && <ErrorState error={save.error} />}
            <Button type="submit" loading={save.isPending}>
              {common.save}
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
