import { rows } from '@hallpass/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export interface AuditEntryRow {
  id: number;
  at: Date;
  actorType: string;
  actorId: string | null;
  /** Who it was, by name, where the id still has one. */
  actorName: string | null;
  action: string;
  subjectType: string;
  subjectId: string;
  districtId: string | null;
  before: object | null;
  after: object | null;
  requestId: string | null;
}

/** What is looked for; what is left out may be anything. */
export interface AuditFilter {
  actorType?: string | undefined;
  actorId?: string | undefined;
  /** An action, or what actions begin with: `grant.` finds all of grants. */
  action?: string | undefined;
  subjectType?: string | undefined;
  subjectId?: string | undefined;
  from?: Date | undefined;
  /** Before this instant. */
  until?: Date | undefined;
}

/** The audit log, which nobody changes. */
@Injectable()
export class AuditRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The newest first. */
  list(filter: AuditFilter, page: { before: number | undefined; limit: number }): Promise<AuditEntryRow[]> {
    const { actorType, actorId, action, subjectType, subjectId, from, until } = filter;
    return rows<AuditEntryRow>(
      this.dataSource,
      `select e.id::float8 id, e.at, e.actor_type "actorType", e.actor_id "actorId",
         case e.actor_type
           when 'operator' then (select o.name from operators o where o.id = e.actor_id)
           when 'app' then (select a.name from apps a where a.id = e.actor_id)
           when 'person' then (select nullif(p.name, '') from people p where p.id = e.actor_id)
         end "actorName",
         e.action, e.subject_type "subjectType", e.subject_id "subjectId", e.district_id "districtId", e.before, e.after,
         e.request_id "requestId"
       from audit_log e
       where ($1::text is null or e.actor_type = $1) and ($2::text is null or e.actor_id = $2)
         and ($3::text is null or starts_with(e.action, $3)) and ($4::text is null or e.subject_type = $4)
         and ($5::text is null or e.subject_id = $5) and ($6::timestamptz is null or e.at >= $6)
         and ($7::timestamptz is null or e.at < $7) and ($8::bigint is null or e.id < $8)
       order by e.id desc limit $9`,
      [
        ...[actorType, actorId, action, subjectType, subjectId, from, until, page.before].map(
          (each) => each ?? null,
        ),
        page.limit,
      ],
    );
  }
}
