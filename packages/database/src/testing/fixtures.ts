import { randomBytes } from 'node:crypto';
import {
  allFields,
  maskSecret,
  newId,
  newSecret,
  recordIdOf,
  type AppId,
  type CarriedId,
  type DistrictId,
  type FieldList,
  type GrantId,
  type Id,
  type ImportId,
  type PartnerId,
  type RecordId,
  type RecordKind,
  type SourceRecord,
} from '@hallpass/domain';
import type { DataSource } from 'typeorm';
import { SYSTEM } from '../audit.js';
import { approveGrant, type SharingChoice } from '../commands/grants.js';
import { importRoster, type RosterPicture } from '../commands/import-roster.js';
import { beginImport } from '../commands/import-row.js';
import { issueClientSecret } from '../commands/client-secrets.js';
import { issuePortalToken } from '../commands/portal-tokens.js';
import { createDataSource } from '../data-source.js';
import { Apps, ApiKeys, Districts, Operators, Partners, type ImportRow } from '../entities.js';
import { keyringText, lookupOf, singleKey, type InstallationKeys } from '../keys.js';
import { createTestDatabase } from './test-database.js';

export { SYSTEM };

export interface TestApp {
  id: AppId;
  clientId: string;
  clientSecret: string;
  apiKey: string;
}

export interface TestDistrict {
  id: DistrictId;
  /** The wire id of a record of this district's roster. */
  idOf(kind: RecordKind, sourceId: string): RecordId;
}

/** A database of the suite's own with the means to fill it: one line for what a test needs, through the real commands. */
export class TestDirectory {
  private constructor(
    readonly url: string,
    readonly dataSource: DataSource,
    private readonly drop: () => Promise<void>,
    readonly keys: InstallationKeys = {
      peppers: singleKey(randomBytes(32)),
      masterKeys: singleKey(randomBytes(32)),
    },
  ) {}

  static async open(): Promise<TestDirectory> {
    const database = await createTestDatabase();
    const dataSource = await createDataSource({ url: database.url }).initialize();
    return new TestDirectory(database.url, dataSource, () => database.drop());
  }

  /** On a migrated database that stays, whose credentials were made under these keys. */
  static async at(url: string, keys: InstallationKeys): Promise<TestDirectory> {
    const dataSource = await createDataSource({ url }).initialize();
    return new TestDirectory(url, dataSource, () => Promise.resolve(), keys);
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.drop();
  }

  /** The environment of a service that runs on this database. */
  get environment(): Record<string, string> {
    return {
      DATABASE_URL: this.url,
      HALLPASS_TOKEN_PEPPER: keyringText(this.keys.peppers),
      HALLPASS_MASTER_KEY: keyringText(this.keys.masterKeys),
      DOCS_URL: 'https://docs.example',
    };
  }

  async app(requestedFields: FieldList = allFields()): Promise<TestApp> {
    const { manager } = this.dataSource;
    const partnerId = newId<PartnerId>();
    const id = newId<AppId>();
    const clientId = newId<Id<'client'>>();
    const apiKey = newSecret('apiKey');
    await manager.insert(Partners, { id: partnerId, name: `partner ${partnerId}` });
    await manager.insert(Apps, { id, partnerId, name: 'an app', clientId, requestedFields });
    const { clientSecret } = await issueClientSecret(manager, this.keys, id);
    await manager.insert(ApiKeys, {
      id: newId<Id<'api-key'>>() as never,
      appId: id,
      origin: 'issued',
      masked: maskSecret(apiKey),
      ...lookupOf(this.keys, apiKey),
    });
    return { id, clientId, clientSecret, apiKey };
  }

  async operator(role: 'auditor' | 'operator' | 'administrator'): Promise<string> {
    const token = newSecret('operatorToken');
    const id = newId<Id<'operator'>>();
    await this.dataSource.manager.insert(Operators, {
      id,
      name: `operator ${id}`,
      role,
      ...lookupOf(this.keys, token),
      masked: maskSecret(token),
    });
    return token;
  }

  /** A token by which the district's own people sign in. */
  async portalToken(district: TestDistrict): Promise<string> {
    return (await issuePortalToken(this.dataSource.manager, this.keys, district.id, 'an admin')).portalToken;
  }

  /** A district, with this roster where one is given. */
  async district(records: readonly SourceRecord[] = smallRoster()): Promise<TestDistrict> {
    const id = newId<DistrictId>();
    const recordKey = randomBytes(32);
    await this.dataSource.manager.insert(Districts, { id, name: `district ${id}`, recordKey });
    if (records.length > 0) await this.import(id, records);
    return { id, idOf: (kind, sourceId) => recordIdOf(recordKey, kind, sourceId) };
  }

  async import(
    districtId: DistrictId,
    records: readonly SourceRecord[],
    options: {
      kept?: RosterPicture['kept'];
      keepsRelated?: boolean;
      confirmed?: { baseSeq: number };
      carriedIds?: readonly CarriedId[];
    } = {},
  ): Promise<ImportRow> {
    const importId = newId<ImportId>();
    await beginImport(this.dataSource, districtId, importId, SYSTEM);
    const picture: RosterPicture = {
      async *records() {
        yield* records;
      },
      kept: options.kept ?? new Map(),
      keepsRelated: options.keepsRelated ?? false,
    };
    const files = {
      contentHash: randomBytes(32),
      carriedIds: () => Promise.resolve(options.carriedIds ?? []),
      read: () => Promise.resolve(picture),
    };
    return importRoster(this.dataSource, { districtId, importId }, files, SYSTEM, options.confirmed);
  }

  /** A grant in force, with its token. */
  async grant(
    app: TestApp,
    district: TestDistrict,
    choice: Partial<SharingChoice> = {},
  ): Promise<{ id: GrantId; token: string }> {
    const { grant, token } = await approveGrant(
      this.dataSource,
      this.keys,
      {
        appId: app.id,
        districtId: district.id,
        selection: choice.selection ?? { type: 'everything' },
        hiddenFields: choice.hiddenFields ?? [],
      },
      SYSTEM,
    );
    return { id: grant.id, token };
  }
}

/**
 * A roster in which every kind of edge occurs: schools A and B; students a1 and a2 of A, b1 and b2 of B; b1 also attends a
 * section of A; teacher-a is a contact of b2 besides; a staff member of each school; a district admin; a book of both sections,
 * a guide of the teachers of one, and a resource of a course alone.
 */
export function smallRoster(): SourceRecord[] {
  return [
    { kind: 'school', sourceId: 'A', name: 'Alder School', phone: '(555) 555-0101' },
    { kind: 'school', sourceId: 'B', name: 'Birch School' },
    { kind: 'term', sourceId: 'T', name: 'Fall', startDate: '2026-08-15', endDate: '2026-12-20' },
    { kind: 'course', sourceId: 'math', name: 'Math', number: 'M1' },
    { kind: 'course', sourceId: 'art', name: 'Art' },
    student('a1', ['A']),
    student('a2', ['A']),
    student('b1', ['B']),
    student('b2', ['B']),
    {
      kind: 'user',
      sourceId: 'teacher-a',
      name: { first: 'Ann', last: 'Alder' },
      email: 'ann@alder.example',
      roles: {
        teacher: { schools: ['A'] },
        contact: { relationships: [{ student: 'b2', relationship: 'Parent', type: 'Parent/Guardian' }] },
      },
    },
    {
      kind: 'user',
      sourceId: 'teacher-b',
      name: { first: 'Ben', last: 'Birch' },
      roles: { teacher: { schools: ['B'] } },
    },
    {
      kind: 'user',
      sourceId: 'parent-a1',
      name: { first: 'Pat', last: 'Pine' },
      roles: {
        contact: {
          phone: '(555) 555-0102',
          relationships: [
            { student: 'a1', relationship: 'Parent', type: 'Parent/Guardian' },
            { student: 'b1', relationship: 'Parent', type: 'Parent/Guardian' },
          ],
        },
      },
    },
    { kind: 'user', sourceId: 'staff-a', name: { last: 'Ash' }, roles: { staff: { schools: ['A'] } } },
    { kind: 'user', sourceId: 'admin', name: { last: 'Oak' }, roles: { districtAdmin: { title: 'IT' } } },
    {
      kind: 'section',
      sourceId: 'sec-a',
      name: 'Math A',
      school: 'A',
      course: 'math',
      term: 'T',
      teachers: ['teacher-a'],
      students: ['a1', 'a2', 'b1'],
    },
    {
      kind: 'section',
      sourceId: 'sec-b',
      name: 'Art B',
      school: 'B',
      course: 'art',
      term: 'T',
      teachers: ['teacher-b'],
      students: ['b1', 'b2'],
    },
    {
      kind: 'resource',
      sourceId: 'book',
      resourceId: 'v-book',
      title: 'The Book',
      roles: ['teacher', 'student'],
      courses: [],
      sections: ['sec-a', 'sec-b'],
    },
    {
      kind: 'resource',
      sourceId: 'guide',
      resourceId: 'v-guide',
      title: 'The Guide',
      roles: ['teacher'],
      courses: ['math'],
      sections: ['sec-a'],
    },
    {
      kind: 'resource',
      sourceId: 'loose',
      resourceId: 'v-loose',
      roles: ['student'],
      courses: ['art'],
      sections: [],
    },
  ];
}

export function student(sourceId: string, schools: string[], dob = '2012-03-04'): SourceRecord {
  return {
    kind: 'user',
    sourceId,
    name: { first: sourceId.toUpperCase(), last: 'Pupil' },
    roles: {
      student: {
        schools,
        enrollments: schools.map((school) => ({ school, startDate: '2026-08-15' })),
        dob,
        grade: '8',
      },
    },
  };
}
