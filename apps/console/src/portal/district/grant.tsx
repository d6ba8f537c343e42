import { Anchor, Button, Code, Group, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { get, getAll, post, request } from '../../shared/api';
import { DataTable } from '../../shared/data-table';
import { ConfirmButton, notify } from '../../shared/dialogs';
import { formatAgo, formatNumber } from '../../shared/format';
import { ErrorState, Loaded, PageTitle, Section } from '../../shared/states';
import { common, district as t, partner } from '../../strings';
import { sumOfUses } from '../partner/data';
import { useDistrictScope, useMayChange, usePlace, type Api } from '../scope';
import {
  isComplete,
  useListedApps,
  type Choice,
  type Fields,
  type Grant,
  type ListedApp,
  type Selection,
} from './data';
import { GrantStatus } from './home';
import { PreviewSection } from './preview';
import { SharingForm } from './sharing-form';

type Token = Api['TokenResponse'];

/** What is shared with one app: to be looked at, narrowed, paused or ended. */
export function GrantPage() {
  const { grantId = '' } = useParams();
  const { id } = usePlace();
  const scope = useDistrictScope();
  const apps = useListedApps();
  const grant = useQuery({
    queryKey: ['grant', scope, grantId],
    queryFn: ({ signal }) => get<Grant>(`/v1/district/grants/${grantId}`, { scope, signal }),
    // A change is published by and by, and an app answers when its makers do.
    refetchInterval: ({ state: { data } }) => {
      if (data?.isNarrowing || data?.awaits === 'publication') return 1500;
      return data?.awaits === 'app' ? 5000 : false;
    },
  });
  return (
    <>
      <Anchor component={Link} to={`/districts/${id}`} size="sm">
        ← {t.grantBack}
      </Anchor>
      <Loaded query={grant}>
        {(data) => (
          <Loaded query={apps}>
            {(listed) => (
              <GrantView
                key={data.changedAt}
                grant={data}
                app={listed.find((app) => app.id === data.appId)}
              />
            )}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}

function GrantView({ grant, app }: { grant: Grant; app: ListedApp | undefined }) {
  const scope = useDistrictScope();
  const mayChange = useMayChange();
  const client = useQueryClient();
  const name = app?.name ?? grant.appId;
  const path = `/v1/district/grants/${grant.id}` as const;
  const again = () => client.invalidateQueries();
  const tokens = useQuery({
    queryKey: ['grant-tokens', scope, grant.id],
    queryFn: ({ signal }) => getAll<Token>(`${path}/tokens`, { scope, signal }),
  });
  const live = tokens.data?.filter(({ state }) => state === 'live').length ?? 0;
  const resume = useMutation({ mutationFn: () => post(`${path}/resume`, { scope }), onSuccess: again });
  const move = (verb: 'pause' | 'revoke') => async () => {
    await post(`${path}/${verb}`, { scope });
    await again();
  };
  const isOver = grant.status === 'revoked';
  return (
    <>
      <PageTitle title={name} lead={app ? t.by(app.partner) : undefined}>
        <GrantStatus grant={grant} />
        {mayChange && !isOver && (
          <>
            {grant.status === 'active' && (
              <ConfirmButton
                title={t.pauseTitle(name)}
                body={t.pauseBody(live)}
                verb={t.pause}
                act={move('pause')}
              >
                {t.pause}
              </ConfirmButton>
            )}
            {grant.status === 'paused' && (
              <Button onClick={() => resume.mutate()} loading={resume.isPending}>
                {t.resume}
              </Button>
            )}
            <ConfirmButton
              title={t.revokeTitle(name)}
              body={`${t.revokeBody(live)} ${common.irreversible}`}
              verb={t.revoke}
              act={move('revoke')}
            >
              {t.revoke}
            </ConfirmButton>
          </>
        )}
      </PageTitle>
      {resume.error && <ErrorState error={resume.error} />}
      {app?.purpose && (
        <Section title={t.purpose}>
          <Text>{app.purpose}</Text>
        </Section>
      )}
      {!isOver && <ChangeForm grant={grant} app={app} />}
      <Section title={t.tokens} lead={t.tokensLead}>
        <Loaded query={tokens}>
          {(rows) =>
            rows.length === 0 ? (
              <Text c="dimmed">{t.noTokens}</Text>
            ) : (
              <DataTable
                label={t.tokens}
                rows={rows}
                keyOf={(row) => row.id}
                columns={[
                  { name: t.token, cell: ({ masked }) => <Code>{masked}</Code> },
                  { name: t.status, cell: ({ state }) => partner.states[state] },
                  { name: t.uses, isNumber: true, cell: (row) => formatNumber(sumOfUses(row)) },
                  {
                    name: t.lastUsed,
                    cell: ({ uses }) => {
                      const last = uses
                        .map(({ lastAt }) => lastAt)
                        .toSorted()
                        .at(-1);
                      return last ? formatAgo(last) : common.never;
                    },
                  },
                  {
                    name: common.actions,
                    cell: (row) =>
                      mayChange &&
                      row.state === 'live' && (
                        <ConfirmButton
                          size="xs"
                          title={t.revokeTokenTitle}
                          body={t.revokeTokenBody(sumOfUses(row))}
                          verb={t.revokeToken}
                          act={async () => {
                            await post(`/v1/district/tokens/${row.id}/revoke`, { scope });
                            await again();
                          }}
                        >
                          {t.revokeToken}
                        </ConfirmButton>
                      ),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Section>
    </>
  );
}

function ChangeForm({ grant, app }: { grant: Grant; app: ListedApp | undefined }) {
  const scope = useDistrictScope();
  const mayChange = useMayChange();
  const client = useQueryClient();
  const shared = grant.fields as Fields;
  const requested = (app?.requestedFields ?? shared) as Fields;
  const required = (app?.requiredFields ?? {}) as Fields;
  const before: Choice = {
    selection: grant.selection as unknown as Selection,
    hideFields: pathsOf(requested).filter((path) => !pathsOf(shared).includes(path)),
    startsAt: grant.startsAt,
    endsAt: grant.endsAt,
  };
  const [choice, setChoice] = useState(before);
  const isChanged = JSON.stringify(choice) !== JSON.stringify(before);
  const showFields = before.hideFields.filter((path) => !choice.hideFields.includes(path));
  const save = async () => {
    await request('PATCH', `/v1/district/grants/${grant.id}`, { scope, body: { ...choice, showFields } });
    notify(t.changed);
    await client.invalidateQueries();
  };
  return (
    <>
      <SharingForm value={choice} onChange={setChoice} requested={requested} required={required} />
      <PreviewSection of={{ grantId: grant.id }} choice={choice} showFields={showFields} />
      {mayChange && (
        <Group mb="lg">
          <ConfirmButton
            variant="filled"
            title={t.saveTitle}
            body={`${t.saveBody} ${t.changeLead}`}
            verb={t.saveChange}
            isDestructive={false}
            disabled={!isChanged || !isComplete(choice)}
            act={save}
          >
            {t.saveChange}
          </ConfirmButton>
        </Group>
      )}
    </>
  );
}

const pathsOf = (fields: Fields) =>
  Object.entries(fields).flatMap(([kind, names]) => names.map((name) => `${kind}.${name}`));
