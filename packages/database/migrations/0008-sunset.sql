-- Retiring keys: steps that are only tried, plans of single apps, changes that wait for a second person, what apps were told,
-- and mail.

update sunset_plan
set steps = coalesce((select jsonb_agg(step || '{"mode": "enforce"}') from jsonb_array_elements(steps) step), '[]');

-- Moved by every change of what the plan says to any app: a change that waits is made upon one revision, and upon no other.
alter table sunset_plan add revision bigint not null default 0;

-- An app's own plan, in the place of the one for all.
create table sunset_app_plans (
  app_id wire_id primary key references apps,
  announced_at timestamptz,
  steps jsonb not null default '[]',
  brownouts jsonb not null default '[]',
  refused_at timestamptz,
  reason text not null,
  changed_at timestamptz not null default now()
);

-- Changes that would end the keys of apps in live use sooner: made when a second person says so.
create table sunset_proposals (
  id wire_id primary key,
  -- {"type": "plan", ...}, {"type": "app-plan", "appId", ...} or {"type": "extension", "appId", ...}
  change jsonb not null,
  revision bigint not null,
  -- Whose keys would end sooner.
  app_ids text[] not null,
  status text not null default 'waiting' check (status in ('waiting', 'approved', 'declined')),
  proposed_by wire_id not null references operators,
  proposed_at timestamptz not null default now(),
  decided_by wire_id references operators,
  decided_at timestamptz,
  constraint sunset_proposals_second_person check (status <> 'approved' or decided_by <> proposed_by)
);
create index sunset_proposals_waiting on sunset_proposals (id) where status = 'waiting';

-- What an app with a live key was last told: days before which end of its keys, and when of its migration.
alter table key_stages
  add ending_days integer,
  add ending_at timestamptz,
  add digest_at timestamptz;

-- Who is told by mail of what happens to a partner's apps.
alter table partners add notice_addresses text[] not null default '{}';

-- Mail on its way: the outbox of those who have SMTP configured. Kept for a while after it has gone.
create table mails (
  id wire_id primary key,
  number bigint generated always as identity,
  recipients text[] not null,
  subject text not null,
  body text not null,
  status text not null default 'pending' check (status in ('pending', 'sent', 'dead')),
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  claimed_until timestamptz,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index mails_due on mails (due_at) where status = 'pending';

-- How far the demo's clock has been moved, for services that are told to go by it.
create table movable_clock (
  is_only boolean primary key default true check (is_only),
  offset_ms bigint not null default 0
);
insert into movable_clock default values;

create or replace function app_facts(a apps) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'id', a.id, 'name', a.name, 'clientId', a.client_id, 'isEnabled', a.is_enabled,
    'extension', (select jsonb_build_object('until', e.until, 'reason', e.reason)
                  from sunset_extensions e where e.app_id = a.id),
    'plan', (select jsonb_build_object('announcedAt', p.announced_at, 'steps', p.steps,
               'brownouts', p.brownouts, 'refusedAt', p.refused_at) from sunset_app_plans p where p.app_id = a.id))
$$;

-- How far services that follow the movable clock are ahead of the time, in milliseconds.
create function clock_offset() returns bigint
language sql stable security definer set search_path = public, pg_temp as $$
  select offset_ms from movable_clock
$$;
revoke execute on function clock_offset() from public;
grant execute on function clock_offset() to hallpass_data_api, hallpass_token_service, hallpass_admin;

grant select, insert, update, delete on sunset_app_plans to hallpass_admin;
grant select, insert, update on sunset_proposals to hallpass_admin;
grant select, update on movable_clock to hallpass_admin;
grant select on mails, key_stages to hallpass_admin;
grant select on sunset_app_plans to hallpass_token_service;
grant select (id, masked, app_id, origin, created_at, revoked_at) on api_keys to hallpass_token_service;
grant select, insert, update, delete on mails to hallpass_token_service;
