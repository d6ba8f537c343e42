import {
  ActionIcon,
  Alert,
  Anchor,
  Badge,
  Button,
  Fieldset,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { get, post, request } from '../shared/api';
import { DataTable } from '../shared/data-table';
import { ConfirmButton, notify } from '../shared/dialogs';
import { formatDay, formatInstant, formatNumber } from '../shared/format';
import { ErrorState, Loaded, PageTitle, Section } from '../shared/states';
import { appPlan, calendar, common, staff as t } from '../strings';
import { SunsetCalendar } from './calendar';
import { useMayChange, useNames, type Api } from './data';
import { ModeSelect } from './fields';

type Plan = Pick<Api['SunsetPlanResponse'], 'announcedAt' | 'steps' | 'brownouts' | 'refusedAt'>;
type Step = Plan['steps'][number];
type Rehearsal = Api['RehearsalResponse'];

/** The dates on which keys end: edited, rehearsed, and only then saved. */
export function SunsetPage() {
  const plan = useQuery({
    queryKey: ['sunset'],
    queryFn: ({ signal }) => get<Api['SunsetPlanResponse']>('/v1/sunset-plan', { signal }),
  });
  return (
    <>
      <PageTitle title={t.sunset} lead={t.sunsetLead} />
      <Loaded query={plan}>
        {(saved) => (
          <>
            <Proposals proposals={saved.proposals} />
            <Calendar saved={saved} />
            <PlanEditor
              key={JSON.stringify([saved.announcedAt, saved.steps, saved.brownouts, saved.refusedAt])}
              saved={saved}
            />
            <AppPlans plans={saved.appPlans} />
            <Extensions extensions={saved.extensions} />
          </>
        )}
      </Loaded>
    </>
  );
}

/** The plan by month: of all apps, or of one that has more time or a plan of its own. */
function Calendar({ saved }: { saved: Api['SunsetPlanResponse'] }) {
  const appOf = useNames('/v1/apps');
  const [appId, setAppId] = useState('');
  const others = [...new Set([...saved.appPlans, ...saved.extensions].map((each) => each.appId))];
  const plan = saved.appPlans.find((each) => each.appId === appId)?.plan ?? saved;
  const extension = saved.extensions.find((each) => each.appId === appId);
  const choice = others.length > 0 && (
    <Select
      label={calendar.whose}
      value={appId}
      allowDeselect={false}
      onChange={(next) => setAppId(next ?? '')}
      data={[{ value: '', label: calendar.all }, ...others.map((id) => ({ value: id, label: appOf(id) }))]}
    />
  );
  return (
    <Section title={calendar.title} lead={calendar.lead} aside={choice}>
      {extension && (
        <Text size="sm" mb="sm">
          {calendar.extended(formatDay(extension.until), extension.reason)}
        </Text>
      )}
      <SunsetCalendar plan={plan} extendedUntil={extension?.until} />
    </Section>
  );
}

/** Apps with a plan of their own. */
function AppPlans({ plans }: { plans: Api['AppPlanResponse'][] }) {
  const appOf = useNames('/v1/apps');
  if (plans.length === 0) return null;
  return (
    <Section title={appPlan.list}>
      <DataTable
        label={appPlan.list}
        rows={plans}
        keyOf={({ appId }) => appId}
        columns={[
          {
            name: t.app,
            cell: ({ appId }) => (
              <Anchor component={Link} to={`/apps/${appId}/plan`}>
                {appOf(appId)}
              </Anchor>
            ),
          },
          {
            name: t.refusedAt,
            cell: ({ plan }) => (plan.refusedAt ? formatDay(plan.refusedAt) : common.never),
          },
          { name: t.reason, cell: ({ reason }) => reason },
        ]}
      />
    </Section>
  );
}

/** The app whose own plan is edited, and why it has one. */
interface EditedApp {
  id: string;
  name: string;
  reason: string;
}

/** The dates, rehearsed before they can be saved: for all apps, or for one. */
export function PlanEditor({ saved, app }: { saved: Plan; app?: EditedApp }) {
  const [reason, setReason] = useState(app?.reason ?? '');
  const mayChange = useMayChange();
  const client = useQueryClient();
  const { announcedAt, steps, brownouts, refusedAt } = saved;
  const [plan, setPlan] = useState<Plan>({ announcedAt, steps, brownouts, refusedAt });
  const [rehearsed, setRehearsed] = useState<{ plan: Plan; result: Rehearsal }>();
  const rehearse = useMutation({
    mutationFn: () =>
      post<Rehearsal>('/v1/sunset-plan/rehearsals', { body: app ? { ...plan, appId: app.id } : plan }),
    onSuccess: (result) => setRehearsed({ plan, result }),
  });
  // What was rehearsed is what is saved: after another change it is rehearsed again.
  const current = rehearsed?.plan === plan ? rehearsed.result : undefined;
  const save = async () => {
    const answer = await (app
      ? request<{ proposal?: unknown }>('PUT', `/v1/sunset-plan/apps/${app.id}`, {
          body: { ...plan, reason: reason.trim() },
        })
      : request<{ proposal?: unknown }>('PUT', '/v1/sunset-plan', { body: plan }));
    notify(answer.proposal ? t.proposed : t.saved);
    setRehearsed(undefined);
    await client.invalidateQueries({ queryKey: ['sunset'] });
  };
  const later = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  return (
    <Section title={app ? appPlan.edit : t.sunset} {...(app ? { lead: appPlan.editLead } : {})}>
      <Stack>
        {app && (
          <TextInput
            label={t.reason}
            description={appPlan.reasonHint}
            required
            maxLength={1000}
            readOnly={!mayChange}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Instant
            label={t.announcedAt}
            value={plan.announcedAt}
            onChange={(at) => setPlan({ ...plan, announcedAt: at })}
          />
          <Instant
            label={t.refusedAt}
            value={plan.refusedAt}
            onChange={(at) => setPlan({ ...plan, refusedAt: at })}
          />
        </SimpleGrid>
        <Rows
          legend={t.steps}
          rows={plan.steps}
          onChange={(rows) => setPlan({ ...plan, steps: rows })}
          verb={t.addStep}
          fresh={(): Step => ({ from: later(30), requestsPerMinute: 60, mode: 'enforce' })}
        >
          {(step, set) => (
            <>
              <Instant label={t.from} value={step.from} onChange={(from) => from && set({ from })} />
              <NumberInput
                label={t.perMinute}
                min={1}
                value={step.requestsPerMinute}
                onChange={(value) => set({ requestsPerMinute: Number(value) })}
              />
              <ModeSelect value={step.mode} onChange={(mode) => set({ mode })} />
            </>
          )}
        </Rows>
        <Rows
          legend={t.brownouts}
          rows={plan.brownouts}
          onChange={(rows) => setPlan({ ...plan, brownouts: rows })}
          verb={t.addBrownout}
          fresh={() => ({ from: later(30), until: later(30 + 1 / 24) })}
        >
          {(brownout, set) => (
            <>
              <Instant label={t.from} value={brownout.from} onChange={(from) => from && set({ from })} />
              <Instant label={t.until} value={brownout.until} onChange={(until) => until && set({ until })} />
            </>
          )}
        </Rows>
        {rehearse.error && <ErrorState error={rehearse.error} />}
        {current && <RehearsalView result={current} />}
        <Group>
          <Button
            onClick={() => rehearse.mutate()}
            loading={rehearse.isPending}
            variant={current ? 'default' : 'filled'}
          >
            {t.rehearse}
          </Button>
          {mayChange && (
            <ConfirmButton
              title={t.savePlanTitle}
              body={current ? savingBody(current) : ''}
              verb={t.savePlan}
              act={save}
              disabled={!current || (app !== undefined && reason.trim().length < 3)}
              variant={current ? 'filled' : 'default'}
            >
              {t.savePlan}
            </ConfirmButton>
          )}
        </Group>
      </Stack>
    </Section>
  );
}

function savingBody({ moments }: Rehearsal): string {
  const refused = moments.reduce((sum, { callsRefused }) => sum + callsRefused, 0);
  const apps = new Set(moments.flatMap((moment) => moment.apps.map(({ id }) => id)));
  return t.savePlanBody(refused, apps.size);
}

function RehearsalView({ result }: { result: Rehearsal }) {
  const isCutting = result.cut.length > 0;
  return (
    <Alert color={isCutting ? 'orange' : 'teal'} variant="light" title={t.rehearsal} role="status">
      <Stack gap="xs">
        <Text size="sm">
          {t.rehearsalLead(formatDay(result.recorded.from), formatDay(result.recorded.until))}
        </Text>
        <Text size="sm">{t.inUse(result.inUse)}</Text>
        <Text size="sm">{isCutting ? t.cut(result.cut.map(({ name }) => name).join(', ')) : t.cutNone}</Text>
        <DataTable
          label={t.rehearsal}
          rows={result.moments}
          keyOf={({ from, stage }) => `${from} ${stage}`}
          columns={[
            { name: t.stage, cell: ({ stage }) => t.stages[stage] ?? stage },
            { name: t.from, cell: ({ from }) => formatInstant(from) },
            { name: t.callsRefused, isNumber: true, cell: ({ callsRefused }) => formatNumber(callsRefused) },
            {
              name: t.appsHit,
              cell: ({ apps }) =>
                apps.map(({ name, callsRefused }) => `${name} (${formatNumber(callsRefused)})`).join(', ') ||
                '–',
            },
          ]}
        />
      </Stack>
    </Alert>
  );
}

interface RowsProps<T> {
  legend: string;
  rows: readonly T[];
  onChange: (rows: T[]) => void;
  /** Of the button that adds one. */
  verb: string;
  fresh: () => T;
  children: (row: T, set: (change: Partial<T>) => void) => ReactNode;
}

/** Parts of a plan, of which there may be any number: each changed or taken away, and more added. */
function Rows<T>({ legend, rows, onChange, verb, fresh, children }: RowsProps<T>) {
  return (
    <Fieldset legend={legend}>
      <Stack>
        {rows.map((row, i) => (
          <Group align="flex-end" gap="sm" key={i}>
            {children(row, (change) =>
              onChange(rows.map((each, at) => (at === i ? { ...each, ...change } : each))),
            )}
            <ActionIcon
              variant="default"
              size="lg"
              aria-label={t.removeRow(i + 1)}
              onClick={() => onChange(rows.filter((_, at) => at !== i))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Button variant="default" onClick={() => onChange([...rows, fresh()])}>
          {verb}
        </Button>
      </Stack>
    </Fieldset>
  );
}

/** An instant, chosen in the time of the person's place. */
function Instant({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
}) {
  return (
    <DateTimePicker
      label={label}
      value={value ? local(value) : null}
      onChange={(at) => onChange(at ? new Date(at.replace(' ', 'T')).toISOString() : null)}
      valueFormat="MMM D, YYYY HH:mm"
      clearable
      clearButtonProps={{ 'aria-label': `${common.none}: ${label}` }}
      miw={200}
    />
  );
}

function local(value: string): string {
  const at = new Date(value);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
}

function Proposals({ proposals }: { proposals: Api['ProposalResponse'][] }) {
  const client = useQueryClient();
  const mayChange = useMayChange();
  if (proposals.length === 0) return null;
  const decide = (id: string, verb: 'approve' | 'decline') => async () => {
    await post(`/v1/sunset-plan/proposals/${id}/${verb}`);
    await client.invalidateQueries({ queryKey: ['sunset'] });
  };
  const named = (each: Api['ProposalResponse']) =>
    `${t.changeTypes[each.change.type] ?? each.change.type}${each.apps.length > 0 ? `: ${each.apps.map(({ name }) => name).join(', ')}` : ''}`;
  return (
    <Section title={t.proposals}>
      <DataTable
        label={t.proposals}
        rows={proposals}
        keyOf={({ id }) => id}
        columns={[
          { name: t.action, cell: named },
          { name: t.when, cell: ({ proposedAt }) => formatInstant(proposedAt) },
          { name: t.proposedBy, cell: ({ proposedBy }) => proposedBy },
          {
            name: common.actions,
            cell: (each) =>
              mayChange && (
                <Group gap="xs">
                  <ConfirmButton
                    size="xs"
                    title={t.approveTitle}
                    body={named(each)}
                    verb={t.approve}
                    act={decide(each.id, 'approve')}
                  >
                    {t.approve}
                  </ConfirmButton>
                  <ConfirmButton
                    size="xs"
                    title={t.declineTitle}
                    body={named(each)}
                    verb={t.decline}
                    act={decide(each.id, 'decline')}
                  >
                    {t.decline}
                  </ConfirmButton>
                </Group>
              ),
          },
        ]}
      />
    </Section>
  );
}

function Extensions({ extensions }: { extensions: Api['ExtensionResponse'][] }) {
  const client = useQueryClient();
  const mayChange = useMayChange();
  const appOf = useNames('/v1/apps');
  if (extensions.length === 0) return null;
  return (
    <Section title={t.extensions}>
      <DataTable
        label={t.extensions}
        rows={extensions}
        keyOf={({ appId }) => appId}
        columns={[
          { name: t.app, cell: ({ appId }) => appOf(appId) },
          { name: t.until, cell: ({ until }) => <Badge>{formatDay(until)}</Badge> },
          { name: t.reason, cell: ({ reason }) => reason },
          {
            name: common.actions,
            cell: ({ appId }) =>
              mayChange && (
                <ConfirmButton
                  size="xs"
                  title={t.withdrawTitle}
                  body={t.withdrawBody}
                  verb={t.withdraw}
                  act={async () => {
                    await request('DELETE', `/v1/sunset-plan/extensions/${appId}`);
                    await client.invalidateQueries({ queryKey: ['sunset'] });
                  }}
                >
                  {t.withdraw}
                </ConfirmButton>
              ),
          },
        ]}
      />
    </Section>
  );
}
