import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, type AppId, type ApiKeyId, type DistrictId, type TokenId } from '@hallpass/domain';
import {
  createDataSource,
  forgetOldUses,
  keepDayPartitions,
  recordUsage,
  rows,
  type ServedRecords,
  type ServiceName,
  type UsageCalls,
} from '../src/index.js';
import { TestDirectory } from '../src/testing/index.js';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await TestDirectory.open();
});
afterAll(() => directory.close());

const MINUTE = new Date('2026-09-30T23:59:00Z');
const callsOf = (app: AppId, with_: Partial<UsageCalls> = {}): UsageCalls => ({
  minute: MINUTE,
  app,
  district: '',
  type: 'api-key',
  id: newId<ApiKeyId>(),
  route: 'GET /v3.0/users',
  status: 200,
  calls: 1,
  records: 100,
  ...with_,
});
const servedOf = (app: AppId, district: DistrictId, with_: Partial<ServedRecords> = {}): ServedRecords => ({
  day: '2026-09-30',
  app,
  district,
  type: 'api-key',
  kind: 'user',
  calls: 1,
  records: 100,
  ...with_,
});
const as = async <T>(
  service: ServiceName,
  work: (sql: ReturnType<typeof createDataSource>) => Promise<T>,
) => {
  const dataSource = await createDataSource({ url: directory.url, service, poolSize: 2 }).initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
};

describe('usage', () => {
  it('adds up by minute and by day, whichever service tells it, also twice in one statement', async () => {
    const [app, district] = [newId<AppId>(), newId<DistrictId>()];
    const key = newId<ApiKeyId>();
    const token = newId<TokenId>();
    const ofKey = callsOf(app, { id: key, calls: 3, records: 30 });
    const usage = {
      calls: [
        ofKey,
        ofKey,
        callsOf(app, { id: key, minute: new Date('2026-10-01T00:00:59Z'), status: 401, records: 0 }),
        callsOf(app, { id: token, type: 'token', district }),
      ],
      served: [
        servedOf(app, district),
        servedOf(app, district, { type: 'token', kind: 'school', records: 2 }),
      ],
    };
    for (const service of ['data-api', 'token-service', 'admin'] as const)
      await as(service, (sql) => recordUsage(sql, usage));
    const { dataSource } = directory;
    const at = (instant: string) => new Date(instant);
    expect(
      await rows(
        dataSource,
        `select minute, credential_type type, status, calls::int, records::int from usage_minutes where app_id = $1
         order by minute, type`,
        [app],
      ),
    ).toEqual([
      { minute: at('2026-09-30T23:59:00Z'), type: 'api-key', status: 200, calls: 18, records: 180 },
      { minute: at('2026-09-30T23:59:00Z'), type: 'token', status: 200, calls: 3, records: 300 },
      { minute: at('2026-10-01T00:00:00Z'), type: 'api-key', status: 401, calls: 3, records: 0 },
    ]);
    expect(
      await rows(
        dataSource,
        `select day::text, district_id district, calls::int, records::int from usage_days where app_id = $1
         order by day, district`,
        [app],
      ),
    ).toEqual([
      { day: '2026-09-30', district: '', calls: 18, records: 180 },
      { day: '2026-09-30', district, calls: 3, records: 300 },
      { day: '2026-10-01', district: '', calls: 3, records: 0 },
    ]);
    expect(
      await rows(
        dataSource,
        `select credential_type type, calls::int, records::int from served_days where district_id = $1 order by type`,
        [district],
      ),
    ).toEqual([
      { type: 'api-key', calls: 3, records: 300 },
      { type: 'token', calls: 3, records: 6 },
    ]);
  });

  it('is written by many at once in whatever order, and none waits for ever', async () => {
    const app = newId<AppId>();
    const district = newId<DistrictId>();
    const many = Array.from({ length: 200 }, (_, each) =>
      callsOf(app, {
        id: each.toString(16).padStart(24, 'a') as ApiKeyId,
        minute: new Date('2027-02-03T04:05:00Z'),
      }),
    );
    const served = Array.from({ length: 28 }, (_, each) =>
      servedOf(app, district, { day: `2027-02-${String(each + 1).padStart(2, '0')}` }),
    );
    const shuffled = <T>(list: readonly T[]) => [...list].sort(() => Math.random() - 0.5);
    await as('data-api', (one) =>
      as('data-api', async (other) => {
        const writing = Array.from({ length: 20 }, (_, each) =>
          recordUsage(each % 2 ? one : other, { calls: shuffled(many), served: shuffled(served) }),
        );
        await Promise.all(writing);
      }),
    );
    const sums = await rows(
      directory.dataSource,
      `select (select sum(calls)::bigint from usage_minutes where app_id = $1) minutes,
         (select sum(calls)::bigint from usage_days where app_id = $1) days,
         (select sum(records)::bigint from served_days where app_id = $1) served`,
      [app],
    );
    expect(sums).toEqual([{ minutes: 4000, days: 4000, served: 28 * 20 * 100 }]);
  });

  it('keeps minutes for 35 days and days for 13 months', async () => {
    const [app, district] = [newId<AppId>(), newId<DistrictId>()];
    const { dataSource } = directory;
    const minute = new Date('2028-05-01T10:00:00Z');
    await recordUsage(dataSource, {
      calls: [callsOf(app, { minute })],
      served: [servedOf(app, district, { day: '2028-05-01' })],
    });
    const left = async (now: string) => {
      await keepDayPartitions(dataSource, new Date(now));
      await forgetOldUses(dataSource, new Date(now));
      const [counts] = await rows(
        dataSource,
        `select (select count(*) from usage_minutes where app_id = $1) minutes,
           (select count(*) from usage_days where app_id = $1) days,
           (select count(*) from served_days where app_id = $1) served`,
        [app],
      );
      return counts;
    };
    expect(await left('2028-06-05T23:59:59Z')).toEqual({ minutes: 1, days: 1, served: 1 });
    expect(await left('2028-06-06T00:00:00Z')).toEqual({ minutes: 0, days: 1, served: 1 });
    expect(await left('2029-06-01T23:59:59Z')).toEqual({ minutes: 0, days: 1, served: 1 });
    expect(await left('2029-06-02T00:00:00Z')).toEqual({ minutes: 0, days: 0, served: 0 });
  });
});
