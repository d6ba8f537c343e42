-- Staff who look at a partner's or district's pages: who, at what, why, from when to when. Those people are shown it.
create table viewings (
  id wire_id primary key,
  -- Of the code that hands it over to the portal, good once and for a minute; its keyed hash alone is kept.
  lookup bytea not null constraint viewings_lookup_key unique,
  pepper_version integer not null,
  operator_id wire_id not null references operators,
  person_id wire_id not null references people,
  -- As the member of staff was called then.
  operator_name text not null,
  app_id wire_id references apps,
  district_id wire_id references districts,
  reason text not null,
  created_at timestamptz not null default now(),
  -- Null: the code was not used.
  begun_at timestamptz,
  ends_at timestamptz,
  ended_at timestamptz,
  check (num_nonnulls(app_id, district_id) = 1)
);
create index viewings_app on viewings (app_id, begun_at) where begun_at is not null;
create index viewings_district on viewings (district_id, begun_at) where begun_at is not null;

-- A session that looks in another's place.
alter table sessions add viewing_id wire_id references viewings;

grant select, insert on viewings to hallpass_admin;
grant select, update (begun_at, ends_at, ended_at) on viewings to hallpass_token_service;
grant select (id, role, disabled_at) on operators to hallpass_token_service;

-- What staff see of webhooks, and that they send again what was given up.
grant select on webhooks, webhook_deliveries, webhook_attempts, platform_events to hallpass_admin;
grant update (status, attempts, due_at, claimed_until, ended_at) on webhook_deliveries to hallpass_admin;
