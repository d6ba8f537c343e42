import { Alert, Badge, Button, Card, Progress, SimpleGrid, Text } from '@mantine/core';
import { IconBulb } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { components } from '../../dist/api/portal';
import { migration as t } from '../strings';
import { DataTable } from './data-table';
import { formatAgo, formatDay, formatNumber, formatShare } from './format';
import { EmptyState, Section } from './states';
import { CallsChart } from './calls-chart';

export type Migration = components['schemas']['MigrationDetailResponse'];
type Stage = components['schemas']['StageResponse'];

export function stageName(stage: Stage): string {
  const name = t.stages[stage.stage] ?? stage.stage;
  return stage.requestsPerMinute === undefined ? name : `${name}: ${t.perMinute(stage.requestsPerMinute)}`;
}

function Figure({ label, value, children }: { label: string; value: string; children?: ReactNode }) {
  return (
    <Card className="card" padding="md">
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fz={value.length > 12 ? 16 : 28} fw={650} className="tabular">
        {value}
      </Text>
      {children}
    </Card>
  );
}

/** The whole way of one app from its key to tokens; partners and staff see the same. */
export function MigrationView({ detail, csv }: { detail: Migration; csv?: ReactNode }) {
  const next = detail.next as { at: string; stage: Stage } | null | undefined;
  const extension = detail.extension as { until: string } | null | undefined;
  const moved = detail.shareMoved;
  return (
    <>
      <Alert variant="light" color="teal" icon={<IconBulb />} title={t.nextStep} mb="lg">
        {detail.nextStep}
        {extension && <Text size="sm">{t.extension(formatDay(extension.until))}</Text>}
      </Alert>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} mb="lg">
        <Figure label={t.daysLeft} value={detail.daysLeft === null ? t.noEnd : formatNumber(detail.daysLeft)}>
          {detail.endsAt && <Text size="sm">{t.endsOn(formatDay(detail.endsAt))}</Text>}
        </Figure>
        <Figure label={t.moved} value={formatShare(moved)}>
          {moved !== null && <Progress value={moved * 100} aria-label={t.moved} mt={6} />}
        </Figure>
        <Figure
          label={t.onTokens}
          value={`${formatNumber(detail.districtsOnTokens)} / ${formatNumber(detail.districts)}`}
        />
        <Figure label={t.stage} value={stageName(detail.stage)}>
          {next && (
            <Text size="sm" mt={4}>
              {t.next}: {stageName(next.stage)}, {formatDay(next.at)}
            </Text>
          )}
        </Figure>
      </SimpleGrid>
      <Calls days={detail.days} />
      <Section title={t.places}>
        {detail.keyPlaces.length === 0 ? (
          <EmptyState title={t.placesNone} />
        ) : (
          <DataTable
            label={t.places}
            rows={detail.keyPlaces}
            keyOf={({ keyId, address, userAgent }) => `${keyId} ${address} ${userAgent}`}
            columns={[
              { name: t.address, cell: ({ address }) => address },
              { name: t.client, cell: ({ userAgent }) => <span className="wrap">{userAgent}</span> },
              { name: t.uses, isNumber: true, cell: ({ uses }) => formatNumber(uses) },
              { name: t.last, cell: ({ lastAt }) => formatAgo(lastAt) },
            ]}
          />
        )}
      </Section>
      {detail.keyRoutes.length > 0 && (
        <Section title={t.routes}>
          <DataTable
            label={t.routes}
            rows={detail.keyRoutes}
            keyOf={({ route }) => route}
            columns={[
              { name: t.route, cell: ({ route }) => <span className="wrap">{route}</span> },
              { name: t.callCount, isNumber: true, cell: ({ calls }) => formatNumber(calls) },
            ]}
          />
        </Section>
      )}
      <Section title={t.districts} aside={csv}>
        <DataTable
          label={t.districts}
          rows={detail.byDistrict}
          keyOf={({ districtId }) => districtId}
          columns={[
            { name: t.district, cell: ({ districtName }) => districtName },
            {
              name: t.state,
              cell: ({ isOnTokens, keyCalls }) => {
                if (isOnTokens) return <Badge color="teal">{t.isOn}</Badge>;
                return keyCalls > 0 ? (
                  <Badge color="yellow">{t.isNot}</Badge>
                ) : (
                  <Badge color="gray">{t.isUnused}</Badge>
                );
              },
            },
            { name: t.tokenUsed, cell: ({ tokenUsedAt }) => (tokenUsedAt ? formatAgo(tokenUsedAt) : '–') },
            { name: t.keyCalls, isNumber: true, cell: ({ keyCalls }) => formatNumber(keyCalls) },
            { name: t.tokenCalls, isNumber: true, cell: ({ tokenCalls }) => formatNumber(tokenCalls) },
          ]}
        />
      </Section>
    </>
  );
}

function Calls({ days }: { days: Migration['days'] }) {
  const [isTable, setTable] = useState(false);
  if (days.every(({ keyCalls, keyRefused, tokenCalls }) => keyCalls + keyRefused + tokenCalls === 0))
    return (
      <Section title={t.calls} lead={t.callsLead}>
        <EmptyState title={t.noCalls} />
      </Section>
    );
  return (
    <Section
      title={t.calls}
      lead={t.callsLead}
      aside={
        <Button variant="subtle" size="xs" onClick={() => setTable(!isTable)}>
          {isTable ? t.chart : t.table}
        </Button>
      }
    >
      {isTable ? (
        <DataTable
          label={t.calls}
          rows={days}
          keyOf={({ day }) => day}
          columns={[
            { name: t.day, cell: ({ day }) => formatDay(day) },
            { name: t.withKey, isNumber: true, cell: ({ keyCalls }) => formatNumber(keyCalls) },
            { name: t.refused, isNumber: true, cell: ({ keyRefused }) => formatNumber(keyRefused) },
            { name: t.withToken, isNumber: true, cell: ({ tokenCalls }) => formatNumber(tokenCalls) },
          ]}
        />
      ) : (
        <CallsChart
          label={`${t.calls}. ${t.callsLead}`}
          days={days.map(({ day, keyCalls, keyRefused, tokenCalls }) => ({
            day,
            tokenCalls,
            keyServed: keyCalls - keyRefused,
            keyRefused,
          }))}
          series={[
            { name: 'tokenCalls', label: t.withToken, color: 'teal.6' },
            { name: 'keyServed', label: t.withKey, color: 'orange.6' },
            { name: 'keyRefused', label: t.refused, color: 'red.8' },
          ]}
        />
      )}
    </Section>
  );
}

export function ReadinessBadge({ readiness }: { readiness: string }) {
  const colors: Record<string, string> = {
    'not-started': 'red',
    moving: 'yellow',
    ready: 'blue',
    idle: 'gray',
    done: 'teal',
  };
  return <Badge color={colors[readiness] ?? 'gray'}>{t.readiness[readiness] ?? readiness}</Badge>;
}
