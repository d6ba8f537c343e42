import { Alert, Button, Card, Center, Group, Loader, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconInbox } from '@tabler/icons-react';
import { useEffect, type ReactNode } from 'react';
import { advice, common } from '../strings';
import { ApiProblem } from './api';

/** The name of the page, once for the browser and once for the eye, with what may be done on it. */
export function PageTitle({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: ReactNode;
  children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · ${common.product}`;
  }, [title]);
  return (
    <Group justify="space-between" align="flex-start" gap="md" mb="lg">
      <div>
        <Title order={1}>{title}</Title>
        {lead && (
          <Text c="dimmed" mt={4} maw={720}>
            {lead}
          </Text>
        )}
      </div>
      {children && <Group gap="sm">{children}</Group>}
    </Group>
  );
}

export function Section({
  title,
  lead,
  aside,
  isWholePage = false,
  children,
}: {
  title: string;
  lead?: ReactNode;
  aside?: ReactNode;
  /** The page has this section alone, and says its title already. */
  isWholePage?: boolean;
  children: ReactNode;
}) {
  return (
    <Card component="section" className="card" padding="lg" mb="lg" aria-label={title}>
      {!(isWholePage && !aside) && (
        <Group justify={isWholePage ? 'flex-end' : 'space-between'} align="flex-start" mb="md" gap="sm">
          {!isWholePage && (
            <div>
              <Title order={2}>{title}</Title>
              {lead && (
                <Text c="dimmed" size="sm" mt={2} maw={680}>
                  {lead}
                </Text>
              )}
            </div>
          )}
          {aside}
        </Group>
      )}
      {children}
    </Card>
  );
}

/** A problem in words: what, why, what to do, and the reference that support asks for. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = error instanceof ApiProblem ? error : undefined;
  const known = advice[problem?.code ?? 'unexpected'];
  const title = known?.title ?? problem?.title ?? advice['unexpected']?.title;
  const own = problem?.code === 'unexpected' ? undefined : problem?.detail;
  return (
    <Alert role="alert" variant="light" color="red" icon={<IconAlertTriangle />} title={title} my="sm">
      <Stack gap={6} align="flex-start">
        {known && <Text size="sm">{known.detail}</Text>}
        {!known && own && own !== title && <Text size="sm">{own}</Text>}
        {problem?.faults.map((fault) => (
          <Text size="sm" key={`${fault.field} ${fault.message}`}>
            {fault.field}: {fault.message}
          </Text>
        ))}
        {problem?.retryAfterSeconds !== undefined && (
          <Text size="sm">{common.waitSeconds(problem.retryAfterSeconds)}</Text>
        )}
        {problem?.requestId && problem.status >= 500 && (
          <Text size="xs">{common.reference(problem.requestId)}</Text>
        )}
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {common.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

export function EmptyState({
  title = common.nothingToShow,
  children,
}: {
  title?: string;
  children?: ReactNode;
}) {
  return (
    <Center py="xl">
      <Stack align="center" gap="xs" maw={460}>
        <ThemeIcon variant="light" size="xl" radius="xl">
          <IconInbox aria-hidden />
        </ThemeIcon>
        <Text fw={600} ta="center">
          {title}
        </Text>
        {children && (
          <Text c="dimmed" size="sm" ta="center" component="div">
            {children}
          </Text>
        )}
      </Stack>
    </Center>
  );
}

export function LoadingState() {
  return (
    <Center py="xl" role="status" aria-live="polite">
      <Group gap="sm">
        <Loader size="sm" aria-hidden />
        <Text c="dimmed">{common.loading}</Text>
      </Group>
    </Center>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Loading, an error, or what was asked for. */
export function Loaded<T>({ query, children }: { query: Asked<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <LoadingState />;
}
