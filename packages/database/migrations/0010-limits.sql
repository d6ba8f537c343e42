-- Bursts, limits of requests in flight, and other limits for single apps and districts.

alter table rate_policies
  -- Units that may come at once; null: as many as requests_max.
  add burst integer check (burst > 0),
  -- Null of a limit of requests in flight.
  alter window_seconds drop not null;

create table rate_overrides (
  id wire_id primary key,
  policy text collate "C" not null,
  app_id wire_id references apps,
  district_id wire_id references districts,
  requests_max integer not null check (requests_max > 0),
  window_seconds integer check (window_seconds > 0),
  burst integer check (burst > 0),
  mode text collate "C" not null check (mode in ('enforce', 'shadow')),
  reason text not null,
  expires_at timestamptz,
  approved_by wire_id not null references operators,
  created_at timestamptz not null default now(),
  unique nulls not distinct (policy, app_id, district_id),
  check (app_id is not null or district_id is not null)
);
create index rate_overrides_app on rate_overrides (app_id);
create index rate_overrides_district on rate_overrides (district_id);

-- The plan alone: the limits have a function of their own.
create or replace function rules_in_force() returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select jsonb_build_object(
    'plan', (select jsonb_build_object('announcedAt', p.announced_at, 'steps', p.steps,
               'brownouts', p.brownouts, 'refusedAt', p.refused_at) from sunset_plan p))
$$;

-- The limits that every service enforces.
create function limits_in_force() returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select jsonb_build_object(
    'policies', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', r.name,
               'subject', r.subject, 'requestsMax', r.requests_max, 'burst', r.burst, 'mode', r.mode))
               || jsonb_build_object('windowSeconds', r.window_seconds)), '[]') from rate_policies r),
    'overrides', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('policy', o.policy,
               'requestsMax', o.requests_max, 'burst', o.burst, 'mode', o.mode, 'reason', o.reason))
               || jsonb_build_object('appId', o.app_id, 'districtId', o.district_id,
               'windowSeconds', o.window_seconds, 'expiresAt', o.expires_at)), '[]')
               from rate_overrides o where o.expires_at is null or o.expires_at > now()))
$$;
revoke all on function limits_in_force() from public;
grant execute on function limits_in_force() to hallpass_data_api, hallpass_token_service, hallpass_admin;
grant select, insert, update, delete on rate_overrides to hallpass_admin;
