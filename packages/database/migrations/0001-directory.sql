-- Who may read what: partners, apps, districts, grants, tokens, keys, and the plan that retires keys.
-- Ids are 24 lower-case hex characters; collation "C" keeps their order that of bytes, on every machine.

create domain wire_id as text collate "C" check (value ~ '^[0-9a-f]{24}$');

create table partners (
  id wire_id primary key,
  name text not null constraint partners_name_key unique,
  created_at timestamptz not null default now()
);

create table apps (
  id wire_id primary key,
  partner_id wire_id not null references partners,
  name text not null,
  client_id text collate "C" not null constraint apps_client_id_key unique,
  is_enabled boolean not null default true,
  requested_fields jsonb not null,
  -- Those of them that a district cannot hide from it.
  required_fields jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint apps_partner_name_key unique (partner_id, name)
);

-- Secrets are looked up by keyed hash; the pepper is not in the database.
create table client_secrets (
  id wire_id primary key,
  app_id wire_id not null references apps,
  lookup bytea not null constraint client_secrets_lookup_key unique,
  masked text not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
create index client_secrets_app on client_secrets (app_id);

create table api_keys (
  id wire_id primary key,
  app_id wire_id not null references apps,
  lookup bytea not null constraint api_keys_lookup_key unique,
  masked text not null,
  origin text not null check (origin in ('issued', 'imported')),
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
create index api_keys_app on api_keys (app_id);

create table operators (
  id wire_id primary key,
  name text not null constraint operators_name_key unique,
  role text not null check (role in ('auditor', 'operator', 'administrator')),
  lookup bytea not null constraint operators_lookup_key unique,
  masked text not null,
  created_at timestamptz not null default now(),
  disabled_at timestamptz
);

create table districts (
  id wire_id primary key,
  name text not null,
  -- Key of the district's record ids; see recordIdOf.
  record_key bytea not null,
  -- The district clock: moved by each import and by each change of what a grant shares.
  seq bigint not null default 0,
  -- Pictures before this one have been pruned.
  floor_seq bigint not null default 0,
  last_import_at timestamptz,
  created_at timestamptz not null default now()
);

create table grants (
  district_id wire_id not null references districts,
  id wire_id not null constraint grants_id_key unique,
  app_id wire_id not null references apps,
  status text not null check (status in ('requested', 'active', 'paused', 'revoked')),
  selection jsonb not null,
  fields jsonb not null,
  -- Names what the rule shows, as its last grant_rules row does.
  fingerprint text collate "C" not null,
  starts_at timestamptz,
  ends_at timestamptz,
  -- The rule that the grant is being changed to; until its visible set stands, the grant answers nothing.
  narrowing_to jsonb,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  primary key (district_id, id)
);
-- One grant in force for an app in a district.
create unique index grants_one_in_force on grants (district_id, app_id) where status <> 'revoked';
create index grants_app on grants (app_id, district_id);

-- What a grant has shared, from which seq on: events are told, and old pictures cut, by the rule of their time.
create table grant_rules (
  district_id wire_id not null,
  grant_id wire_id not null,
  from_seq bigint not null,
  -- Name the visible set and its links; '' is the roster itself.
  fingerprint text collate "C" not null,
  links_fingerprint text collate "C" not null,
  selection jsonb not null,
  fields jsonb not null,
  -- When the next rule took its place.
  ended_at timestamptz,
  primary key (district_id, grant_id, from_seq),
  foreign key (district_id, grant_id) references grants (district_id, id)
);
create index grant_rules_fingerprint on grant_rules (district_id, fingerprint);

-- The records whose appearance a change of the grant's rule changed, for its events.
create table grant_changes (
  district_id text collate "C" not null,
  grant_id text collate "C" not null,
  seq bigint not null,
  kind text collate "C" not null,
  record_id text collate "C" not null
);
create unique index grant_changes_order
  on grant_changes (district_id, grant_id, seq, substr(record_id, 10), kind, record_id);

create table tokens (
  district_id wire_id not null,
  id wire_id not null constraint tokens_id_key unique,
  grant_id wire_id not null,
  app_id wire_id not null references apps,
  lookup bytea not null constraint tokens_lookup_key unique,
  masked text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (district_id, id),
  foreign key (district_id, grant_id) references grants (district_id, id)
);
create index tokens_grant on tokens (district_id, grant_id);
create index tokens_app on tokens (app_id, id);

-- Apart from the look-up, and readable by the token service alone: the secret again, sealed.
create table token_seals (
  district_id wire_id not null,
  token_id wire_id not null,
  sealed bytea not null,
  primary key (district_id, token_id),
  foreign key (district_id, token_id) references tokens (district_id, id) on delete cascade
);

create table sunset_plan (
  is_only boolean primary key default true check (is_only),
  announced_at timestamptz,
  steps jsonb not null default '[]',
  brownouts jsonb not null default '[]',
  refused_at timestamptz,
  changed_at timestamptz not null default now()
);
insert into sunset_plan default values;

create table sunset_extensions (
  app_id wire_id primary key references apps,
  until timestamptz not null,
  reason text not null,
  approved_by wire_id not null references operators,
  created_at timestamptz not null default now()
);

create table rate_policies (
  name text primary key,
  subject text not null check (subject in ('token', 'api-key', 'app', 'district', 'address')),
  requests_max integer not null check (requests_max > 0),
  window_seconds integer not null check (window_seconds > 0),
  mode text not null check (mode in ('enforce', 'shadow')),
  changed_at timestamptz not null default now()
);

-- What was changed by whom. Nothing is ever altered in it or taken from it.
create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor_type text not null check (actor_type in ('operator', 'system')),
  actor_id wire_id,
  action text not null,
  subject_type text not null,
  subject_id text collate "C" not null,
  district_id wire_id,
  before jsonb,
  after jsonb,
  request_id text
);
create index audit_log_subject on audit_log (subject_type, subject_id, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end $$;
create trigger audit_log_append_only before update or delete on audit_log
  for each row execute function refuse_change();
create trigger audit_log_never_emptied before truncate on audit_log
  for each statement execute function refuse_change();

-- What processes must forget. A row is written in the transaction that changes the authority; NOTIFY wakes the listeners,
-- and they poll in case it did not. Ids would be handed out before they commit, so a poll goes by transaction: every one that
-- was not yet over at the last poll is looked at again.
create table authority_changes (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  xid xid8 not null default pg_current_xact_id(),
  -- 'app', 'grant', 'token', 'api-key' and the id of what changed; 'rules' for the plan and the policies.
  subject_type text not null,
  subject_id text collate "C" not null
);

create index authority_changes_xid on authority_changes (xid);

create function notify_authority_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('authority_changes', '');
  return null;
end $$;
create trigger authority_changes_notify after insert on authority_changes
  for each statement execute function notify_authority_change();
