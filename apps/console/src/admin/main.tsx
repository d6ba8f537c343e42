import {
  IconApps,
  IconBuildingCommunity,
  IconBuildingStore,
  IconCalendarTime,
  IconGauge,
  IconHistory,
  IconHome,
  IconLink,
  IconRoute,
  IconUsers,
} from '@tabler/icons-react';
import { lazy, type ComponentType } from 'react';
import { Outlet } from 'react-router';
import { PeoplePage } from '../shared/people';
import { start } from '../shared/provider';
import { useSignedIn } from '../shared/session';
import { BrokenPage, NotFoundPage, SessionGate, Shell } from '../shared/shell';
import { LinkPage, ResetPage } from '../shared/sign-in';
import { staff as t } from '../strings';
import { ProviderButton, SignInProblemPage } from './sign-in-provider';

/** A page that is fetched when it is first opened. */
const page = (load: () => Promise<ComponentType>) => {
  const Page = lazy(async () => ({ default: await load() }));
  return <Page />;
};
const details = () => import('./details');
const lists = () => import('./lists');

const NAV = [
  { to: '/', name: t.overview, icon: IconHome, isEnd: true },
  { to: '/partners', name: t.partners, icon: IconBuildingStore },
  { to: '/apps', name: t.apps, icon: IconApps },
  { to: '/districts', name: t.districts, icon: IconBuildingCommunity },
  { to: '/grants', name: t.grants, icon: IconLink },
  { to: '/migration', name: t.migration, icon: IconRoute },
  { to: '/sunset', name: t.sunset, icon: IconCalendarTime },
  { to: '/limits', name: t.limits, icon: IconGauge },
  { to: '/audit', name: t.audit, icon: IconHistory },
  { to: '/people', name: t.people, icon: IconUsers },
];

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
            element: <Shell nav={NAV} area={t.area} />,
            children: [
              { path: '/', element: page(async () => (await import('./overview')).OverviewPage) },
              { path: '/partners', element: page(async () => (await lists()).PartnersPage) },
              { path: '/partners/:id', element: page(async () => (await details()).PartnerPage) },
              { path: '/apps', element: page(async () => (await lists()).AppsPage) },
              { path: '/apps/:id', element: page(async () => (await details()).AppPage) },
              { path: '/districts', element: page(async () => (await lists()).DistrictsPage) },
              { path: '/districts/:id', element: page(async () => (await details()).DistrictPage) },
              {
                path: '/districts/:id/imports/:importId',
                element: page(async () => (await details()).ImportPage),
              },
              { path: '/grants', element: page(async () => (await lists()).GrantsPage) },
              { path: '/grants/:id', element: page(async () => (await details()).GrantPage) },
              { path: '/migration', element: page(async () => (await import('./migration')).MigrationsPage) },
              {
                path: '/migration/:id',
                element: page(async () => (await import('./migration')).MigrationPage),
              },
              { path: '/sunset', element: page(async () => (await import('./sunset')).SunsetPage) },
              { path: '/limits', element: page(async () => (await import('./limits')).LimitsPage) },
              { path: '/audit', element: page(async () => (await details()).AuditPage) },
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
