import {
  IconActivity,
  IconApps,
  IconChartBar,
  IconUpload,
  IconBuildingCommunity,
  IconFileSearch,
  IconHome,
  IconKey,
  IconListSearch,
  IconMailForward,
  IconRoute,
  IconSettings,
  IconTerminal2,
  IconUsers,
  IconWebhook,
} from '@tabler/icons-react';
import { lazy, type ComponentType } from 'react';
import { Card, SimpleGrid, Text, Title, UnstyledButton } from '@mantine/core';
import { Link, Navigate, Outlet, useParams, type RouteObject } from 'react-router';
import { district, explorer, partner, settings } from '../strings';
import { PeoplePage } from '../shared/people';
import { start } from '../shared/provider';
import { BrokenPage, NotFoundPage, SessionGate, Shell } from '../shared/shell';
import { LinkPage, ResetPage } from '../shared/sign-in';
import { EmptyState, PageTitle } from '../shared/states';
import { PlaceContext, ScopeSwitcher, usePlace, usePlaces } from './scope';
import { ViewingBanner, ViewingsSection, ViewPage } from './viewing';

/** A page that is fetched when it is first opened. */
const page = (load: () => Promise<ComponentType>) => {
  const Page = lazy(async () => ({ default: await load() }));
  return <Page />;
};

const wide = (base: string) => [
  { to: base, name: partner.home, icon: IconHome, isEnd: true },
  { to: `${base}/tokens`, name: partner.tokens, icon: IconKey },
  { to: `${base}/migration`, name: partner.migration, icon: IconRoute },
  { to: `${base}/usage`, name: partner.usage, icon: IconChartBar },
  { to: `${base}/webhooks`, name: partner.webhooks, icon: IconWebhook },
  { to: `${base}/events`, name: partner.events, icon: IconActivity },
  { to: `${base}/invitations`, name: partner.invitations, icon: IconMailForward },
  { to: `${base}/explorer`, name: explorer.title, icon: IconTerminal2 },
  { to: `${base}/settings`, name: settings.title, icon: IconSettings },
  { to: `${base}/people`, name: partner.people, icon: IconUsers },
];
const districtNav = (base: string) => [
  { to: base, name: district.home, icon: IconHome, isEnd: true },
  { to: `${base}/apps`, name: district.find, icon: IconApps },
  { to: `${base}/roster`, name: district.roster, icon: IconListSearch },
  { to: `${base}/imports`, name: district.imports, icon: IconUpload },
  { to: `${base}/access-log`, name: district.accessLog, icon: IconFileSearch },
  { to: `${base}/people`, name: district.people, icon: IconUsers },
];

function AppArea() {
  const { appId = '' } = useParams();
  const app = usePlaces().apps.find(({ id }) => id === appId);
  const base = `/apps/${appId}`;
  if (!app) return <Elsewhere />;
  return (
    <PlaceContext value={app}>
      <Shell
        nav={wide(base)}
        scope={<ScopeSwitcher value={base} />}
        area={partner.area}
        banner={<ViewingBanner />}
        key={appId}
      />
    </PlaceContext>
  );
}

function DistrictArea() {
  const { districtId = '' } = useParams();
  const found = usePlaces().districts.find(({ id }) => id === districtId);
  const base = `/districts/${districtId}`;
  if (!found) return <Elsewhere />;
  return (
    <PlaceContext value={found}>
      <Shell
        nav={districtNav(base)}
        scope={<ScopeSwitcher value={base} />}
        area={partner.area}
        banner={<ViewingBanner />}
        key={districtId}
      />
    </PlaceContext>
  );
}

/** What is not the person's looks exactly like what is not there. */
function Elsewhere() {
  return (
    <Shell nav={[]} area={partner.area} scope={<ScopeSwitcher value="" />} banner={<ViewingBanner />}>
      <NotFoundPage />
    </Shell>
  );
}

/** The one place a person belongs to, or the choice among them. */
function StartPage() {
  const { apps, districts } = usePlaces();
  const places = [
    ...apps.map(({ id, name, partner: of }) => ({ to: `/apps/${id}`, name, of, Icon: IconApps })),
    ...districts.map(({ id, name }) => ({
      to: `/districts/${id}`,
      name,
      of: district.word,
      Icon: IconBuildingCommunity,
    })),
  ];
  const [only] = places;
  if (places.length === 1 && only) return <Navigate to={only.to} replace />;
  return (
    <>
      <PageTitle title={district.choose} />
      {places.length === 0 && <EmptyState title={district.nowhere}>{district.nowhereText}</EmptyState>}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {places.map(({ to, name, of, Icon }) => (
          <UnstyledButton component={Link} to={to} key={to}>
            <Card className="card" padding="lg">
              <Icon size={24} aria-hidden />
              <Title order={2} mt="sm">
                {name}
              </Title>
              <Text c="dimmed" size="sm">
                {of}
              </Text>
            </Card>
          </UnstyledButton>
        ))}
      </SimpleGrid>
    </>
  );
}

function AppPeople() {
  const { id, role } = usePlace();
  return (
    <>
      <PeoplePage
        scope={{ appId: id }}
        roles={['owner', 'developer', 'viewer']}
        mayManage={role === 'owner'}
      />
      <ViewingsSection scope={{ appId: id }} />
    </>
  );
}
function DistrictPeople() {
  const { id, role } = usePlace();
  return (
    <>
      <PeoplePage
        scope={{ districtId: id }}
        roles={['owner', 'editor', 'viewer']}
        mayManage={role === 'owner'}
      />
      <ViewingsSection scope={{ districtId: id }} />
    </>
  );
}

const general: RouteObject = {
  element: (
    <Shell nav={[]} area={partner.area} scope={<ScopeSwitcher value="" />} banner={<ViewingBanner />} />
  ),
  children: [
    { path: '/', element: <StartPage /> },
    { path: '/account', element: page(async () => (await import('../shared/account')).AccountPage) },
    {
      path: '/invitations',
      element: page(async () => (await import('./district/invitation')).InvitationPage),
    },
    { path: '*', element: <NotFoundPage /> },
  ],
};

start([
  {
    element: <Outlet />,
    errorElement: <BrokenPage />,
    children: [
      { path: '/reset-password', element: <ResetPage /> },
      { path: '/link', element: <LinkPage /> },
      { path: '/view', element: <ViewPage /> },
      {
        element: <SessionGate lead={partner.lead} />,
        children: [
          {
            path: '/apps/:appId',
            element: <AppArea />,
            children: [
              { index: true, element: page(async () => (await import('./partner/home')).HomePage) },
              { path: 'tokens', element: page(async () => (await import('./partner/tokens')).TokensPage) },
              {
                path: 'tokens/:grantId',
                element: page(async () => (await import('./partner/district-tokens')).DistrictTokensPage),
              },
              {
                path: 'migration',
                element: page(async () => (await import('./partner/migration')).MigrationPage),
              },
              { path: 'usage', element: page(async () => (await import('./partner/usage')).UsagePage) },
              {
                path: 'webhooks',
                element: page(async () => (await import('./partner/webhooks')).WebhooksPage),
              },
              {
                path: 'webhooks/:webhookId',
                element: page(async () => (await import('./partner/deliveries')).DeliveriesPage),
              },
              { path: 'events', element: page(async () => (await import('./partner/events')).EventsPage) },
              {
                path: 'invitations',
                element: page(async () => (await import('./partner/invitations')).InvitationsPage),
              },
              {
                path: 'explorer',
                element: page(async () => (await import('./partner/explorer')).ExplorerPage),
              },
              {
                path: 'settings',
                element: page(async () => (await import('./partner/settings')).SettingsPage),
              },
              { path: 'people', element: <AppPeople /> },
              { path: '*', element: <NotFoundPage /> },
            ],
          },
          {
            path: '/districts/:districtId',
            element: <DistrictArea />,
            children: [
              { index: true, element: page(async () => (await import('./district/home')).HomePage) },
              { path: 'apps', element: page(async () => (await import('./district/apps')).AppsPage) },
              {
                path: 'apps/:appId',
                element: page(async () => (await import('./district/approve')).ApprovePage),
              },
              {
                path: 'grants/:grantId',
                element: page(async () => (await import('./district/grant')).GrantPage),
              },
              {
                path: 'access-log',
                element: page(async () => (await import('./district/access-log')).AccessLogPage),
              },
              { path: 'roster', element: page(async () => (await import('./district/roster')).RosterPage) },
              {
                path: 'imports',
                element: page(async () => (await import('./district/imports')).ImportsPage),
              },
              {
                path: 'imports/:importId',
                element: page(async () => (await import('./district/imports')).ImportPage),
              },
              { path: 'people', element: <DistrictPeople /> },
              { path: '*', element: <NotFoundPage /> },
            ],
          },
          general,
        ],
      },
    ],
  },
]);
