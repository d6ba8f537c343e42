import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { get } from '../../shared/api';
import { DataTable } from '../../shared/data-table';
import { formatNumber } from '../../shared/format';
import { EmptyState, Loaded, PageTitle, Section } from '../../shared/states';
import { limitedBy, migration, partner as t } from '../../strings';
import { useAppScope, type Api } from '../scope';
import { CallsChart } from '../../shared/calls-chart';

export function UsagePage() {
  const scope = useAppScope();
  const usage = useQuery({
    queryKey: ['usage', scope],
    queryFn: ({ signal }) => get<Api['UsageResponse']>('/v1/usage', { scope, signal, query: { days: 30 } }),
  });
  return (
    <>
      <PageTitle title={t.usage} lead={t.usageLead} />
      <Loaded query={usage}>
        {({ days, routes, limits }) => (
          <>
            <Section title={t.usageDays}>
              {days.every(({ calls }) => calls === 0) ? (
                <EmptyState title={migration.noCalls} />
              ) : (
                <CallsChart
                  label={t.usageDays}
                  days={days.map(({ day, calls, limited, failed }) => ({
                    day,
                    good: calls - limited - failed,
                    limited,
                    failed,
                  }))}
                  series={[
                    { name: 'good', label: t.usageCalls, color: 'teal.6' },
                    { name: 'limited', label: t.usageLimited, color: 'orange.6' },
                    { name: 'failed', label: t.usageFailed, color: 'red.8' },
                  ]}
                />
              )}
            </Section>
            <Section title={t.usageRoutes}>
              {routes.length === 0 ? (
                <EmptyState title={migration.noCalls} />
              ) : (
                <DataTable
                  label={t.usageRoutes}
                  rows={routes}
                  keyOf={({ route }) => route}
                  columns={[
                    { name: t.usageRoute, cell: ({ route }) => <span className="wrap">{route}</span> },
                    { name: migration.callCount, isNumber: true, cell: ({ calls }) => formatNumber(calls) },
                    { name: t.usageLimited, isNumber: true, cell: ({ limited }) => formatNumber(limited) },
                    { name: t.usageFailed, isNumber: true, cell: ({ failed }) => formatNumber(failed) },
                  ]}
                />
              )}
            </Section>
            <Section title={t.usageLimits}>
              <DataTable
                label={t.usageLimits}
                rows={limits}
                keyOf={({ name }) => name}
                columns={[
                  { name: t.usageLimit, cell: ({ name }) => name },
                  { name: t.usageOf, cell: ({ name, subject }) => limitedBy[name] ?? subject },
                  {
                    name: t.usageCalls,
                    cell: ({ requestsMax, windowSeconds }) => t.usageMany(requestsMax, windowSeconds),
                  },
                  {
                    name: t.usageMode,
                    cell: ({ mode }) => (
                      <Badge color={mode === 'enforce' ? 'teal' : 'gray'}>
                        {mode === 'enforce' ? t.usageEnforced : t.usageShadow}
                      </Badge>
                    ),
                  },
                ]}
              />
            </Section>
          </>
        )}
      </Loaded>
    </>
  );
}
