import { withClient } from './client.js';

const PARTS = {
  domains: `select format('create domain %s as %s%s %s', t.typname, format_type(t.typbasetype, t.typtypmod),
      (select format(' collate "%s"', o.collname) from pg_collation o where o.oid = t.typcollation),
      (select string_agg(pg_get_constraintdef(c.oid), ' ') from pg_constraint c where c.contypid = t.oid)) line
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where t.typtype = 'd' and n.nspname = 'public' order by t.typname`,
  tables: `select format(E'create table %s (\\n%s\\n)%s', c.relname, string_agg(line, E',\\n' order by place, line),
      coalesce(' partition by ' || lower(pg_get_partkeydef(c.oid)), '')) line
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    cross join lateral (
      select 0 + a.attnum place, format('  %s %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        case when co.collname = 'C' and a.atttypid <> 'wire_id'::regtype then ' collate "C"' else '' end,
        case when a.attidentity = 'a' then ' generated always as identity'
             when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end,
        case when a.attnotnull then ' not null' else '' end) line
      from pg_attribute a
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      left join pg_collation co on co.oid = a.attcollation
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      union all
      select 10000, format('  constraint %s %s', k.conname, pg_get_constraintdef(k.oid))
      from pg_constraint k where k.conrelid = c.oid and k.contype <> 'n'
    ) parts
    where c.relkind in ('r', 'p') and not c.relispartition and n.nspname = 'public' and c.relname <> 'migrations'
    group by c.oid, c.relname order by c.relname`,
  indexes: `select pg_get_indexdef(i.indexrelid) line from pg_index i
    join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
    order by c.relname`,
  triggers: `select pg_get_triggerdef(t.oid) line from pg_trigger t
    where not t.tgisinternal order by t.tgrelid::regclass::text, t.tgname`,
  functions: `select rtrim(pg_get_functiondef(p.oid), E'\\n') line from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public' order by p.proname`,
  rights: `select format('grant %s on %s to %s', lower(string_agg(right_given, ', ' order by right_given)), what, grantee) line
    from (
      select privilege_type right_given, table_name::text what, grantee::text from information_schema.role_table_grants
      where table_schema = 'public' and grantee like 'hallpass\\_%'
      union all
      select 'EXECUTE', 'function ' || p.oid::regprocedure, acl.grantee::regrole::text
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace, aclexplode(p.proacl) acl
      where n.nspname = 'public' and acl.grantee <> 0 and acl.grantee::regrole::text like 'hallpass\\_%'
    ) rights group by what, grantee order by what, grantee`,
} as const;

const HEADER = `-- The schema that the migrations make, for reviewers: what a change of them comes to.
-- Written by \`pnpm --filter @hallpass/database schema\`; a test holds it against the migrations.
`;

/** The schema of the database at the address, as text that is equal for equal schemas. */
export function dumpSchema(url: string): Promise<string> {
  return withClient(url, async (client) => {
    const sections: string[] = [HEADER];
    for (const [title, sql] of Object.entries(PARTS)) {
      const { rows } = await client.query<{ line: string }>(sql);
      sections.push(`-- ${title}\n\n${rows.map(({ line }) => `${line};`).join('\n\n')}\n`);
    }
    return sections.join('\n');
  });
}
