import { firstRow, rows } from '@hallpass/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** So many of each are found; who finds more than that says more. */
const FOUND_MAX = 10;

interface Found {
  id: string;
  name: string;
}

interface FoundApp extends Found {
  partnerName: string;
}

interface FoundGrant {
  id: string;
  appId: string;
  appName: string;
  districtId: string;
  districtName: string;
  status: string;
}

interface Counts {
  districts: number;
  districtsWithoutRoster: number;
  importsOverdue: number;
  importsRunning: number;
  importsHeld: number;
  deliveriesPending: number;
  deliveriesDead: number;
  deliveriesOverdueSeconds: number;
  mailsPending: number;
  mailsDead: number;
  proposalsWaiting: number;
  databaseBytes: number;
}

interface HeldImport {
  id: string;
  districtId: string;
  districtName: string;
  startedAt: Date;
}

/** What staff begin with. */
@Injectable()
export class OverviewRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Partners, apps and districts by a part of their name, and anything by its id. */
  async search(q: string) {
    const text = q.trim().toLowerCase();
    const named = (name: string, id: string) => `(strpos(lower(${name}), $1) > 0 or ${id} = $1)`;
    // Names that begin with the text come first.
    const order = (name: string, id: string) =>
      `order by (strpos(lower(${name}), $1) = 1) desc, ${name}, ${id} limit $2`;
    const find = <T extends object>(sql: string) => rows<T>(this.dataSource, sql, [text, FOUND_MAX]);
    const [partners, apps, districts, grants] = await Promise.all([
      find<Found>(
        `select p.id, p.name from partners p where ${named('p.name', 'p.id')} ${order('p.name', 'p.id')}`,
      ),
      find<FoundApp>(
        `select a.id, a.name, p.name "partnerName" from apps a join partners p on p.id = a.partner_id
         where ${named('a.name', 'a.id')} or a.client_id = $1 ${order('a.name', 'a.id')}`,
      ),
      find<Found>(
        `select d.id, d.name from districts d where ${named('d.name', 'd.id')} ${order('d.name', 'd.id')}`,
      ),
      find<FoundGrant>(
        `select g.id, g.app_id "appId", a.name "appName", g.district_id "districtId", d.name "districtName", g.status
         from grants g join apps a on a.id = g.app_id join districts d on d.id = g.district_id
         where g.id = $1 or g.id = (select t.grant_id from tokens t where t.id = $1) limit $2`,
      ),
    ]);
    return { partners, apps, districts, grants };
  }

  /** Imports that wait for an answer, the latest first. */
  heldImports(): Promise<HeldImport[]> {
    return rows<HeldImport>(
      this.dataSource,
      `select i.id, i.district_id "districtId", d.name "districtName", i.started_at "startedAt"
       from imports i join districts d on d.id = i.district_id
       where i.status = 'held' order by i.started_at desc, i.id limit $1`,
      [FOUND_MAX],
    );
  }

  /** How much waits where. */
  async system(): Promise<Counts> {
    const found = await firstRow<Counts>(
      this.dataSource,
      `select
           (select count(*) from districts)::int districts,
           (select count(*) from districts where last_import_at is null)::int "districtsWithoutRoster",
           (select count(*) from districts where last_import_at < now() - interval '1 day')::int "importsOverdue",
           (select count(*) from imports where status = 'running')::int "importsRunning",
           (select count(*) from imports where status = 'held')::int "importsHeld",
           l.pending "deliveriesPending", l.dead "deliveriesDead", l.overdue_seconds "deliveriesOverdueSeconds",
           (select count(*) from mails where status = 'pending')::int "mailsPending",
           (select count(*) from mails where status = 'dead')::int "mailsDead",
           (select count(*) from sunset_proposals where status = 'waiting')::int "proposalsWaiting",
           pg_database_size(current_database())::float8 "databaseBytes"
         from delivery_lag() l`,
    );
    if (!found) throw new Error('the database answered with nothing');
    return found;
  }
}
