import {
  IconApps,
  IconBuildingCommunity,
  IconBuildingStore,
  IconCalendarTime,
  IconFileImport,
  IconGauge,
  IconHistory,
  IconHome,
  IconLink,
  IconMail,
  IconRoute,
  IconUsers,
  IconWebhook,
} from '@tabler/icons-react';
import { lazy, type ComponentType } from 'react';
import { Outlet } from 'react-router';
import { useQuery } from '@tanstack/react-query';
import { get } from '../shared/api';
import { PeoplePage } from '../shared/people';
import { start } from '../shared/provider';
import { useSignedIn } from '../shared/session';
import { BrokenPage, NotFoundPage, SessionGate, Shell } from '../shared/shell';
import { LinkPage, ResetPage } from '../shared/sign-in';
import { staff as t } from '../strings';
import type { Api } from './data';
import { ProviderButton, SignInProblemPage } from './sign-in-provider';

/** A page that is fetched when it is first opened. */
const page = (load: () => Promise<ComponentType>) => {
  const Page = lazy(async () => ({ default: await load() }));
  return <Page />;
};
const lists = () => import('./lists');

const NAV = [
  { to: '/', name: t.overview, icon: IconHome, isEnd: true },
  { to: '/partners', name: t.partners, icon: IconBuildingStore },
  { to: '/apps', name: t.apps, icon: IconApps },
  { to: '/districts', name: t.districts, icon: IconBuildingCommunity },
  { to: '/grants', name: t.grants, icon: IconLink },
  { to: '/imports', name: t.imports, icon: IconFileImport },
  { to: '/migration', name: t.migration, icon: IconRoute },
  { to: '/sunset', name: t.sunset, icon: IconCalendarTime },
  { to: '/limits', name: t.limits, icon: IconGauge },
  { to: '/webhooks', name: t.webhooks, icon: IconWebhook },
  { to: '/audit', name: t.audit, icon: IconHistory },
  { to: '/people', name: t.people, icon: IconUsers },
];

const MAILS = { to: '/mails', name: t.mails, icon: IconMail };

/** The menu; a demo has its mails besides. */
function StaffShell() {
  const system = useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => get<Api['SystemResponse']>('/v1/system', { signal }),
  });
  return <Shell nav={system.data?.isDemo ? [...NAV, MAILS] : NAV} area={t.area} />;
}

function StaffPeople() {
  const role = useSignedIn().memberships.staff?.role;
  return <PeoplePage roles={['administrator', 'operator', 'auditor']} mayManage={role === 'administrator'} />;
}

start([
  {
    element: <Outlet />,
    errorElement: <BrokenPage />,
    children: [
      { path: '/reset-password', element: <ResetPage /> },
      { path: '/link', element: <LinkPage /> },
      { path: '/sign-in-problem', element: <SignInProblemPage /> },
      {
        element: <SessionGate lead={t.lead} other={<ProviderButton />} />,
        children: [
          {
            element: <StaffShell />,
            children: [
              { path: '/', element: page(async () => (await import('./overview')).OverviewPage) },
              { path: '/partners', element: page(async () => (await lists()).PartnersPage) },
              { path: '/partners/:id', element: page(async () => (await import('./partner')).PartnerPage) },
              { path: '/apps', element: page(async () => (await lists()).AppsPage) },
              { path: '/apps/:id', element: page(async () => (await import('./app')).AppPage) },
              { path: '/districts', element: page(async () => (await lists()).DistrictsPage) },
              {
                path: '/districts/:id',
                element: page(async () => (await import('./district')).DistrictPage),
              },
              {
                path: '/districts/:id/imports/:importId',
                element: page(async () => (await import('./district')).ImportPage),
              },
              { path: '/imports', element: page(async () => (await lists()).ImportsPage) },
              { path: '/grants', element: page(async () => (await lists()).GrantsPage) },
              { path: '/grants/:id', element: page(async () => (await import('./grant')).GrantPage) },
              { path: '/migration', element: page(async () => (await import('./migration')).MigrationsPage) },
              {
                path: '/migration/:id',
                element: page(async () => (await import('./migration')).MigrationPage),
              },
              { path: '/sunset', element: page(async () => (await import('./sunset')).SunsetPage) },
              { path: '/limits', element: page(async () => (await import('./limits')).LimitsPage) },
              {
                path: '/apps/:id/credentials',
                element: page(async () => (await import('./credentials')).CredentialsPage),
              },
              { path: '/apps/:id/plan', element: page(async () => (await import('./app-plan')).AppPlanPage) },
              { path: '/webhooks', element: page(async () => (await import('./webhooks')).WebhooksPage) },
              { path: '/webhooks/:id', element: page(async () => (await import('./webhooks')).WebhookPage) },
              { path: '/mails', element: page(async () => (await import('./mails')).MailsPage) },
              { path: '/audit', element: page(async () => (await import('./audit')).AuditPage) },
              { path: '/people', element: <StaffPeople /> },
              {
                path: '/account',
                element: page(async () => (await import('../shared/account')).AccountPage),
              },
              { path: '*', element: <NotFoundPage /> },
            ],
          },
        ],
      },
    ],
  },
]);
