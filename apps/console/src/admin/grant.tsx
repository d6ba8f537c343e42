import { Badge, Button, Code, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { get, getAll, post } from '../shared/api';
import { DataTable } from '../shared/data-table';
import { ConfirmButton } from '../shared/dialogs';
import { fieldName, formatAgo, kindName } from '../shared/format';
import { selectionName } from '../shared/selection';
import { ErrorState, Loaded, PageTitle, Section } from '../shared/states';
import { common, district, partner as partnerWords, staff as t } from '../strings';
import { useMayChange, type Grant, useOne } from './data';

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
