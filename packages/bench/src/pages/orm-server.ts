import 'reflect-metadata';
import { instanceToPlain } from 'class-transformer';
import { DataSource, EntitySchema, MoreThan } from 'typeorm';
import { linksOf, OPEN_SEQ, PAGE_LENGTH, peer, POOL_SIZE, servePages } from './page-server.js';

class RecordVersion {
  districtId!: string;
  kind!: string;
  recordId!: string;
  fromSeq!: string;
  toSeq!: string;
  digest!: string;
  roleMask!: number;
  createdAt!: Date;
  doc!: object;
}

const RecordVersions = new EntitySchema<RecordVersion>({
  name: 'RecordVersion',
  tableName: 'record_versions',
  target: RecordVersion,
  columns: {
    districtId: { name: 'district_id', type: 'text', primary: true },
    kind: { type: 'text', primary: true },
    recordId: { name: 'record_id', type: 'text', primary: true },
    fromSeq: { name: 'from_seq', type: 'bigint', primary: true },
    toSeq: { name: 'to_seq', type: 'bigint', primary: true },
    digest: { type: 'uuid' },
    roleMask: { name: 'role_mask', type: 'smallint' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
    // As a jsonb column would come: parsed.
    doc: {
      type: 'text',
      transformer: { from: (text: string) => JSON.parse(text) as object, to: JSON.stringify },
    },
  },
});

/** The usual way: TypeORM finds entities, class-transformer makes them plain, JSON.stringify writes them. */
const dataSource = await new DataSource({
  type: 'postgres',
  url: peer.DATABASE_URL,
  entities: [RecordVersions],
  extra: { max: POOL_SIZE },
}).initialize();
const repository = dataSource.getRepository(RecordVersions);

servePages(async (url, after) => {
  const found = await repository.find({
    where: { districtId: peer.DISTRICT_ID, kind: 'user', recordId: MoreThan(after), toSeq: OPEN_SEQ },
    order: { recordId: 'ASC' },
    take: PAGE_LENGTH,
  });
  const plain = instanceToPlain(found) as RecordVersion[];
  const data = plain.map(({ doc, recordId }) => ({ data: doc, uri: `/v3.0/users/${recordId}` }));
  const links = linksOf(url, found[0]?.recordId ?? '', found.at(-1)?.recordId ?? '');
  return JSON.stringify({ data, links });
});
