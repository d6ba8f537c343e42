-- How often each credential is used, for what and with what answer; and what each app was served of each district.

-- By minute, in a partition for each day, kept for 35 days.
create table usage_minutes (
  -- '' for an API key: its calls span districts.
  district_id text collate "C" not null,
  app_id wire_id not null,
  minute timestamptz not null,
  credential_type text collate "C" not null check (credential_type in ('token', 'api-key')),
  -- Of access tokens, which are many and short-lived, the id of their grant.
  credential_id wire_id not null,
  -- Method and pattern, such as "GET /v3.0/users/:id": never an address.
  route text collate "C" not null,
  status smallint not null,
  calls bigint not null,
  records bigint not null,
  primary key (district_id, app_id, minute, credential_type, credential_id, route, status)
) partition by range (minute);

-- The same by day, in UTC, kept for 13 months.
create table usage_days (
  district_id text collate "C" not null,
  app_id wire_id not null,
  day date not null,
  credential_type text collate "C" not null check (credential_type in ('token', 'api-key')),
  credential_id wire_id not null,
  route text collate "C" not null,
  status smallint not null,
  calls bigint not null,
  records bigint not null,
  primary key (district_id, app_id, day, credential_type, credential_id, route, status)
);
create index usage_days_app on usage_days (app_id, day);
create index usage_days_day on usage_days using brin (day);

-- Each district's access log: how many records of each kind an app was served, whichever its credential; kept for 13 months.
create table served_days (
  district_id wire_id not null,
  day date not null,
  app_id wire_id not null,
  credential_type text collate "C" not null check (credential_type in ('token', 'api-key')),
  kind text collate "C" not null,
  -- The answers that held any of them.
  calls bigint not null,
  records bigint not null,
  primary key (district_id, day, app_id, credential_type, kind)
);
create index served_days_day on served_days using brin (day);

-- Those that were given up are counted, as those are that wait.
create index webhook_deliveries_dead on webhook_deliveries (webhook_id) where status = 'dead';

create function make_day_partition(p_parent text, p_day date) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  execute format('create table if not exists %I partition of %I for values from (%L) to (%L)',
    p_parent || '_' || to_char(p_day, 'YYYYMMDD'), p_parent, p_day || ' 00:00+00', (p_day + 1) || ' 00:00+00');
end $$;

-- Makes the partitions of yesterday to a week ahead, and drops those whose time is over. It gives up rather than wait behind a
-- long reading, such as a dump, with everybody else waiting behind it: there is a week for another try.
create or replace function keep_day_partitions(p_now timestamptz) returns void
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
declare
  today date := (p_now at time zone 'UTC')::date;
  kept record;
  old text;
begin
  perform pg_advisory_xact_lock(4736203);
  for kept in
    select * from (values
      ('access_tokens', 1), ('authorization_codes', 1), ('client_assertions', 1), ('usage_minutes', 35)) each (parent, days)
  loop
    perform make_day_partition(kept.parent, day::date) from generate_series(today - 1, today + 7, '1 day') day;
    for old in
      select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = kept.parent::regclass and right(c.relname, 8) < to_char(today - kept.days, 'YYYYMMDD')
    loop
      execute format('drop table %I', old);
    end loop;
  end loop;
end $$;
select keep_day_partitions(now());

-- Adds to all three:
-- {"calls": [{"minute", "app", "district", "type", "id", "route", "status", "calls", "records"}],
--  "served": [{"day", "app", "district", "type", "kind", "calls", "records"}]}.
-- The rows of each table are locked in the order of its key: two processes that write at once wait, and neither for ever.
create function record_usage(p_usage jsonb) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  missing date[];
begin
  -- Whoever counts needs nobody to have kept the partitions.
  select array_agg(day order by day) into missing
  from (select distinct ((e->>'minute')::timestamptz at time zone 'UTC')::date as day from jsonb_array_elements(p_usage->'calls') e) days
  where to_regclass('usage_minutes_' || to_char(day, 'YYYYMMDD')) is null;
  if missing is not null then
    perform pg_advisory_xact_lock(4736203);
    perform make_day_partition('usage_minutes', day) from unnest(missing) day;
  end if;

  insert into usage_minutes as u
    (district_id, app_id, minute, credential_type, credential_id, route, status, calls, records)
  select e->>'district', e->>'app', date_trunc('minute', (e->>'minute')::timestamptz), e->>'type', e->>'id', e->>'route',
    (e->>'status')::smallint, sum((e->>'calls')::bigint), sum((e->>'records')::bigint)
  from jsonb_array_elements(p_usage->'calls') e
  group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5, 6, 7
  on conflict (district_id, app_id, minute, credential_type, credential_id, route, status) do update
    set calls = u.calls + excluded.calls, records = u.records + excluded.records;

  insert into usage_days as u
    (district_id, app_id, day, credential_type, credential_id, route, status, calls, records)
  select e->>'district', e->>'app', ((e->>'minute')::timestamptz at time zone 'UTC')::date, e->>'type', e->>'id', e->>'route',
    (e->>'status')::smallint, sum((e->>'calls')::bigint), sum((e->>'records')::bigint)
  from jsonb_array_elements(p_usage->'calls') e
  group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5, 6, 7
  on conflict (district_id, app_id, day, credential_type, credential_id, route, status) do update
    set calls = u.calls + excluded.calls, records = u.records + excluded.records;

  insert into served_days as s (district_id, day, app_id, credential_type, kind, calls, records)
  select e->>'district', (e->>'day')::date, e->>'app', e->>'type', e->>'kind',
    sum((e->>'calls')::bigint), sum((e->>'records')::bigint)
  from jsonb_array_elements(p_usage->'served') e
  group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
  on conflict (district_id, day, app_id, credential_type, kind) do update
    set calls = s.calls + excluded.calls, records = s.records + excluded.records;
end $$;

revoke execute on function make_day_partition(text, date), record_usage(jsonb) from public;
grant execute on function record_usage(jsonb) to hallpass_data_api, hallpass_token_service, hallpass_admin;
grant select on usage_minutes, usage_days, served_days to hallpass_token_service, hallpass_admin;
grant delete on usage_days, served_days to hallpass_token_service;
