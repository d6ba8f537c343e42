import { Alert, Anchor } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { get, request } from '../shared/api';
import { ConfirmButton, notify } from '../shared/dialogs';
import { formatDay } from '../shared/format';
import { Loaded, PageTitle, Section } from '../shared/states';
import { appPlan as t, calendar, staff } from '../strings';
import { SunsetCalendar } from './calendar';
import { useMayChange, type Api, type App } from './data';
import { PlanEditor } from './sunset';

type Saved = Api['SunsetPlanResponse'];

/** When one app's keys end: by the plan for all, or by one of its own, which is rehearsed before it is saved. */
export function AppPlanPage() {
  const { id = '' } = useParams();
  const app = useQuery({
    queryKey: ['apps', id],
    queryFn: ({ signal }) => get<App>(`/v1/apps/${id}`, { signal }),
  });
  const plan = useQuery({
    queryKey: ['sunset'],
    queryFn: ({ signal }) => get<Saved>('/v1/sunset-plan', { signal }),
  });
  return (
    <>
      <Anchor component={Link} to={`/apps/${id}`} size="sm">
        ← {staff.app}
      </Anchor>
      <Loaded query={app}>
        {({ name }) => (
          <Loaded query={plan}>{(saved) => <AppPlan id={id} name={name} saved={saved} />}</Loaded>
        )}
      </Loaded>
    </>
  );
}

function AppPlan({ id, name, saved }: { id: string; name: string; saved: Saved }) {
  const mayChange = useMayChange();
  const client = useQueryClient();
  const own = saved.appPlans.find(({ appId }) => appId === id);
  const extension = saved.extensions.find(({ appId }) => appId === id);
  const dates = own?.plan ?? saved;
  const drop = async () => {
    const answer = await request<{ proposal?: unknown } | undefined>('DELETE', `/v1/sunset-plan/apps/${id}`);
    notify(answer?.proposal ? staff.proposed : staff.saved);
    await client.invalidateQueries({ queryKey: ['sunset'] });
  };
  return (
    <>
      <PageTitle title={t.title(name)} lead={own ? t.ownLead : t.commonLead}>
        {own && mayChange && (
          <ConfirmButton
            title={t.dropTitle(name)}
            body={t.dropBody(saved.refusedAt ? formatDay(saved.refusedAt) : null)}
            verb={t.drop}
            act={drop}
          >
            {t.drop}
          </ConfirmButton>
        )}
      </PageTitle>
      {own && (
        <Alert variant="light" color="teal" title={t.reason} mb="lg">
          {own.reason}
        </Alert>
      )}
      {extension && (
        <Alert variant="light" color="teal" title={t.extended(formatDay(extension.until))} mb="lg">
          {extension.reason}
        </Alert>
      )}
      <Section title={calendar.title}>
        <SunsetCalendar plan={dates} extendedUntil={extension?.until} />
      </Section>
      <PlanEditor key={JSON.stringify(dates)} saved={dates} app={{ id, name, reason: own?.reason ?? '' }} />
    </>
  );
}
