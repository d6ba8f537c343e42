import {
  ActionIcon,
  AppShell,
  Avatar,
  Box,
  Burger,
  Center,
  Group,
  Menu,
  NavLink,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDeviceDesktop, IconLogout, IconMoon, IconSun, IconUser, type Icon } from '@tabler/icons-react';
import { Suspense, useEffect, useRef, type ReactNode } from 'react';
import { Link, NavLink as RouterLink, Outlet, useLocation, useRouteError } from 'react-router';
import { common } from '../strings';
import { request } from './api';
import { Logo } from './logo';
import { SignInPage } from './sign-in';
import { useEnterSession, useSession, useSignedIn } from './session';
import { EmptyState, ErrorState, LoadingState, PageTitle } from './states';

export interface NavItem {
  to: string;
  name: string;
  icon: Icon;
  isEnd?: boolean;
}

/** Shows the pages to whoever is signed in, and sign-in to others, at the same address. */
export function SessionGate({ lead, other }: { lead: string; other?: ReactNode }) {
  const session = useSession();
  if (session.isPending)
    return (
      <Center mih="60vh">
        <LoadingState />
      </Center>
    );
  if (session.error)
    return (
      <Center mih="60vh">
        <ErrorState error={session.error} onRetry={() => void session.refetch()} />
      </Center>
    );
  if (!session.data) return <SignInPage lead={lead} other={other} />;
  return <Outlet />;
}

interface ShellProps {
  nav: readonly NavItem[];
  scope?: ReactNode;
  area?: string;
  /** Above every page. */
  banner?: ReactNode;
  /** In the place of the page that the address names. */
  children?: ReactNode;
}

/** Header, navigation and page. */
export function Shell({ nav, scope, area, banner, children }: ShellProps) {
  const [isOpen, { toggle, close }] = useDisclosure();
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const first = useRef(true);
  useEffect(() => {
    // A new page begins at its top, for the eye and for a screen reader alike.
    if (!first.current) {
      close();
      main.current?.focus();
      window.scrollTo(0, 0);
    }
    first.current = false;
  }, [pathname, close]);
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 256, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'md', md: 'xl' }}
    >
      <a href="#page" className="skip">
        {common.skip}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={common.menu}
              aria-expanded={isOpen}
            />
            <UnstyledButton component={Link} to="/">
              <Group gap={8} wrap="nowrap">
                <Logo />
                <Text fw={700} fz="lg">
                  {common.product}
                </Text>
                {area && (
                  <Text c="dimmed" fz="sm" visibleFrom="xs">
                    {area}
                  </Text>
                )}
              </Group>
            </UnstyledButton>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <SchemeMenu />
            <PersonMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={common.mainNavigation}>
        {scope && <Box mb="md">{scope}</Box>}
        {nav.map(({ to, name, icon: Symbol, isEnd }) => (
          <NavLink
            key={to}
            component={RouterLink}
            to={to}
            end={isEnd}
            className="nav-link"
            label={name}
            active={isEnd ? pathname === to : pathname === to || pathname.startsWith(`${to}/`)}
            leftSection={<Symbol size={18} stroke={1.7} aria-hidden />}
            onClick={close}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="page" ref={main} tabIndex={-1}>
        <Box maw={1120} mx="auto">
          {banner}
          <Suspense fallback={<LoadingState />}>{children ?? <Outlet />}</Suspense>
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}

function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choices = [
    ['light', common.light, IconSun],
    ['dark', common.dark, IconMoon],
    ['auto', common.system, IconDeviceDesktop],
  ] as const;
  const Current = choices.find(([value]) => value === colorScheme)?.[2] ?? IconDeviceDesktop;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={common.colorScheme}>
          <Current size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(([value, name, Symbol]) => (
          <Menu.Item
            key={value}
            leftSection={<Symbol size={16} />}
            onClick={() => setColorScheme(value)}
            aria-current={value === colorScheme}
            fw={value === colorScheme ? 650 : undefined}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function PersonMenu() {
  const { person } = useSignedIn();
  const enter = useEnterSession();
  const signOut = async () => {
    await request('DELETE', '/v1/session').catch(() => undefined);
    enter(null);
  };
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <UnstyledButton aria-label={`${common.account}: ${person.name}`}>
          <Avatar radius="xl" size={36} color="teal" variant="filled">
            <IconUser size={20} />
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Box px="sm" py={6}>
          <Text size="sm" fw={600}>
            {person.name}
          </Text>
          <Text size="xs" c="dimmed" className="wrap">
            {person.email}
          </Text>
        </Box>
        <Menu.Divider />
        <Menu.Item component={Link} to="/account" leftSection={<IconUser size={16} />}>
          {common.account}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {common.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

export function NotFoundPage() {
  return (
    <>
      <PageTitle title={common.notFoundTitle} />
      <EmptyState title={common.notFoundText}>
        <Link to="/">{common.home}</Link>
      </EmptyState>
    </>
  );
}

/** What a page shows that could not be shown. */
export function BrokenPage() {
  const error = useRouteError();
  return (
    <Center mih="60vh" component="main">
      <ErrorState error={error} onRetry={() => window.location.reload()} />
    </Center>
  );
}
