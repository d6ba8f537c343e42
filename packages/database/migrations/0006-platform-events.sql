-- What happened to an app's grants, tokens, keys and rosters: told by webhook, and read from a list.

-- Written in the transaction of what happened. The list goes by (xid, number) and ends below the oldest transaction that is
-- not yet over, so that one which commits late is never skipped by a cursor that has moved on.
create table platform_events (
  app_id wire_id not null references apps,
  xid xid8 not null default pg_current_xact_id(),
  number bigint generated always as identity,
  id wire_id not null constraint platform_events_id_key unique,
  type text collate "C" not null,
  district_id wire_id references districts,
  -- Ids, dates and numbers alone.
  data jsonb not null,
  at timestamptz not null default now(),
  primary key (app_id, xid, number)
);
create index platform_events_at on platform_events (at);

-- The last event of an app that has been pruned: a cursor before it has lost something.
create table platform_event_floors (
  app_id wire_id primary key references apps,
  xid xid8 not null,
  number bigint not null
);

create table webhooks (
  app_id wire_id not null references apps,
  id wire_id not null constraint webhooks_id_key unique,
  url text not null,
  -- Which events it is told of; empty: all.
  types text[] not null default '{}',
  description text not null default '',
  is_enabled boolean not null default true,
  -- When its receiver answered that it is gone.
  gone_at timestamptz,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  primary key (app_id, id)
);

-- What its deliveries are signed with, sealed; after a rotation the one before signs as well, until it ends.
create table webhook_seals (
  id wire_id primary key,
  webhook_id wire_id not null references webhooks (id) on delete cascade,
  sealed bytea not null,
  created_at timestamptz not null default now(),
  ends_at timestamptz
);
create index webhook_seals_webhook on webhook_seals (webhook_id, created_at);

-- One event on its way to one webhook: the outbox.
create table webhook_deliveries (
  id wire_id primary key,
  number bigint generated always as identity,
  webhook_id wire_id not null references webhooks (id) on delete cascade,
  event_id wire_id not null references platform_events (id) on delete cascade,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'dead')),
  -- Those begun in this round; a replay begins a new one.
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  -- Whoever claimed it has until then to say what became of it, and is known by this very instant; then another may.
  claimed_until timestamptz,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index webhook_deliveries_due on webhook_deliveries (webhook_id, due_at) where status = 'pending';
create index webhook_deliveries_webhook on webhook_deliveries (webhook_id, number);
create index webhook_deliveries_event on webhook_deliveries (event_id);

-- What became of each try. Never a body.
create table webhook_attempts (
  id bigint generated always as identity primary key,
  delivery_id wire_id not null references webhook_deliveries on delete cascade,
  at timestamptz not null,
  http_status integer,
  -- What kept it from being answered: a closed list, see the deliverer.
  error text,
  milliseconds integer not null
);
create index webhook_attempts_delivery on webhook_attempts (delivery_id, id);

-- Which stage of the sunset plan an app with a live API key was last told of.
create table key_stages (
  app_id wire_id primary key references apps,
  stage text not null,
  changed_at timestamptz not null default now()
);

-- Writes an event and a delivery to each webhook of the app that is told of its type; of a test, to that webhook alone.
create function record_platform_event(
  p_id text, p_app text, p_district text, p_type text, p_data jsonb, p_webhook text default null
) returns void
language sql volatile security definer set search_path = public, pg_temp as $$
  insert into platform_events (id, app_id, district_id, type, data)
  values (p_id, p_app, p_district, p_type, p_data);
  insert into webhook_deliveries (id, webhook_id, event_id)
  select substr(encode(sha256(convert_to(p_id || w.id, 'UTF8')), 'hex'), 1, 24), w.id, p_id
  from webhooks w
  where w.app_id = p_app and w.is_enabled
    and case when p_webhook is null then w.types = '{}' or p_type = any (w.types) else w.id = p_webhook end
  order by w.id;
$$;
revoke execute on function record_platform_event(text, text, text, text, jsonb, text) from public;

-- After a dump has been restored into another cluster its transactions' numbers mean nothing, and would hide events until
-- that cluster comes by them. Such events go to the front, in the order of their own numbers.
create function readmit_platform_events() returns void
language sql volatile security definer set search_path = public, pg_temp as $$
  update platform_events set xid = '0'
  where exists (select from platform_events where xid >= pg_snapshot_xmax(pg_current_snapshot()));
  update platform_event_floors set xid = '0' where xid >= pg_snapshot_xmax(pg_current_snapshot());
$$;
revoke execute on function readmit_platform_events() from public;

create function notify_platform_events() returns trigger language plpgsql as $$
begin
  perform pg_notify('platform_events', '');
  return null;
end $$;
create trigger platform_events_notify after insert on platform_events
  for each statement execute function notify_platform_events();
revoke execute on function notify_platform_events() from public;

-- admin and token-service tell of what they do; the token service delivers and lists. data-api has no part in it.
grant execute on function record_platform_event(text, text, text, text, jsonb, text)
  to hallpass_admin, hallpass_token_service;
grant execute on function readmit_platform_events() to hallpass_token_service;
grant select, delete on platform_events to hallpass_token_service;
grant select, insert, update on platform_event_floors, key_stages to hallpass_token_service;
grant select, insert, update, delete on webhooks, webhook_seals, webhook_deliveries to hallpass_token_service;
grant select, insert on webhook_attempts to hallpass_token_service;
grant select (id, app_id, revoked_at) on api_keys to hallpass_token_service;
